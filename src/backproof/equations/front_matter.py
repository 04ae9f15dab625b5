"""The declarations in the front matter of a Markdown page: the list or the text below `backproof:`.

Read line by line, so that each declaration keeps its place, and `- k: scalar` without quotes,
which YAML takes for a mapping, means what it says.
"""

import re
from collections.abc import Iterator

from backproof.equations.documents import Declaration, DocumentRefusal

KEY = re.compile(r"backproof\s*:\s*(.*)")


def declarations(content: str, path: str) -> list[Declaration]:
    """Return the declarations in `content`, the lines between the two `---`.

    Raises DocumentRefusal for a backslash that YAML would take for an escape.
    """
    return list(_declarations(content.split("\n"), path))


def _declarations(lines: list[str], path: str) -> Iterator[Declaration]:
    within = False
    for number, line in enumerate(lines, start=2):
        match = KEY.match(line)
        if match:
            within = True
            text = "" if re.fullmatch(r"[|>][+-]?\d*", match[1].strip()) else match[1]
        elif line.strip() and not line[0].isspace() and not line.startswith("-"):
            within = False
        else:
            text = line.strip().removeprefix("- ")
        if within and text.strip() and not text.startswith("#"):
            place = (path, number, line.find(text) + 1)
            plain = _unquoted(text.strip(), place)
            yield Declaration(plain, path, number, place[2] + line[place[2] - 1 :].find(plain[0]))


def _unquoted(text: str, place: tuple[str, int, int]) -> str:
    quote = text[0]
    if quote not in "\"'" or not text.endswith(quote) or len(text) < 2:
        return text
    inner = text[1:-1]
    if quote == "'":
        return inner.replace("''", "'")
    if re.search(r'(?<!\\)(?:\\\\)*\\(?![\\"])', inner):
        message = f"within double quotes, YAML reads a backslash as an escape: {text}"
        raise DocumentRefusal("BP206", message, place, "Use single quotes.")
    return re.sub(r"\\(.)", r"\1", inner)
