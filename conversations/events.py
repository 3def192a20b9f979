"""
The facts of a conversation, one frozen value per kind.

Events are appended and never changed. They hold plain values (`intent: str`), so that the log outlives
every model that wrote into it. A conversation, the metrics and the training data are functions of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from conversations.handling import Assigned, Noted, Released, Snoozed, Taken
from conversations.lessons import (
    Dismissed,
    Labelled,
    PageSaved,
    Taught,
    TemplateSaved,
    Unlabelled,
    Untaught,
)
from conversations.notices import Choice as Choice  # whoever reads events reads it, too
from conversations.notices import Told

DESK = "desk"  # the conversation of what belongs to no customer's: what operators teach
HUMAN = "human"  # the choice, on every channel, that asks for a person
LEFT = "form_left"  # the reason of a reply that only leaves what was under way
SMALL_TALK = "small_talk"  # the reason of a reply to words that ask for nothing
UNKNOWN = "out_of_scope"  # the reason of whatever the bot does about words that it has no answer to
CANCEL = "cancel"  # the choice that leaves whatever is under way: a form, a question of the bot's
NONE_OF_THESE = "none_of_these"  # the choice that turns down everything a clarification offered
NEXT = "next:"  # before an intent: the choice of a question that was suggested under an answer
SAYS = "say:"  # what a choice begins with that says the rest of its value, to be read like words

# Networks that visitors came from, below which the desk stands behind a proxy that it does not name, or is new. They are counted, not
# weighed: whoever sends a thousand visitors is soon nearly all of them, but cannot make the others' networks fewer.
NETWORKS_FROM = 10


class ActionKind(StrEnum):
    """What the bot did about an utterance; the words of the HTTP API."""

    REPLY = "reply"
    CLARIFY = "clarify"
    HANDOFF = "handoff"
    SILENT = "silent"


class Thumb(StrEnum):
    """A visitor's verdict on one reply."""

    UP = "up"
    DOWN = "down"


class Dislike(StrEnum):
    """What was wrong with an answer, as the one who got it says."""

    NOT_MY_QUESTION = "not_my_question"
    WRONG = "wrong"
    INCOMPLETE = "incomplete"
    OUTDATED = "outdated"
    UNFRIENDLY = "unfriendly"
    OTHER = "other"


def suggested(value: str) -> str:
    """Return the intent of a choice that was a suggestion, empty for any other: it is about nothing that was said before."""
    return value.removeprefix(NEXT) if value.startswith(NEXT) else ""


@dataclass(frozen=True, slots=True)
class Attached:
    """What comes with a reply: its name, and the address where it is."""

    name: str
    url: str


@dataclass(frozen=True, slots=True)
class Enclosed:
    """A file that came with words: its id in the vault (`conversations.vault`), its name, its media type and its size in bytes."""

    file_id: str
    name: str
    type: str
    size: int


