"""Ways to write a matrix formula differently that keep its value; trees as in random_formulas."""

from fractions import Fraction


def rewritten(rng, tree):
    """Return another tree of the same value: one place of it is written differently."""
    operation, rows, columns, *parts = tree
    below = [k for k, part in enumerate(parts) if isinstance(part, tuple)]
    if below and rng.random() < 0.6:
        k = rng.choice(below)
        changed = [*parts]
        changed[k] = rewritten(rng, parts[k])
        return operation, rows, columns, *changed
    return rng.choice(rewritings(tree))


def rewritings(tree):
    """Return ways to write the top of a tree differently, two of which are always there."""
    operation, rows, columns, *parts = tree
    shape = rows, columns
    half = "number", *shape, Fraction(1, 2), tree
    found = [("T", *shape, ("T", columns, rows, tree)), ("number", *shape, Fraction(2), half)]
    if operation in REWRITINGS:
        found += REWRITINGS[operation](tree)
    if operation in "+*":
        found.append((operation, *shape, parts[1], parts[0]))
    if operation in "+*@" and parts[0][0] == operation:
        found += reassociated(*tree)
    if operation in ("@", "*"):
        found += distributed(*tree)
    return found


def other_relus(tree):
    """Return relu(e) as relu(eᵀ)ᵀ, step(e) e, relu(relu(e)) and step(relu(e)) relu(e)."""
    _, rows, columns, inner = tree
    shape = rows, columns
    return [
        ("T", *shape, ("relu", columns, rows, ("T", columns, rows, inner))),
        ("*", *shape, ("step", *shape, inner), inner),
        ("relu", *shape, tree),
        ("*", *shape, ("step", *shape, tree), tree),
    ]


def other_steps(tree):
    """Return step(e) as step(eᵀ)ᵀ, step(e)² and step(relu(e))."""
    _, rows, columns, inner = tree
    shape = rows, columns
    return [
        ("T", *shape, ("step", columns, rows, ("T", columns, rows, inner))),
        ("*", *shape, tree, tree),
        ("step", *shape, ("relu", *shape, inner)),
    ]


def other_products(tree):
    """Return A B as (Bᵀ Aᵀ)ᵀ."""
    _, rows, columns, *parts = tree
    first, second = (("T", part[2], part[1], part) for part in parts)
    return [("T", rows, columns, ("@", columns, rows, second, first))]


def other_differences(tree):
    """Return a - b as a + (-1) b."""
    _, rows, columns, first, second = tree
    return [("+", rows, columns, first, ("number", *second[1:3], Fraction(-1), second))]


def other_sums(tree):
    """Return the sum along an axis as a product with a matrix of ones."""
    _, rows, columns, inner, axis = tree
    if axis == 0:
        return [("@", rows, columns, ("ones", "1", inner[1]), inner)]
    return [("@", rows, columns, inner, ("ones", inner[2], "1"))]


REWRITINGS = {
    "relu": other_relus,
    "step": other_steps,
    "@": other_products,
    "-": other_differences,
    "sum": other_sums,
}


def reassociated(operation, rows, columns, left, last):
    """Return (a b) c as a (b c), if nothing is broadcast."""
    first, second = left[3:]
    if operation == "@":
        return [("@", rows, columns, first, ("@", second[1], columns, second, last))]
    if any(part[1:3] != (rows, columns) for part in (first, second, last)):
        return []
    return [(operation, rows, columns, first, (operation, rows, columns, second, last))]


def distributed(operation, rows, columns, left, right):
    """Return a (b + c) as a b + a c, if nothing is broadcast."""
    parts = [*right[3:], *([left, right] if operation == "*" else [])]
    same = {part[1:3] for part in parts if isinstance(part, tuple)}
    if right[0] not in "+-" or len(same) > 1:
        return []
    return [(right[0], rows, columns, *((operation, rows, columns, left, p) for p in right[3:]))]
