"""
Short texts of the team for their own replies, with the Liquid of answers: looked over when they are saved, filled in for a conversation. Pure.

    Hello {{ name | default: "there" }}, this is {{ operator }}.
"""

from __future__ import annotations

from collections.abc import Mapping

from retrieval.sandbox import MAX_ANSWER, LiquidText, Unfit
from retrieval.variables import Variables, meant

OPERATOR = "operator"  # who writes


def variables_for(desk: Variables) -> Variables:
    """Return what these texts may say: what the desk's answers may, and who writes."""
    return Variables(desk.perhaps, {**desk.constants, OPERATOR: OPERATOR})


def refuse_unfit(source: str, variables: Variables) -> None:
    """
    Refuse a text that would be sent broken.

    Raises:
        Unfit: as the end of a sentence about it, and the way out.
    """
    text = LiquidText(source)
    text.look_over()
    if unknown := sorted(text.variables - variables.names):
        names = variables.names
        raise Unfit(
            f"uses {unknown[0]}, which is not known: {meant(unknown[:1], names)}There are {', '.join(sorted(names))}"
        )
    if gap := text.gaps(variables.constants.keys(), variables.perhaps):
        raise Unfit(
            f'says {gap} where it may be unknown: write {{{{ {gap} | default: "..." }}}}, or put it between '
            f"{{% if {gap} %}} and {{% endif %}}"
        )
    for known in ({}, {name: name for name in variables.perhaps}):
        filled = text.render({**variables.constants, **known})
        if not 0 < len(filled) <= MAX_ANSWER:
            raise Unfit(f"must give between 1 and {MAX_ANSWER:,} characters, whatever is known")


def filled(source: str, known: Mapping[str, str]) -> str:
    """Return a text with its variables filled in; as it was written where it is not fit any more, since the desk's variables changed."""
    try:
        return LiquidText(source).render(known)
    except Unfit:
        return source
