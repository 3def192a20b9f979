"""
What customers say beside the answers to a form's questions: they correct one, have none, or want to leave.

Read from the words alone, in the languages of `conversations.rejection`. Each list is short on purpose: what it misses is read as an
answer, and an answer can be corrected.
"""

# ruff: noqa: RUF001 - Chinese has its own punctuation

from __future__ import annotations

import re

from bot.intake import compatible
from conversations.text import normalised

LONGEST = 80  # characters; a longer message says what it wants

_LEAVES = (
    r"(?:oh |ok(?:ay)? |no |please |actually )?(?:forget (?:it|that|this|about (?:it|that))|never ?mind|cancel(?: (?:it|this|that))?"
    r"|stop(?: (?:it|this|that))?|leave it|drop it|abort|i(?: ve| have)? changed my mind|don t bother|not needed any ?more|quit|exit)",
    r"(?:ach |nein |bitte )?(?:vergiss (?:es|das)|vergessen sie (?:es|das)|egal|schon gut|abbrechen|abbruch|stopp?|lass (?:es|mal|gut sein)"
    r"|lassen sie (?:es|das)|hat sich erledigt|nicht mehr nötig)",
    r"laisse[zr]? tomber|oublie[zr]?(?: ça| cela)?|annule[zr]?(?: ça)?|tant pis",
    r"olvíd[ae](?:lo|melo)|olvidalo|cancel[ae](?:r|lo)?|déj[ae]lo|dejalo|da igual",
    r"lascia (?:stare|perdere)|annulla|non importa|dimenticalo",
    r"esque[cç][ae]|deixa(?: pra lá)?|cancel[ae]r?|não importa",
    r"laat maar|vergeet (?:het|dat)(?: maar)?|annuleren?",
    r"nieważne|zapomnij|anuluj|nie trzeba",
    r"забудь(?:те)?|не надо|неважно|не важно|отмена|отмени(?:те)?",
    r"算了|取消|不用了|不要了|不查了|没事了|沒事了|当我没说|當我沒說",
    r"キャンセル|やめ(?:る|ます|て)|もういい(?:です)?|取り消し",
)
_POLITE = r"(?: ?(?:please|thanks|thank you|then|now|bitte|danke|merci|gracias|grazie|obrigad[oa]|bedankt|dzięki|спасибо|吧|谢谢|謝謝))*"
# What takes something back for sure, and what may as well be a plain no.
_CORRECTS = (
    r"\bi mean(?:t)?\b|\bmeant to (?:say|write|type)\b|\bthe other\b|\bwrong\b|\banother\b|\ba different\b|\bincorrect\b"
    r"|\bnot th(?:at|is|e right) (?:one|number|order|address|date|day)\b|\b(?:is|it s|its) not\b|\bisn t\b|\bmistyped\b|\btypo\b"
    r"|\bcorrection\b|\bactually (?:it|its|it s|the|that)\b|\bshould (?:be|have been)\b|^(?:change|correct)\b",
    r"\bich mein(?:t)?e\b|\bd(?:ie|er|as) andere\b|\bfalsche?\b|\bsondern\b|\bvertippt\b|\bkorrektur\b|\beigentlich\b|\bdoch nicht\b",
    r"\bje voulais dire\b|\bl autre\b|\bmauvais(?:e)?\b|\bplutôt\b",
    r"\bquise decir\b|\bquería decir\b|\b(?:el|la) otr[oa]\b|\bequivocad[oa]\b|\bmejor dicho\b",
    r"\bvolevo dire\b|\bl altr[oa]\b|\bsbagliat[oa]\b|\banzi\b",
    r"\bquis dizer\b|\b[oa] outr[oa]\b|\berrad[oa]\b|\baliás\b",
    r"\bik bedoel(?:de)?\b|\b(?:de|het) andere\b|\bverkeerde?\b",
    r"\bmiałem na myśli\b|\bchodziło mi o\b|\bdrugi(?:e)?\b|\bzły\b|\bpomyłka\b",
    r"\bимел[аи]? в виду\b|\bдругой\b|\bдругое\b|\bошиб\w{1,6}\b",
    r"我是说|我是說|另一个|另一個|另外一个|写错|寫錯|说错|說錯|打错|打錯|不是这个|不是這個|^不对|^不對|应该是|應該是",
    r"じゃなくて|ではなく|もう一つ|間違え|正しくは",
)
_WRONG = (
    r"\bwrong\b|\bincorrect\b|\b(?:is|it s|its) not\b|\bisn t\b|\bfalsch|\bmauvais|\bequivocad|\bsbagliat|\berrad|\bverkeerd|\bzły\b"
    r"|\bошиб|不对|不對|写错|寫錯|打错|打錯|不是|間違"
)
_DENIES = r"^(?:no|nope|sorry|oops|wait|hold on|nein|nee|moment|sorry|non|não|нет|不是?|いや|違う|違います)\b"
_OTHER = (
    r"\b(?:the|my|an)?other (?:one|order|number|parcel|address)\b|\banother\b|\ba different\b|\b(?:ander|zweit)e[nrs]?\b|\bautre\b"
    r"|\botr[oa]\b|\baltr[oa]\b|\boutr[oa]\b|другой|另一个|另一個|另外一|もう一つ|別の"
)
_LACKS = (
    r"\b(?:i )?(?:don t|do not|dont|didn t) (?:have|know|remember|get)\b|\bno idea\b|\bi (?:have )?(?:lost|forgot)\b|\bnot sure\b|\bhaven t got\b|\bcan t find\b",
    r"\bweiß (?:ich )?nicht\b|\bhabe? (?:ich )?(?:keine?n?|nicht|verloren|vergessen)\b|\bkeine ahnung\b|\bfinde? (?:sie|ihn|es) nicht\b",
    r"\bje (?:ne )?(?:l )?(?:sais|ai) pas\b|\bno (?:lo |la )?(?:sé|tengo)\b|\bnon (?:lo |l |ce l )?(?:so|ho)\b|\bnão (?:sei|tenho)\b",
    r"\bweet ik niet\b|\bheb (?:ik )?(?:geen|niet)\b|\bnie (?:wiem|mam|pamiętam)\b|\bне (?:знаю|помню)\b|нет номера",
    r"不知道|没有|沒有|忘了|不记得|不記得|找不到|わかりません|分からない|ありません",
)
_ASKS = (
    r"(?:what|how|where|when|why|who|which|can|could|do|does|did|is|are|will|would|should|may)\b",
    r"(?:was|wie|wo|wann|warum|wer|welche[rsn]?|kann|könn\w{1,4}|gibt|habt|ist|sind)\b",
    r"(?:que|qu|quel(?:le)?s?|comment|où|quand|pourquoi|est ce|qué|cómo|dónde|cuándo|cuánto|come|dove|quando|quanto|como|onde|hoe|waar|wanneer|jak|gdzie|kiedy|как|где|когда|сколько)\b",
    r".*(?:吗|嗎|什么|什麼|怎么|怎麼|哪|多少|为什么|為什麼|几天|幾天|ですか|ますか)",
)
_SKIPS = (
    r"(?:no|nope|none|nothing(?: else)?|skip(?: (?:it|this|that))?|pass|no thanks?|no thank you|n a|not applicable"
    r"|nein(?: danke)?|nichts(?: weiter)?|keine?|überspringen|non(?: merci)?|rien|nada|no gracias|niente|no grazie|não|nee|niets|nie|nic|нет|ничего"
    r"|没有|沒有|不用|不需要|跳过|跳過|无|無|なし|ない|いいえ)"
)

