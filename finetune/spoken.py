"""The languages that a desk's customers write, as its examples show them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from retrieval.languages import UNKNOWN, language

SPOKEN = (
    0.1  # of the examples; short texts of one language look like others a few times in a hundred
)


def languages_of(texts: Sequence[str], examples: Sequence[str]) -> list[str]:
    """
    Return (n,) the language of each text among those of the examples, none at all where these have one.

    Args:
        texts: (n,) to name the language of.
        examples: of the desk, or as many of them as show what its customers write.
    """
    heard = Counter(language(text) for text in examples)
    enough = SPOKEN * heard.total()
    spoken = sorted(code for code, count in heard.items() if code != UNKNOWN and count >= enough)
    return [language(text, spoken) or spoken[0] for text in texts] if len(spoken) > 1 else []
