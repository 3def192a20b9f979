"""
How customers show that they have had enough: insults and curses, in twelve languages.

Read from the words alone, and only where nothing else was understood: whoever asks something is answered, whatever the tone. What is
missed here gets a person anyway; what is taken for an insult wrongly gets one more kind sentence.
"""

from __future__ import annotations

import re

from conversations.text import normalised

# At the bot or the firm rather than at the weather: a bare "damn" is no insult.
_WORDS = (
    r"(stupid|useless|idiotic|dumb|crappy?|shitty|worthless|pathetic|moronic?|lousy|rubbish|hopeless|terrible|worst) (\w+ )?(bot|robot|chatbot|machine|thing|service|company|shop|assistant)",
    r"(fuck|fucking|f ck|fck|wtf|bullshit|piss off|screw you|shut up|go to hell|asshole|bastards?|idiots?|morons?|scumbags?)",
    r"you (are|re|r) (so )?(stupid|useless|dumb|an idiot|hopeless|pathetic|no help|a joke|the worst|crap|rubbish)",
    r"(scheiß\w*|scheiss\w*|arschloch|idioten?|halt die (klappe|fresse)|du bist (so )?(dumm|nutzlos|blöd)|(dummer?|blöder?|nutzloser?) (bot|roboter|laden|verein))",
    r"(merde|connards?|abrutis?|ta gueule|va te faire|(tu es|vous êtes|t es) (nuls?|inutiles?|stupides?))",
    r"(mierda|gilipollas|idiotas?|inútil(es)?|cállate|vete al|(eres|sois) (tonto|estúpid[oa]|un inútil))",
    r"(merda|stronz[oi]|idiot[ai]|cretin[oi]|vaffanculo|stai zitto|sei (inutile|stupid[oa]))",
    r"(porra|caralho|burro|cala a boca|(és|você é) (inútil|estúpido|burro))",
    r"(klootzak|kut\w*|rotzooi|hou je (bek|mond)|je bent (dom|nutteloos))",
    r"(kurwa|gówno|debil\w*|zamknij się|jesteś (głupi|bezużyteczny))",
    r"(блять|блядь|сука|дурак|идиот\w*|тупой|тупица|заткнись|дерьмо)",
    r"(傻逼|傻b|垃圾(客服|机器人|店|公司)|废物|滚蛋?|去死|他妈的?|妈的|蠢货|智障|脑残|騙子|骗子)",
    r"(ばか|バカ|馬鹿|くそ|クソ|死ね|うざい|役立たず)",
)
_INSULTS = re.compile("|".join(rf"(?<!\w){words}(?!\w)" for words in _WORDS[:-2]))
_UNSPACED = re.compile("|".join(_WORDS[-2:]))


def rude(text: str) -> bool:
    """Return whether a message insults."""
    said = normalised(text)
    return bool(_INSULTS.search(said) or (not said.isascii() and _UNSPACED.search(said)))
