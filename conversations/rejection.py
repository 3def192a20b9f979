"""
How customers say that an answer missed: they turn it down in words, or ask the same again.

Both are read from the words alone, before any model, so that they mean the same in ten years. They are weak evidence and only ever
against an answer: what is missed here costs a ticket, what is taken for a rejection wrongly costs a look.
"""

from __future__ import annotations

import re

from conversations.text import normalised

LONGEST = 80  # characters; a longer message says what it wants, and the model reads that
GRAM = 3  # characters compared at a time
FEWEST = 6  # trigrams of a message from which it says enough to be repeated
SAME_AGAIN = (
    0.45  # share of trigrams in common, from which a message repeats another in other words
)

# Explicit ones only: a bare "no" answers "did that help?" as well as "anything else?".
_PHRASES = (
    r"(that|this|it) ?(is|s|was)? ?(not|isn t|wasn t|ain t) (it|what i|my question|the (answer|question)|helpful|(right|correct|true)$)",
    r"not what i (asked|meant|want|wanted|need|needed|said|was asking|am asking|m asking)",
    r"(did|does|do)(n t| not) (answer|help)",
    r"(wrong|unrelated|useless|irrelevant) (answer|reply|response)",
    r"you (misunderstood|got (it|me|that) wrong|re wrong|are wrong)",
    r"i (already )?(tried|did) that( already)?",
    r"das (ist|war|meine|meinte) (nicht|ich nicht|falsch)|nicht (gefragt|gemeint|hilfreich)|falsche antwort|hilft (mir )?nicht",
    r"ce n est pas (ça|cela|ma question|ce que)|mauvaise réponse|(ne|n) (m )?(répond|aide) pas|pas ma question",
    r"no es (eso|lo que|mi pregunta)|no (me )?(ayuda|responde|sirve)|respuesta (incorrecta|equivocada)",
    r"non è (quello|questo|la mia domanda|ciò)|non (mi )?(aiuta|risponde)|risposta sbagliata",
    r"não (é|era) (isso|o que|a minha pergunta)|não (me )?(ajuda|ajudou|responde)|resposta errada",
    r"dat (is|was|bedoel ik) niet|niet wat ik|verkeerd antwoord|helpt (me )?niet",
    r"(nie o to|to nie to)|nie pomaga|zła odpowiedź",
    r"(не то|это не то|не помогло|не помогает|неправильный ответ)",
    r"不是这个|不是這個|不对|不對|答非所问|答非所問|没有?用|沒有?用|不是我(问|問|想)",
    r"違います|違う|そうじゃな|役に立(たない|ちません)",
)
_REJECTS = re.compile("|".join(f"(?:{phrase})" for phrase in _PHRASES))


def rejects(text: str) -> bool:
    """Return whether a message that follows an answer turns it down."""
    return len(text) <= LONGEST and _REJECTS.search(normalised(text)) is not None


def repeats(text: str, before: str) -> bool:
    """Return whether a message asks the same as the one before it, in the same or other words."""
    one, other = _grams(text), _grams(before)
    shorter = min(len(one), len(other))
    return shorter >= FEWEST and len(one & other) >= SAME_AGAIN * shorter


def _grams(text: str) -> set[str]:
    words = f" {normalised(text)} "
    return {words[at : at + GRAM] for at in range(len(words) - GRAM + 1)}
