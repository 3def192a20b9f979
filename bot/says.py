"""The bot's own sentences, in English and in Chinese; what a desk says about its matters stands in its templates."""
# ruff: noqa: RUF001 - Chinese has its own punctuation

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from bot.policy import Reason
from bot.smalltalk import Talk
from conversations.notices import Notice


@dataclass(frozen=True, slots=True, kw_only=True)
class Says:
    """The bot's own sentences; a desk replaces any of them."""

    __pydantic_config__: ClassVar[Mapping[str, str]] = {"extra": "forbid"}  # read by bot/config.py

    clarify: str = "Did you mean one of these?"
    clarify_again: str = "Then perhaps one of these?"
    clarify_beside: str = "If that is not it, did you mean one of these?"
    clarify_or_look: str = "Or did you mean one of these?"
    clarify_instead: str = "Sorry, that missed. Did you mean one of these?"
    upset: str = (
        "I'm sorry, this has been tiresome. Tell me in a few words what it is about, and I'll do what I can. "
        "Or talk to one of us."
    )
    something_else: str = "Something else"
    talk_to_person: str = "Talk to a person"
    from_pages: str = "Here is what our pages say about that:"
    source: str = "From our page"
    look_here: str = "You may find it here:"
    asked_for_person: str = (
        "Of course. I've passed this to a colleague, who will answer here as soon as possible."
    )
    noted: str = "All right. If there is anything else, just write."
    go_on: str = "All right. Then tell me a little more, in your own words."
    laugh: str = "Glad to hear you laugh. Is there anything I can do for you?"
    hello: str = "Hello! What can I do for you?"
    how_are_you: str = "Very well, thank you. What can I do for you?"
    thanks: str = "You're welcome."
    goodbye: str = "Goodbye, and come back any time."
    bot: str = "I'm a bot. I answer what I know, and say so when I don't; there are people here too, and you can ask for one at any time."
    abilities: str = "Ask me in your own words, and I'll answer from what I have been told here. Where I don't know, I say so, and a colleague can take over."
    which_other: str = (
        "I'm not sure which other one you mean. Could you tell me in a few words what it is about?"
    )
    unknown: str = "I'm sorry, I don't know that. Try putting it another way, or shall I ask a colleague to take a look?"
    unknown_but_look: str = "I don't know that for certain, but you may find it here:"
    not_there: str = (
        "If not, try putting it another way, or shall I ask a colleague to take a look?"
    )
    nobody_there: str = "Nobody is in right now; they would answer here once we are open again."
    out_of_scope: str = (
        "I'd rather not guess. I've passed this to a colleague, who will answer here. "
        "Anything you write in the meantime reaches them too."
    )
    still_unclear: str = "I'm still not sure what you need, so I've passed this to a colleague, who will answer here."
    only_a_file: str = "Thank you, the file is here. I can't look into files, so I've passed it to a colleague, who will answer here."
    no_answer: str = (
        "I don't have a ready answer to that. I've passed it to a colleague, who will answer here."
    )
    failed: str = (
        "Something went wrong on my side. I've passed this to a colleague, who will answer here."
    )
    other_language: str = "I'm afraid I can answer this in English only:"
    form_invalid: str = "I can't read that."
    form_offer: str = "I can't make that out. Shall a colleague take over? Or try once more:"
    form_left: str = "All right, we leave that. What else can I do for you?"
    lookup_failed: str = "I can't look that up right now. Please try again in a few minutes."

    closed: str = "We are closed right now. Write down here what it is about, and a colleague answers once we are open again."
    opens_again: str = "That is at {when}."
    nobody_online: str = "Nobody is at the desk at the moment. Write down here what it is about, and a colleague answers as soon as one is back."
    too_long: str = "This takes longer than it should, and I'm sorry for that. You are not forgotten: a colleague answers here. What would you like?"
    gone: str = "My colleague had to leave, and somebody else goes on as soon as possible. What would you like meanwhile?"
    handed_back: str = "I'm the bot again. If there is anything else, just write."
    bot_again: str = "Go on with the bot"
    leave_message: str = "Leave a message"
    keep_waiting: str = "I'll wait"
    with_bot_again: str = "All right, it's me again, the bot. What can I do for you?"
    message_wanted: str = (
        "Please write it here, all that we should know. It is kept, and a colleague answers here."
    )
    place_kept: str = "All right, you keep your place. A colleague answers here."

    def notice(self, notice: Notice, absence: str = "") -> str:
        """
        Return what a customer is told without having asked.

        Args:
            absence: that nobody is there, and when somebody is; empty where somebody is there.
        """
        match notice:
            case Notice.CLOSED:
                return absence or self.closed
            case Notice.TOO_LONG:
                return self.too_long
            case Notice.GONE:
                return absence or self.gone
            case Notice.HANDED_BACK:
                return self.handed_back
            case Notice.BOT_AGAIN:
                return self.with_bot_again
            case Notice.LEAVE_MESSAGE:
                return self.message_wanted
            case Notice.KEEP_WAITING:
                return self.place_kept

    def until(self, opens: str) -> str:
        """Return that the desk is closed, and until when where that is known."""
        when = self.opens_again.replace("{when}", opens) if opens else ""
        return " ".join(filter(None, (self.closed, when)))

    def question(self, reason: Reason, *, again: bool) -> str:
        """Return how the bot asks back, for the first time or `again`."""
        if reason is Reason.TURNED_DOWN:
            return self.clarify_instead
        return self.clarify_again if again else self.clarify

    def offer(self, look: str = "", *, there: bool) -> str:
        """
        Return how the bot says that it does not know, and offers a person; who is not there now is not promised.

        Args:
            look: the pages that are worth a look, empty where none is.
        """
        unknown = [self.unknown_but_look, look, self.not_there] if look else [self.unknown]
        return "\n\n".join(filter(None, [*unknown, "" if there else self.nobody_there]))

    def small_talk(self, talk: Talk) -> str:
        """Return a short answer to words that ask for nothing."""
        match talk:
            case Talk.LEAVES:
                return self.form_left
            case Talk.OTHER:
                return self.which_other
            case _:
                return str(getattr(self, talk.value))

    def handoff(self, reason: Reason) -> str:
        """Return what the customer is told when a person takes over."""
        match reason:
            case Reason.ASKED_FOR_PERSON:
                return self.asked_for_person
            case Reason.STILL_UNCLEAR:
                return self.still_unclear
            case Reason.NO_ANSWER:
                return self.no_answer
            case Reason.ONLY_A_FILE:
                return self.only_a_file
            case Reason.FAILED:
                return self.failed
            case _:
                return self.out_of_scope


