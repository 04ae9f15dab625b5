"""What each code means and how to mend it, one by one: `backproof explain BP203`."""

EXPLANATIONS = {
    "BP101": r"""The formula uses notation that the language of equations does not have, or is not
well formed: a brace is open, an operator has no right side.  Nothing is guessed: what cannot be
read is refused.  Write it with the notation that is listed in the guide, or leave the equation
unchecked, with a reason, by the declaration `outside: reason` before it.""",
    "BP102": r"""A command such as \foo is not known.  If it is yours, define it where it is read:
\newcommand in the document, or `backproof_macros` in conf.py.""",
    "BP103": r"""a \odot B c can be read as a \odot (B c) or as (a \odot B) c, and the two differ.
Write the parentheses.""",
    "BP104": r"""The formula is longer, nested deeper, or reaches through more layers than any
meant for a reader.  Split it into several displayed equations.""",
    "BP105": r"""A macro of the author calls itself, has the wrong number of arguments, or opens a
display, which would hide equations from the check.  Write out what it stands for.""",
    "BP201": r"""A letter has no meaning here.  The usual letters of a network are known; any other
is declared, as in `c: vector[D_1]`, in a comment or the front matter.""",
    "BP202": r"""An index has no range, or one that leads out of the network: x_{k-1} at k = 0 does
not exist.  State the range beside the formula, k = 1, \dots, M, or declare it.""",
    "BP203": r"""The two sides, or two factors, have different shapes whatever the widths of the
layers are.  Most often a transpose is missing, or two factors stand in the wrong order.""",
    "BP204": r"""The derivative of a vector by a vector is written in two layouts, and one is the
transpose of the other.  Declare which one is meant, `layout: numerator` or
`layout: denominator`.""",
    "BP205": r"""The formula has more than one meaning under what is declared.  Write parentheses,
or declare the letter that decides.""",
    "BP206": r"""A declaration cannot be read, contradicts another, or stands where it has no
effect.  A declaration is one line, such as `layout: denominator`, `activation: relu`,
`eta: scalar` or `expect: wrong`; the guide lists them all.""",
    "BP207": r"""The formula can be read, but it claims nothing that a check knows how to decide.
State it as an equation between quantities of the network, or leave it unchecked with a reason.""",
    "BP301": r"""The two sides are not the same.  The message holds the smallest case in which they
differ and, where a small edit makes the equation true, that edit.""",
    "BP302": r"""The equation was neither proved nor refuted, which counts as a failure.  Shorter
steps often help: add a step to the chain.""",
    "BP303": r"""The equation is declared `expect: wrong`, but it is true.  Remove the declaration,
or show the mistake that was meant.""",
    "BP304": r"""The equation defines a quantity that the running code computes as well, and
the code computes something else.  One of the two is wrong.""",
    "BP401": r"""No equation was proved or compared with anything.  A check that checks nothing
never succeeds: are the right files named, and are their formulas displayed?""",
    "BP402": r"""The file cannot be opened, is not UTF-8, is of no known format, or holds a display
that is opened and never closed.""",
    "BP403": r"""An equation is left unchecked by `outside:` without saying why.  The reason is
shown to the reader, so it must be there.""",
    "BP901": r"""Two checks that share no code came to different results.  The mistake is in
Backproof, not in the document: please report it with the equation.""",
}
"""Every code with its explanation."""
