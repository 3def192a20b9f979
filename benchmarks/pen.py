"""What customers and an operator do, written into a desk's log through the real store, without a server."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from conversations.events import (
    ActionKind,
    Choice,
    Decided,
    Event,
    Heard,
    OperatorWrote,
    Rated,
    Thumb,
    Utterance,
)
from conversations.lessons import Labelled
from conversations.store import Store


@dataclass(frozen=True, slots=True)
class Log:
    """The pen: each method writes what happened and returns the id of the message that it was about."""

    store: Store

    def hear(
        self, text: str, *, address: str = "ada", chosen: str = "", network: str = "", tapped: bool = False
    ) -> str:  # fmt: skip
        utterance = Utterance(
            channel="web", address=address, external_id=f"x{self.store.seq()}", text=text, chosen=chosen,
            network=network, tapped=tapped,
        )  # fmt: skip
        event = self.store.hear(utterance).recorded.event
        assert isinstance(event, Heard)
        return event.message_id

    def reply(self, to: str, intent: str) -> str:
        return self._about(to, Decided(
            message_id=f"d-{to}", in_reply_to=to, action=ActionKind.REPLY, text="Here.", intent=intent
        ))  # fmt: skip

    def ask(self, to: str, *intents: str) -> str:
        choices = tuple(Choice(intent, intent) for intent in intents)
        return self._about(to, Decided(
            message_id=f"d-{to}", in_reply_to=to, action=ActionKind.CLARIFY, text="Which?", choices=choices
        ))  # fmt: skip

    def hand_off(self, to: str) -> str:
        return self._about(to, Decided(
            message_id=f"d-{to}", in_reply_to=to, action=ActionKind.HANDOFF, text="A person comes.",
            reason="out_of_scope",
        ))  # fmt: skip

    def write(self, to: str, text: str) -> str:
        return self._about(to, OperatorWrote(message_id=f"o-{to}", operator="ann", text=text))

    def rate(self, to: str, value: Thumb) -> str:
        return self._about(to, Rated(message_id=f"d-{to}", value=value))

    def label(self, message_id: str, intent: str) -> str:
        return self._about(
            message_id, Labelled(message_id=message_id, intent=intent, operator="ann")
        )

    def label_together(self, message_ids: Sequence[str], intent: str) -> None:
        for message_id in message_ids:
            self._about(message_id, Labelled(
                message_id=message_id, intent=intent, operator="ann", decision=f"of {message_ids[0]}"
            ))  # fmt: skip

    def labelled(self, texts: Iterable[str], intent: str) -> list[str]:
        return [self.label(self.hear(text), intent) for text in texts]

    def _about(self, message_id: str, event: Event) -> str:
        message = self.store.message(message_id)
        assert message is not None
        self.store.append(message.conversation_id, event)
        return message_id