CHINESE = Says(
    clarify="您是想问下面的哪一项？",
    clarify_again="那是不是下面的某一项？",
    clarify_beside="如果不是这个，您是想问下面的哪一项？",
    clarify_or_look="还是想问下面的哪一项？",
    clarify_instead="抱歉，没答到点上。您想问的是下面的某一项吗？",
    upset="实在抱歉，让您费心了。请用一两句话告诉我是什么事，我尽力帮您；也可以直接找同事。",
    something_else="都不是",
    talk_to_person="转人工客服",
    from_pages="我们的页面上是这样写的：",
    source="来自我们的页面",
    look_here="这里可能有您要找的内容：",
    asked_for_person="好的，已为您转接人工客服，同事会尽快在这里回复您。",
    noted="好的。还有其他问题的话，随时告诉我。",
    go_on="好的，那请您再具体说说。",
    laugh="您开心就好。有什么可以帮您？",
    hello="您好！有什么可以帮您？",
    how_are_you="我很好，谢谢关心。有什么可以帮您？",
    thanks="不客气。",
    goodbye="再见，欢迎随时再来。",
    bot="我是机器人。知道的我马上回答，不知道的会如实告诉您；需要的话，随时可以帮您转给同事。",
    abilities="您直接用自己的话提问就好，我会按这里的资料回答。答不上来的会如实告诉您，也可以转给同事。",
    which_other="我不太确定您说的另一个是哪一个，能用几个字说说是什么事吗？",
    unknown="抱歉，这个问题我答不上来。您可以换个说法再问一次，或者我帮您转给同事？",
    unknown_but_look="这个我不敢确定，不过这里可能有您要找的内容：",
    not_there="如果没有，您可以换个说法再问一次，或者我帮您转给同事？",
    nobody_there="现在没有同事在线，上班后会在这里回复您。",
    out_of_scope="这个问题我不想乱猜，已转给同事，同事会在这里回复您。您可以继续补充信息，同事都会看到。",
    still_unclear="我还是不太确定您的意思，已转给同事，同事会在这里回复您。",
    only_a_file="文件收到了，谢谢。我看不了文件，已转给同事，同事会在这里回复您。",
    no_answer="这个问题我没有现成的答案，已转给同事，同事会在这里回复您。",
    failed="我这边出了点问题，已转给同事，同事会在这里回复您。",
    other_language="抱歉，这个问题目前只有中文答复。 / Sorry, this answer is available in Chinese only:",
    form_invalid="这个我没看懂。",
    form_offer="我还是没看懂。要帮您转人工吗？或者再试一次：",
    form_left="好的，那就先不办了。还有什么可以帮您？",
    lookup_failed="现在查不到，请过几分钟再试。",
    closed="现在是下班时间。请在这里写下您的问题，上班后同事会回复您。",
    opens_again="上班时间：{when}。",
    nobody_online="现在没有同事在线。请在这里写下您的问题，同事回来后会尽快回复您。",
    too_long="抱歉让您久等了。我们没有忘记您，同事会在这里回复。您希望怎么做？",
    gone="刚才的同事有事离开了，其他同事会尽快接着为您处理。这段时间您希望怎么做？",
    handed_back="现在又是机器人为您服务。还有其他问题的话，请直接告诉我。",
    bot_again="继续和机器人聊",
    leave_message="留言",
    keep_waiting="继续等待",
    with_bot_again="好的，现在又是机器人为您服务。有什么可以帮您？",
    message_wanted="请把情况写在这里，留言会保存好，同事会在这里回复您。",
    place_kept="好的，您的位置已保留，同事会在这里回复您。",
)
