"""
How customers say that an answer missed: they turn it down in words, or ask the same again.

Both are read from the words alone, before any model, so that they mean the same in ten years. They are weak evidence and only ever
against an answer: what is missed here costs a ticket, what is taken for a rejection wrongly costs a look.
"""

# ruff: noqa: RUF001 - Russian has its own letters

from __future__ import annotations

import re

from conversations.text import normalised

LONGEST = 80  # characters; a longer message says what it wants, and the model reads that
GRAM = 3  # characters compared at a time
FEWEST = 6  # trigrams of a message from which it says enough to be repeated
SAME_AGAIN = (
    0.45  # share of trigrams in common, from which a message repeats another in other words
)

# Explicit ones only; what says no and nothing else is below.
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


# A whole message that says no, or that nothing was understood. After an answer that itself asks something it may be the reply to that.
_BARE = (
    r"(oh |but |still |um |hmm )*(no|nope|nah|wrong|neither|none|incorrect)( no| sorry| thanks?| thank you| it (is|s) not)*",
    r"(no )?(that|this|it) ?(is|s|was)? ?(wrong|not (it|right|helpful|what i (meant|asked|wanted))|still wrong)",
    r"(no )?(neither|none|not (one|any)) of (these|those|them|the above|both)|not (really|helpful|that|quite|those|these)",
    r"i (do not|don t|dont|didn t|did not) (understand|get it|get that|follow)( (that|this|it|you))?|what|huh|eh|sorry|pardon|come again|really|seriously|are you (serious|kidding)",
    r"[?!\s]*[?][?!\s]*",
    r"(nein|nee|nö|falsch|keine?s? (davon|von beiden)|nicht hilfreich|das stimmt nicht|ich verstehe (das |sie )?nicht|wie bitte|wirklich|hä)",
    r"(non|faux|aucune?( (des deux|de ces choix))?|pas utile|je ne comprends pas|pardon|comment|vraiment)",
    r"(no|falso|ningun[oa]( de (estos|estas|esos|los dos))?|no (lo )?entiendo|cómo|en serio)",
    r"(não|errado|nenhum[a]?( (deles|destes|delas))?|não (entendi|entendo)|nessun[oa]( di (questi|queste))?|non (capisco|ho capito))",
    r"(nee|geen van (beide|deze)|ik snap het niet|nie|żadne( z tych)?|nie rozumiem|нет|неверно|ни одно(го)?( из (них|этих))?|не понимаю|я не понял[а]?)",
    r"(لا|خطأ|لا هذا ولا ذاك|لم أفهم|לא|אף אחד|לא הבנתי|नहीं|गलत|समझ नहीं आया)",
    r"(不|不是|不对|不對|都不是|都不对|都不對|没有|沒有|不懂|没看懂|沒看懂|什么|什麼|いいえ|どれでもない|わかりません|分かりません)(的|啊|呀|吧|です)?",
)
_DENIES = re.compile("|".join(f"(?:{phrase})" for phrase in _BARE))


def rejects(text: str) -> bool:
    """Return whether a message that follows an answer turns it down."""
    return len(text) <= LONGEST and _REJECTS.search(normalised(text)) is not None


def denies(text: str) -> bool:
    """Return whether a whole message says no, or that it was not understood, and nothing else."""
    return len(text) <= LONGEST and _DENIES.fullmatch(normalised(text)) is not None


def repeats(text: str, before: str) -> bool:
    """Return whether a message asks the same as the one before it, in the same or other words."""
    one, other = _grams(text), _grams(before)
    shorter = min(len(one), len(other))
    return shorter >= FEWEST and len(one & other) >= SAME_AGAIN * shorter


def _grams(text: str) -> set[str]:
    words = f" {normalised(text)} "
    return {words[at : at + GRAM] for at in range(len(words) - GRAM + 1)}
