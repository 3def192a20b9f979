"""
What customers say that asks for nothing: a yes, a no or an ok, a laugh, a good morning, and what they ask of the bot itself.

Read from the words alone, and only as a whole message: "ok, and where is my parcel" is a question. A desk that has answers of its own to
such words keeps them, since what its Release is sure of comes first. A bare no after an answer turns it down and never comes here.
"""

# ruff: noqa: RUF001 - Russian has its own letters, Chinese its own punctuation

from __future__ import annotations

import re
from enum import StrEnum

from bot.asides import leaves
from conversations.text import normalised

LONGEST = 60  # characters; a longer message says what it wants

# Compared as `normalised` leaves them, which drops the vowel signs of Hindi on both sides.
_YES = """
    yes|yeah|yep|yup|ya|sure|please|yes please|please do|sure thing|of course|go ahead|do that|do it|ok|okay|okey|ok please|okay please|ok yes
    yes thanks|yes thank you|absolutely|definitely|sounds good|that would be great|that would be good|i would|i d like that|k|👍|👌
    ja|ja bitte|ja gern|ja gerne|gern|gerne|bitte|klar|natürlich|in ordnung|einverstanden
    oui|oui s il vous plaît|oui svp|oui merci|d accord|volontiers|bien sûr
    sí|si|sí por favor|si por favor|por favor|claro|vale|de acuerdo|sì|sì grazie|va bene|certo
    sim|sim por favor|claro que sim|pode ser|está bem|tudo bem|ja graag|graag|tak|tak proszę|poproszę|dobrze
    да|да пожалуйста|давайте|давай|пожалуйста|конечно|хорошо|ок
    نعم|نعم من فضلك|أجل|من فضلك|حسنا|حسنًا|طبعا|أكيد|כן|כן בבקשה|בבקשה|בסדר|בטח
    हाँ|हां|जी|जी हाँ|हाँ जी|हाँ कृपया|ठीक है|ज़रूर
    是|是的|好|好的|好吧|好啊|好呀|行|行吧|可以|嗯|嗯嗯|对|對|对的|要|要的|需要|麻烦了|麻煩了|好的谢谢|好的謝謝|好 谢谢|可以的|没问题|沒問題
    はい|はい お願いします|お願いします|ええ|うん|わかりました|了解|了解です
"""
_NO = """
    no|nope|nah|no thanks|no thank you|no thx|not now|not yet|no need|no it s fine|no i m fine|i m fine|i m good|no i m good
    nein|nein danke|nö|nicht nötig|non|non merci|no gracias|no hace falta|no grazie|não|não obrigado|não obrigada|nee|nee bedankt|nie|nie dziękuję
    нет|нет спасибо|не надо|لا|لا شكرا|لا شكرًا|לא|לא תודה|नहीं|नहीं धन्यवाद
    不|不用|不用了|不需要|不必了|不了|不用谢谢|不用了谢谢|不要|いいえ|いいえ 結構です|結構です|大丈夫です
"""