_PAUSES = (
    r"(?:(?:ok(?:ay)?|yes|sure|please) )?(?:(?:just )?(?:wait|hold on|hang on|bear with me)(?: (?:a|one|just a) (?:moment|minute|second|sec|bit))?"
    r"|(?:just )?(?:a|one|1) (?:moment|minute|min|second|sec)|(?:let me|i ll|i have to|i need to) (?:check|look|see|find it|look it up|have a look))",
    r"(?:(?:einen|ein) )?(?:kleinen )?moment(?: mal)?|(?:einen )?augenblick|warte(?:n sie)?(?: (?:mal|kurz))?|sekunde|ich (?:schaue|sehe|suche)(?: mal)?(?: kurz)?(?: nach)?",
    r"(?:un )?(?:instant|moment|seconde)|attende[zr]?(?: un (?:instant|moment))?|(?:un )?momento|espera|espere|un attimo|aspetta|um momento|espere um pouco",
    r"(?:een )?(?:ogenblik|momentje|moment)|wacht even|chwil[aę]|chwileczkę|moment|минут(?:у|ку|очку)|секунду|подождите|сейчас посмотрю",
    r"(?:请|請)?(?:稍等|等一下|等等|等会儿?|等會)(?:一下)?|我(?:找|看|查)(?:一下|找|看|查)?|(?:少々)?(?:お)?待ち?(?:って)?(?:ください)?|ちょっと待って(?:ください)?",
)

