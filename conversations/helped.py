"""
How customers say that an answer helped. The counterpart of `conversations.rejection`, read from the words alone.

A bare "thanks" is manners and says nothing: people thank for answers that missed, too. Only explicit words count, so that what is called
confirmed was.
"""

from __future__ import annotations

import re

from conversations.text import normalised

LONGEST = 80  # characters; a longer message says more than that

_THANKS = r"(?:(?:ok(?:ay)?|yes|great|super|perfect|thanks?(?: (?:you|a lot|so much))?|thx|ja|danke|oui|merci|sí|si|gracias|sim|obrigad[oa]|grazie|bedankt|dzięki|спасибо|да|谢谢|謝謝|好的|はい|ありがとう(?:ございます)?) )*"
_PHRASES = (
    r"(?:that|this|it|you)(?: has| have| ve| s)?(?: really| already)? (?:helped|helps|worked|works|solved it|answers it|answered (?:it|my question)|did it|does it)(?: (?:me|now|a lot|a great deal|thanks?|thank you|great|perfectly|fine))*",
    r"(?:that|this|it)(?: s| is| was)? (?:all )?(?:very |really |so )?(?:helpful|what i (?:needed|wanted|was looking for)|sorted|solved|fixed)(?: now| thanks?| thank you)*",
    r"(?:problem|issue|question) (?:is )?(?:solved|sorted|fixed|answered)(?: now| thanks?| thank you)*",
    r"very helpful(?: thanks?| thank you)*|(?:it )?works now(?: thanks?| thank you)*|solved(?: thanks?| thank you)*",
    r"(?:das|es) (?:hat(?: mir)?(?: sehr)? geholfen|hilft(?: mir)?(?: sehr)?(?: weiter)?)(?: danke)?|hat geholfen|problem gelöst|(?:es )?(?:geht|funktioniert) jetzt",
    r"(?:ça|cela|c) (?:m )?(?:a (?:bien )?aidé|est (?:réglé|résolu|parfait)|marche(?: maintenant)?)(?: merci)?|problème résolu",
    r"(?:eso |esto )?(?:me )?(?:ha ayudado|ayudó|sirvió|sirve)(?: mucho)?(?: gracias)?|(?:ya )?(?:está )?(?:resuelto|solucionado)",
    r"(?:isso )?(?:me )?(?:ajudou)(?: muito)?|(?:já )?(?:está )?resolvido|(?:mi )?(?:è stato utile|ha aiutato)(?: molto)?|risolto",
    r"(?:dat )?(?:heeft (?:me )?geholpen|hielp)|opgelost|(?:to )?pomogło|rozwiązane",
    r"(?:это )?(?:мне )?(?:очень )?(?:помогло|помогли)|(?:всё |все )?(?:заработало|решено|получилось)",
    r"(?:有用|有帮助|有幫助|很有帮助|很有幫助|解决了|解決了|搞定了|帮到我了|幫到我了|正是我要的)(?: ?(?:谢谢|謝謝|了|啦|你|您))*",
    r"(?:解決しました|助かりました|役に立ちました)(?:ありがとう(?:ございます)?)?",
)
_HELPED = re.compile(_THANKS + "(?:" + "|".join(f"(?:{phrase})" for phrase in _PHRASES) + ")")


def helped(text: str) -> bool:
    """Return whether a whole message says that the answer before it helped, and nothing else."""
    return len(text) <= LONGEST and _HELPED.fullmatch(normalised(text)) is not None
