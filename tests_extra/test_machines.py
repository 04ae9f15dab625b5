"""The batch split between devices and between processes: the sum is the gradient, whoever dies."""

import ast
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from distributed import Client, LocalCluster, wait

EXAMPLES = Path(__file__).parent.parent / "examples"


def started(script, *arguments):
    """Start an example of the page in a process of its own."""
    return subprocess.Popen(
        [sys.executable, EXAMPLES / script, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def said(process):
    """Return what an example prints, line by line, once it has ended well."""
    shown, errors = process.communicate(timeout=300)
    assert process.returncode == 0, errors
    return shown.splitlines()


def page():
    """Return the text of docs/machines.md."""
    return (EXAMPLES.parent / "docs" / "machines.md").read_text("utf-8")


def free_port():
    """Return a port of this machine that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("localhost", 0))
        return listener.getsockname()[1]


def test_four_devices_give_the_gradient_of_one():
    """The sharded gradient is NumPy's, entry for entry, and what is sent is a sum over all."""
    shown = said(started("sharded.py"))

    assert shown == [
        "processes: 1, devices: 4",
        "communication: all-reduce",
        "equal to NumPy on one machine: True",
    ]
    assert "\n".join(["```text", *shown, "```"]) in page()


def test_two_hosts_give_the_gradient_of_one():
    """The same script in two processes that only share an address, as two hosts would."""
    first = f"localhost:{free_port()}"
    hosts = [started("sharded.py", str(number), "2", first) for number in range(2)]

    for host in hosts:
        lines = said(host)  # among them what JAX's transport says of itself
        shown = [
            "processes: 2, devices: 8",
            "communication: all-reduce",
            "equal to NumPy on one machine: True",
        ]
        assert [line for line in lines if line in shown] == shown
        assert "\n".join(["```text", *shown, "```"]) in page()


def test_a_cluster_that_loses_a_worker_gives_the_gradient_of_one():
    """The example of the page: a worker is killed that keeps parts, and the sum is exact."""
    workers, killed, equal = said(started("cluster.py"))

    assert workers == "workers: 3, parts of the batch: 7"
    assert f"```text\n{workers}\nkilled one worker, and lost 3 of them\n{equal}\n```" in page()
    assert int(killed.removeprefix("killed one worker, and lost ").split()[0]) >= 3
    assert equal == "equal to NumPy on one machine: True"


@pytest.fixture
def cluster(tmp_path):
    """Return a client of three workers, each a process of its own."""
    with (
        LocalCluster(
            n_workers=3,
            threads_per_worker=1,
            processes=True,
            dashboard_address=":0",
            local_directory=tmp_path / "workers",
        ) as made,
        Client(made) as client,
    ):
        yield client


def whole_numbers():
    """Return the network of the example and a batch, in small whole numbers."""
    from backproof.numbers.integers import small_integer_network, small_integers

    generator = np.random.default_rng(2)
    return small_integer_network([3, 5, 4, 2], seed=1), [
        small_integers((D, 40), generator) for D in (3, 2)
    ]


def example():
    """Return the functions of the page's example by their names."""
    space = {"__name__": "cluster"}
    exec(compile((EXAMPLES / "cluster.py").read_text("utf-8"), "cluster.py", "exec"), space)  # noqa: S102
    return space


def test_a_worker_may_die_in_the_middle_of_its_part(cluster, tmp_path):
    """The part is computed again elsewhere: the process kills itself once, while at work."""
    functions, (network, (x, y)) = example(), whole_numbers()
    part, total, died = functions["part"], functions["total"], tmp_path / "died"

    def deadly(network, x, y, *, last):
        if last and not died.exists():
            died.write_text(str(os.getpid()))
            os.kill(os.getpid(), signal.SIGKILL)
        return part(network, x, y)

    columns = np.array_split(np.arange(40), 6)
    parts = [cluster.submit(deadly, network, x[:, i], y[:, i], last=i[-1] == 39) for i in columns]
    found = cluster.submit(total, parts).result(timeout=300)

    assert int(died.read_text()) not in cluster.run(os.getpid).values()
    assert all(map(np.array_equal, found, part(network, x, y)))


def test_parts_that_died_with_their_worker_are_computed_again(cluster, tmp_path):
    """Every part leaves a mark when it is computed: after the death there are more than parts."""
    functions, (network, (x, y)) = example(), whole_numbers()
    part, total = functions["part"], functions["total"]

    def marked(network, x, y, mark):
        (tmp_path / f"{mark}-{os.getpid()}").touch()
        return part(network, x, y)

    columns = np.array_split(np.arange(40), 6)
    parts = [cluster.submit(marked, network, x[:, i], y[:, i], f"part{i[0]}") for i in columns]
    wait(parts)
    before = len(list(tmp_path.glob("part*")))
    lost = functions["kill_one"](cluster, parts)
    found = cluster.submit(total, parts).result(timeout=300)

    assert before == 6
    assert len(list(tmp_path.glob("part*"))) >= before + lost > before
    assert all(map(np.array_equal, found, part(network, x, y)))


@pytest.mark.parametrize("script", ["sharded.py", "cluster.py"])
def test_what_the_page_shows_is_ten_lines(script):
    """The functions shown on the page fit a glance: at most ten statements each."""
    tree = ast.parse((EXAMPLES / script).read_text("utf-8"))
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]

    assert all(len(each.body) - 1 <= 10 for each in functions if each.name != "main")