_LEAVING = "|".join(f"(?:{one})" for one in _LEAVES)
_LEAVES_WHOLE = re.compile(rf"(?:{_LEAVING}){_POLITE}")
_LEAVES_FIRST = re.compile(rf"(?:{_LEAVING})\b ?(?P<rest>.+)")
_PAUSE = "|".join(f"(?:{one})" for one in _PAUSES)
_PAUSING = re.compile(rf"(?:{_PAUSE})(?: (?:{_PAUSE}))?{_POLITE}")
_CORRECTING = re.compile("|".join(f"(?:{one})" for one in _CORRECTS))
_BLAMING = re.compile(_WRONG)
_DENYING = re.compile(_DENIES)
_ASKING = re.compile("|".join(f"(?:{one})" for one in _ASKS))
_LACKING = re.compile("|".join(f"(?:{one})" for one in _LACKS))
_SKIPPING = re.compile(_SKIPS)
_ANOTHER = re.compile(_OTHER)


def leaves(text: str) -> bool:
    """Return whether a message gives up what it was about, and says nothing else."""
    return (
        len(text) <= LONGEST and _LEAVES_WHOLE.fullmatch(normalised(compatible(text))) is not None
    )


def leaves_for(text: str) -> bool:
    """Return whether a message gives up what it was about, and goes on."""
    return not leaves(text) and _LEAVES_FIRST.match(normalised(compatible(text))) is not None


def pauses(text: str) -> bool:
    """Return whether a message asks for a moment, and says nothing else."""
    return len(text) <= LONGEST and _PAUSING.fullmatch(normalised(compatible(text))) is not None


def corrects(text: str) -> bool:
    """Return whether a message takes back what was said before."""
    return len(text) <= LONGEST and _CORRECTING.search(normalised(compatible(text))) is not None


def blames(text: str) -> bool:
    """Return whether a message says that something in it is wrong; "I meant PP-204817" says that it is right."""
    return _BLAMING.search(normalised(compatible(text))) is not None


def denies(text: str) -> bool:
    """Return whether a message begins like one that takes back what was said before; a plain no does."""
    return len(text) <= LONGEST and _DENYING.match(normalised(compatible(text))) is not None


def asks(text: str) -> bool:
    """Return whether a message is a question, by its mark or its first word."""
    return (
        text.rstrip().endswith(("?", "？"))
        or _ASKING.match(normalised(compatible(text))) is not None
    )


def names_another(text: str) -> bool:
    """Return whether a message is about another one than was talked about."""
    return _ANOTHER.search(normalised(compatible(text))) is not None


def lacks(text: str) -> bool:
    """Return whether a message says that there is no answer to give."""
    return len(text) <= LONGEST and _LACKING.search(normalised(compatible(text))) is not None


def skips(text: str) -> bool:
    """Return whether a message leaves out what may be left out."""
    return _SKIPPING.fullmatch(normalised(compatible(text))) is not None
