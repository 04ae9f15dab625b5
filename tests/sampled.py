"""True and claimed gradients side by side, as the explanation of a mistake is made of them."""

from backproof.checking.functions.points import GENERIC, Laboratory
from backproof.checking.functions.samples import samples
from backproof.checking.functions.subjects import subject_of


def sampled(forward, *rest, **options):
    """Return the subject of `check(forward, *rest)` and its samples at generic points."""
    subject = subject_of(forward, *rest, **options)
    laboratory = Laboratory(subject)
    points = [(laboratory.point(start), subject.inputs.sizes(start.family)) for start in GENERIC]
    return subject, samples(laboratory, points)