@dataclass(frozen=True, slots=True)
class Filled:
    """What a customer said for one slot of a form; empty where they had nothing to say for it."""

    slot: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenForm:
    """
    How far a form is: what was asked, and what was said.

    `asking` is the slot that is asked for, empty once everything is there; `filled` is in the order in which it was said;
    `turned_down` are values that the customer took back; `tries` counts the answers to `asking` that were none.
    """

    form: str
    asking: str = ""
    filled: tuple[Filled, ...] = ()
    turned_down: tuple[Filled, ...] = ()
    tries: int = 0
    language: str = ""

    @property
    def values(self) -> dict[str, str]:
        """What was said, by slot."""
        return {one.slot: one.value for one in self.filled}


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """
    A customer's utterance.

    `chosen` is the value of the choice it answers with, or empty; `tapped`: a quick reply was, and its words are read like any others.
    The text is empty where somebody sent nothing but files.
    `corrects` is the utterance that it takes the place of, where the customer edited what they had written; empty for most.
    """

    message_id: str
    external_id: str
    text: str
    chosen: str = ""
    tapped: bool = False
    files: tuple[Enclosed, ...] = ()
    corrects: str = ""

    @property
    def own_words(self) -> bool:
        """Whether the customer wrote them; those of a button are the desk's."""
        return not self.chosen and not self.tapped


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """
    The bot's decision on one utterance, recorded before it is sent.

    `message_id` is the reply's own id, the one that a thumb refers to. `reason` says in one word or
    sentence why (`confident`, `out_of_scope`, ...); `choices` are what a question offers, or under a reply what may be
    asked next; `source` is the knowledge page of a composed reply, `sources` are where the pages that it quotes can be read;
    `evidence` is the evidence card as a JSON text.

    `by_itself` is false where the words alone do not say the intent: they were read together with what was said before them, or
    they hold several requests. What customers think of the answer then teaches nothing about the words.

    `forms` are the forms that are under way after it, the one talked about last; one that is complete stays until something
    else is talked about. `for_form` is the form that the utterance answered, corrected or ended, empty where it said what the
    customer wants: such words belong to a slot, and teach no intent. `mood` is how the utterance sounded, from -1 to 1, None where
    that cannot be told.
    """

    message_id: str
    in_reply_to: str
    action: ActionKind
    text: str
    choices: tuple[Choice, ...] = ()
    intent: str = ""
    confidence: float = 0.0
    verdict: str = ""
    template_id: str = ""
    source: str = ""
    reason: str = ""
    release: str = ""
    evidence: str = "{}"
    by_itself: bool = True
    forms: tuple[OpenForm, ...] = ()
    for_form: str = ""
    attachments: tuple[Attached, ...] = ()
    sources: tuple[Attached, ...] = ()
    mood: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """The channel has handed the decision `message_id` to the platform, or the customer's browser has it."""

    message_id: str
    external_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Undeliverable:
    """The channel gave the decision `message_id` up for good: blocked, chat gone, refused."""

    message_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rated:
    """
    A visitor's thumb on the decision `message_id`; a later one replaces an earlier one.

    `reason` is a `Dislike` or empty.
    """

    message_id: str
    value: Thumb
    comment: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """How satisfied the visitor is with the conversation, 1 to 5; a later score replaces an earlier one."""

    score: int
    comment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorWrote:
    """What a person wrote to the customer; `template_id` where it is that template's text."""

    message_id: str
    operator: str
    text: str
    template_id: str = ""
    files: tuple[Enclosed, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorEdited:
    """
    An operator changes the words of the OperatorWrote `corrects`, whose files stay.

    `replaces` is the seq of the wording that the operator saw: the message, or its last edit. Each wording is replaced once, so that no
    edit undoes another one unseen.
    """

    message_id: str
    corrects: str
    replaces: int
    operator: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenBack:
    """An operator returns the conversation to the bot; the desk does by itself where the name is empty."""

    operator: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """The conversation is over; the visitor's next utterance opens another. `operator` closed it, if anybody did."""

    reason: str
    operator: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """The conversation is the visitor `visitor_id`'s from now on: whoever had it, `before`, has said who they are."""

    visitor_id: str
    before: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """What the visitor of this conversation ever said, and was told, is gone: `events` were emptied, on the word of `by`."""

    by: str
    events: int


Event = (
    Heard
    | Decided
    | Delivered
    | Undeliverable
    | Told
    | Rated
    | Scored
    | Labelled
    | Unlabelled
    | Dismissed
    | Taught
    | Untaught
    | TemplateSaved
    | PageSaved
    | OperatorWrote
    | OperatorEdited
    | Taken
    | Released
    | Assigned
    | Snoozed
    | Noted
    | GivenBack
    | Closed
    | Joined
    | Erased
)


@dataclass(frozen=True, slots=True)
class Recorded:
    """An event in its place in the log. `seq` grows by one a row over the whole log; order is by it, never by time."""

    seq: int
    conversation_id: str
    at: datetime
    event: Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Utterance:
    """
    What a channel hands over, not yet in the log.

    `address` names the visitor within the channel (a Telegram chat id, a hash of the widget's token);
    `external_id` is the platform's own id of the message, unique within the channel; `network` is a hash that
    visitors of one network share (`bot.channels.networks`), empty where it is unknown. `segments` are the groups
    of customers that whoever hands it over vouches for, None where nothing is said of them. `tapped` and `files`: see `Heard`. `corrects` is the
    external id of the message that was edited, empty for most.
    """

    channel: str
    address: str
    external_id: str
    text: str
    chosen: str = ""
    name: str = ""
    network: str = ""
    segments: tuple[str, ...] | None = None
    tapped: bool = False
    files: tuple[Enclosed, ...] = ()
    corrects: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """
    A customer on one channel.

    `network` is the one that they were first seen from, or empty; `segments` are the groups that they belong to (`business`).
    """

    visitor_id: str
    channel: str
    address: str
    name: str = ""
    network: str = ""
    segments: tuple[str, ...] = ()