# "ok thanks" and "thx bye" are two at once: what comes last counts.
_PATTERNS: tuple[tuple[str, str], ...] = (
    (
        "bot",
        r"(are|r) (you|u) (an? |just an? |really an? )*(ro)?(bot|chatbot|robot|machine|computer|ai|human|person|real|real person|human being|real human|live person)"
        r"|am i (talking|speaking|chatting) (to|with) an? (ro)?(bot|chatbot|human|machine|robot|person|real person|ai)|is this an? (ro|chat)?(bot|human|real person|ai)|bot"
        r"|(bist du|sind sie) (ein )?(ro)?(bot|roboter|mensch|chatbot)|(tu es|êtes vous|vous êtes) (un )?(robot|bot|humain)|eres (un )?(robot|bot|humano)"
        r"|(你|您)?是(不是)?(一个)?(机器人|機器人|真人|人工智能|ai|人工)(吗|嗎|还是.*|還是.*)?|你是人吗|你是人嗎|(あなたは)?(ロボット|ボット|人間|ai)ですか",
    ),
    (
        "abilities",
        r"(so )?(what|how) (can|could|do|else can|else do) (you|u) (do|help|know|offer|help( me)? with|do for me)|what are you (for|able to do|good at)|who are you|what are you|what is this|help|help me"
        r"|how (does this|do you) work|what (can|could|should) i ask( you)?|(was|wobei) (kannst du|können sie)( alles)?( mir)?( helfen)?|wer bist du|wer sind sie|hilfe"
        r"|(你|您)(都)?(能|会|會|可以)(做|干|幹|帮我做|幫我做)?(些)?(什么|什麼|啥)|(你|您)(能|可以)(帮|幫)我(做)?(什么|什麼)|(你|您)是(谁|誰)|有(什么|什麼)功能|帮助|幫助|何ができますか",
    ),
    (
        "how_are_you",
        r"(hi |hey |hello )?(how are you|how r u|how are u|how are things|how is it going|how s it going|how are you doing|how do you do|what s up|whats up|sup|you ok|you alright)( today| doing)?"
        r"|wie geht s|wie geht es (dir|ihnen)|ça va|comment (ça va|allez vous)|(qué tal|cómo estás?)|come (stai|va)|tudo bem|как дела|(你|您)(今天)?(好吗|好嗎|怎么样|怎麼樣)|最近(好吗|怎么样)|お元気ですか",
    ),
    (
        "goodbye",
        r"((thx|thanks|thank you|ok|okay|great) )*(bye|bye bye|goodbye|good bye|see you|see ya|cya|have a (nice|good|great) (day|evening|one|weekend)|good night|ttyl)( then| now| thanks| for now)*"
        r"|tschüss|tschüß|auf wiedersehen|au revoir|adiós|hasta luego|arrivederci|tchau|tot ziens|do widzenia|пока|до свидания|再见|再見|拜拜|(谢谢|謝謝)?(再见|再見|拜拜)|さようなら",
    ),
    (
        "thanks",
        r"((ok|okay|great|perfect|cool|got it|yes|alright|oh) )*(thx|thanks|thank you|ty|tysm|cheers|much appreciated)( so much| very much| a lot| a bunch| again| for (the|your) help| then| bye)*"
        r"|danke( schön| sehr)?|vielen dank|merci( beaucoup)?|(muchas )?gracias|grazie( mille)?|obrigad[oa]|bedankt|dziękuję|спасибо|(好的 ?)?(谢谢|謝謝|多谢|多謝|感谢|感謝)(你|您|啦|了)?|ありがとう(ございます)?",
    ),
    (
        "hello",
        r"((oh|well) )?(hi|hey|hello|hiya|howdy|yo|good (morning|afternoon|evening|day)|morning|greetings)( there| again| all| everyone| bot| team)*|anybody (there|here)|anyone (there|here)|(are )?you there"
        r"|hallo|guten (tag|morgen|abend)|moin|servus|bonjour|bonsoir|salut|hola|buenos días|buenas( tardes| noches)?|ciao|buongiorno|olá|bom dia|goedemorgen|cześć|dzień dobry|привет|здравствуйте"
        r"|(你|您)好(啊|呀)?|哈(喽|囉|啰)|嗨|在(吗|嗎|么|不在|线吗)|有人(吗|嗎|在吗)|早上好|早安|早|下午好|晚上好|こんにちは|おはよう(ございます)?|مرحبا|שלום|नमस्ते",
    ),
    (
        "laugh",
        r"(lol|lmao|rofl|(ha){2,}h?|(he){2,}|hihi|(ja){2,}|mdr|xd|😂+|🤣+|😄+|😀+|哈{2,}|呵{2,}|嘻{2,}|嘿{2,}|笑死|w{2,}|(ха){2,})( lol| (ha)+)*",
    ),
    (
        "noted",
        r"(ok|okay|k|kk|oki|alright|all right|great|cool|nice|good|fine|perfect|awesome|super|wow|got it|i see|understood|makes sense|good to know|sounds good|no problem|no worries|oh|hm+|ah|aha|right|i understand)"
        r"( (ok|okay|great|cool|nice|good|then|got it|i see|perfect|alright|bye))*|alles klar|verstanden|super|gut|okay|entendu|compris|entendido|capito|понятно|ясно|"
        r"(哦|噢|喔|嗯|好|行){1,4}(的|吧)?|(好的?|嗯|哦)?(知道了|明白了?|了解了?|懂了|收到)|(那)?(太)?好(了|的|吧|啦)|原来如此|なるほど|👍+|👌+|🙏+|❤️?|😊+|🙂+",
    ),
)
# Which other one is meant depends on what was on offer.
_OTHER = re.compile(
    r"((and|ok|okay|so|no|or|but|well|what about|how about|what s|i meant?|tell me about|show me) )*(the )?other (one|ones|option|answer|choice|thing)( then| please)?"
    r"|(und )?(was ist mit )?(de[rnm]|die|das) anderen?|(et )?l autre|(y )?(el|la) otr[oa]|e l altr[oa]"
    r"|(那|那么|那麼)?(另一个|另一個|另外一个|另外一個|另外那个|另外那個|别的|別的|其他的?)(呢|怎么样)?|もう一つ(は)?"
)


def _phrases(table: str) -> frozenset[str]:
    said = (phrase.strip() for line in table.splitlines() for phrase in line.split("|"))
    return frozenset(normalised(phrase) for phrase in said if phrase)


_MEANS = tuple((name, re.compile(pattern)) for name, pattern in _PATTERNS)
_AFFIRMS, _DECLINES = _phrases(_YES), _phrases(_NO)


def affirms(text: str) -> bool:
    """Return whether a whole message says yes to what was offered, and nothing else."""
    return normalised(text) in _AFFIRMS


def declines(text: str) -> bool:
    """Return whether a whole message says no to what was offered; a "what?" does not."""
    return normalised(text) in _DECLINES


class Talk(StrEnum):
    """What words that ask for nothing are."""

    BOT = "bot"  # are you one?
    ABILITIES = "abilities"  # what can you do?
    HOW_ARE_YOU = "how_are_you"
    GOODBYE = "goodbye"
    THANKS = "thanks"
    HELLO = "hello"
    LAUGH = "laugh"
    NOTED = "noted"  # ok, yes, no
    GO_ON = "go_on"  # a yes to what an answer asked
    LEAVES = "leaves"  # never mind
    OTHER = "other"  # what about the other one?


ASKING = frozenset({Talk.BOT, Talk.ABILITIES, Talk.HOW_ARE_YOU})  # a desk may have an answer to it


def talk(text: str) -> Talk | None:
    """Return what a whole message is that asks for nothing, None where it may ask for something."""
    if len(text) > LONGEST:
        return None
    said = normalised(text)
    for name, means in _MEANS:
        if means.fullmatch(said):
            return Talk(name)
    if _OTHER.fullmatch(said):
        return Talk.OTHER
    if affirms(text) or declines(text):
        return Talk.NOTED
    return Talk.LEAVES if leaves(text) else None
