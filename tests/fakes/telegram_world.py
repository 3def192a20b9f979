"""What Telegram remembers about one bot, and what each method of the Bot API does to it."""

from __future__ import annotations

import re
import time
from collections import Counter, defaultdict
from dataclasses import replace
from itertools import count
from typing import Any

from tests.fakes.telegram_html import units
from tests.fakes.telegram_parts import (
    Answered,
    Json,
    Refusal,
    Sent,
    Upload,
    Webhook,
    button_of,
    in_topic,
    now,
    person,
    read_keyboard,
    read_text,
)

MAX_CAPTION = 1024  # UTF-16 units
MAX_FETCHED = 20 * 2**20  # bytes that a bot may fetch
NOT_MODIFIED = (
    "Bad Request: message is not modified: specified new message content and reply markup "
    "are exactly the same as a current content and reply markup of the message"
)
QUERY_LIVES = 15.0  # seconds in which a tap may be answered


class World:
    """The state of one bot's Telegram. Methods of the Bot API take its parameters and return its result."""

    def __init__(self, token: str, username: str) -> None:
        self.token = token
        self.username = username
        self.pending: list[Json] = []  # updates not confirmed yet
        self.past: dict[int, Json] = {}  # every update, by id
        self.allowed: tuple[str, ...] = ()
        self.webhook = Webhook()
        self.commands: dict[tuple[int, str], dict[str, str]] = {}  # by chat (0: all) and language
        self.languages: dict[int, str] = {}  # of the clients, by chat
        self.files: dict[str, bytes] = {}  # that customers sent, by id
        self.answers: dict[str, Answered] = {}  # by query id
        self.messages: dict[int, list[Sent]] = defaultdict(list)  # of the bot, by chat
        self.blocked: set[int] = set()
        self._chats: dict[int, Json] = {}
        self._topics: dict[int, set[int]] = defaultdict(set)  # that somebody wrote in, by chat
        self._last_message: Counter[int] = Counter()
        self._tapped_at: dict[str, float] = {}  # by query id, until it is answered
        self._update_ids = count(1000)
        self._query_ids = count(1)

    def queue(self, update: Json) -> int:
        """Make an update wait for the bot (an id is added where it has none) and return its id."""
        update = {"update_id": update.get("update_id") or next(self._update_ids), **update}
        self.past[int(update["update_id"])] = update
        if not self.allowed or set(update) & set(self.allowed):
            self.pending.append(update)
        return int(update["update_id"])

    def tap(self, chat_id: int, message_id: int, data: str, name: str) -> str:
        query_id = str(next(self._query_ids))
        self._tapped_at[query_id] = time.monotonic()
        query = {
            "id": query_id,
            "from": person(chat_id, name, self.languages.get(chat_id, "en")),
            "chat_instance": str(chat_id),
            "message": {
                "message_id": message_id,
                "date": now(),
                "chat": self.chat(chat_id),
                "reply_markup": {"inline_keyboard": self._shown_keyboard(chat_id, message_id)},
                **self._shown_topic(chat_id, message_id),
            },
            "data": data,
        }
        self.queue({"callback_query": query})
        return query_id

    def _shown_topic(self, chat_id: int, message_id: int) -> Json:
        shown = [one.topic for one in self.messages[chat_id] if one.message_id == message_id]
        return in_topic(shown[0]) if shown and shown[0] else {}

    def _shown_keyboard(self, chat_id: int, message_id: int) -> list[list[Json]]:
        sent = [one for one in self.messages[chat_id] if one.message_id == message_id]
        rows = sent[0].buttons if sent else ()
        return [[button_of(text, data) for text, data in row] for row in rows]

    def message(self, chat_id: int, content: Json, name: str) -> Json:
        chat = self.chat(chat_id, name)
        self._last_message[chat_id] += 1
        if content.get("is_topic_message"):
            self._topics[chat_id].add(int(content["message_thread_id"]))
        return {
            "message_id": self._last_message[chat_id],
            "from": person(chat_id, name, self.languages.get(chat_id, "en")),
            "chat": chat,
            "date": now(),
            **content,
        }

    def membership(self, chat_id: int, status: str) -> Json:
        """Return how the bot's own place in a chat changed."""
        me = {key: self.get_me()[key] for key in ("id", "is_bot", "first_name")}
        old, new = ({"user": me, "status": s} for s in ("member", status))
        ends = {"until_date": 0} if status == "kicked" else {}
        return {
            "chat": self.chat(chat_id),
            "from": person(chat_id, "Ada"),
            "date": now(),
            "old_chat_member": old,
            "new_chat_member": new | ends,
        }

    def chat(self, chat_id: int, name: str = "Ada") -> Json:
        kind = (
            {"type": "private", "first_name": name}
            if chat_id > 0
            else {"type": "supergroup", "title": "Customers"}
        )
        return self._chats.setdefault(chat_id, {"id": chat_id, **kind})

    def message_with(self, chat_id: int, data: str) -> int:
        for sent in reversed(self.messages[chat_id]):
            if any(data == button[1] for row in sent.buttons for button in row):
                return sent.message_id
        return 0

    def perform(self, method: str, parameters: Json) -> Any:
        """Do what `method` asks; getUpdates waits, so it is the server's."""
        match method:
            case "getMe":
                return self.get_me()
            case "sendMessage":
                return self.send_message(parameters)
            case "sendChatAction":
                return self._topic(self._reachable(parameters), parameters) >= 0
            case "answerCallbackQuery":
                return self.answer_callback_query(parameters)
            case "editMessageReplyMarkup":
                return self.edit_message_reply_markup(parameters)
            case "editMessageText":
                return self.edit_message_text(parameters)
            case "editMessageCaption":
                return self.edit_message_caption(parameters)
            case "deleteMessage":
                return self.delete_message(parameters)
            case "sendDocument" | "sendPhoto":
                return self.send_file(parameters)
            case "getFile":
                return self.get_file(parameters)
            case "setMyCommands":
                return self.set_my_commands(parameters)
            case "setWebhook":
                url, secret = parameters.get("url", ""), parameters.get("secret_token", "")
                return self.set_webhook(Webhook(url, secret), parameters)
            case "deleteWebhook":
                return self.set_webhook(Webhook(), parameters)
            case "getWebhookInfo":
                return self.get_webhook_info()
            case _:
                raise Refusal(404, "Not Found: method not found")

    def get_me(self) -> Json:
        return {
            "id": int(self.token.partition(":")[0]),
            "is_bot": True,
            "first_name": "Frontdesk",
            "username": self.username,
            "can_join_groups": True,
            "can_read_all_group_messages": False,
            "supports_inline_queries": False,
        }

    def forget(self, offset: int) -> None:
        pending = self.pending
        kept = pending[offset:] if offset < 0 else [u for u in pending if u["update_id"] >= offset]
        self.pending = kept

    def confirm(self, update: Json) -> None:
        """Forget an update that the webhook took."""
        self.pending = [waiting for waiting in self.pending if waiting is not update]

    def allow(self, parameters: Json) -> None:
        if "allowed_updates" in parameters:
            self.allowed = tuple(parameters["allowed_updates"])

    def send_message(self, parameters: Json) -> Json:
        chat_id = self._reachable(parameters)
        source = str(parameters.get("text", ""))
        text, entities = read_text(source, str(parameters.get("parse_mode", "")))
        buttons = read_keyboard(parameters.get("reply_markup"))
        self._last_message[chat_id] += 1
        message_id = self._last_message[chat_id]
        at, topic = time.monotonic(), self._topic(chat_id, parameters)
        sent = Sent(message_id, chat_id, text, source, entities, buttons, at, topic=topic)
        self.messages[chat_id].append(sent)
        return {
            "message_id": message_id,
            "from": self.get_me(),
            "chat": self.chat(chat_id),
            "date": now(),
            "text": text,
            "entities": [entity.as_json() for entity in entities],
        }

    def _reachable(self, parameters: Json) -> int:
        chat_id = int(parameters.get("chat_id") or 0)
        if chat_id not in self._chats:
            raise Refusal(400, "Bad Request: chat not found")
        if chat_id in self.blocked:
            raise Refusal(403, "Forbidden: bot was blocked by the user")
        return chat_id

    def _topic(self, chat_id: int, parameters: Json) -> int:
        topic = int(parameters.get("message_thread_id") or 0)
        if topic and topic not in self._topics[chat_id]:
            raise Refusal(400, "Bad Request: message thread not found")
        return topic

    def answer_callback_query(self, parameters: Json) -> bool:
        query_id = str(parameters.get("callback_query_id", ""))
        asked = self._tapped_at.pop(query_id, None)
        if asked is None or time.monotonic() - asked > QUERY_LIVES:
            raise Refusal(
                400,
                "Bad Request: query is too old and response timeout expired or query ID is invalid",
            )
        text = str(parameters.get("text", ""))
        self.answers[query_id] = Answered(text, bool(parameters.get("show_alert")))
        return True

    def edit_message_reply_markup(self, parameters: Json) -> Json:
        chat_id = self._reachable(parameters)
        shown, index = self._shown(chat_id, parameters)
        buttons = read_keyboard(parameters.get("reply_markup"))
        if buttons == shown[index].buttons:
            raise Refusal(400, NOT_MODIFIED)
        shown[index] = replace(shown[index], buttons=buttons)
        return {"message_id": shown[index].message_id, "chat": self.chat(chat_id), "date": now()}

    def edit_message_text(self, parameters: Json) -> Json:
        chat_id = self._reachable(parameters)
        shown, index = self._shown(chat_id, parameters)
        if shown[index].file:
            raise Refusal(400, "Bad Request: there is no text in the message to edit")
        source = str(parameters.get("text", ""))
        text, entities = read_text(source, str(parameters.get("parse_mode", "")))
        buttons = read_keyboard(parameters.get("reply_markup"))
        if (text, buttons) == (shown[index].text, shown[index].buttons):
            raise Refusal(400, NOT_MODIFIED)
        changed = replace(
            shown[index], text=text, source=source, entities=entities, buttons=buttons
        )
        shown[index] = changed
        return {
            "message_id": changed.message_id,
            "chat": self.chat(chat_id),
            "date": now(),
            "text": text,
        }

    def edit_message_caption(self, parameters: Json) -> Json:
        chat_id = self._reachable(parameters)
        shown, index = self._shown(chat_id, parameters)
        if not shown[index].file:
            raise Refusal(400, "Bad Request: there is no caption in the message to edit")
        source = str(parameters.get("caption", ""))
        text, entities = read_text(source, str(parameters.get("parse_mode", "")))
        if units(text) > MAX_CAPTION:
            raise Refusal(400, "Bad Request: message caption is too long")
        if text == shown[index].text:
            raise Refusal(400, NOT_MODIFIED)
        shown[index] = replace(shown[index], text=text, source=source, entities=entities)
        return {
            "message_id": shown[index].message_id,
            "chat": self.chat(chat_id),
            "date": now(),
            "caption": text,
        }

    def delete_message(self, parameters: Json) -> bool:
        shown, index = self._shown(self._reachable(parameters), parameters)
        del shown[index]
        return True

    def _shown(self, chat_id: int, parameters: Json) -> tuple[list[Sent], int]:
        shown = self.messages[chat_id]
        wanted = int(parameters.get("message_id") or 0)
        index = next((i for i, sent in enumerate(shown) if sent.message_id == wanted), None)
        if index is None:
            raise Refusal(400, "Bad Request: message to edit not found")
        return shown, index

    def send_file(self, parameters: Json) -> Json:
        chat_id = self._reachable(parameters)
        caption = str(parameters.get("caption", ""))
        if units(caption) > MAX_CAPTION:
            raise Refusal(400, "Bad Request: message caption is too long")
        upload = parameters.get("document") or parameters.get("photo")
        if not isinstance(upload, Upload) or not upload.content:
            raise Refusal(400, "Bad Request: file must be non-empty")
        self._last_message[chat_id] += 1
        message_id = self._last_message[chat_id]
        at, topic = time.monotonic(), self._topic(chat_id, parameters)
        held = (upload.name, upload.content)
        sent = Sent(message_id, chat_id, caption, caption, (), (), at, held, topic)
        self.messages[chat_id].append(sent)
        return {
            "message_id": message_id,
            "chat": self.chat(chat_id),
            "date": now(),
            "caption": caption,
        }

    def get_file(self, parameters: Json) -> Json:
        file_id = str(parameters.get("file_id", ""))
        if file_id not in self.files:
            raise Refusal(400, "Bad Request: invalid file_id")
        size = len(self.files[file_id])
        if size > MAX_FETCHED:
            raise Refusal(400, "Bad Request: file is too big")
        return {
            "file_id": file_id,
            "file_unique_id": file_id,
            "file_size": size,
            "file_path": f"f/{file_id}",
        }

    def set_my_commands(self, parameters: Json) -> bool:
        commands = parameters.get("commands", [])
        language = str(parameters.get("language_code", ""))
        if language and not re.fullmatch(r"[a-z]{2}", language):
            raise Refusal(400, "Bad Request: invalid language code specified")
        if any(not 1 <= len(each["description"]) <= 256 for each in commands):
            raise Refusal(400, "Bad Request: BOT_COMMAND_DESCRIPTION_INVALID")
        if any(not re.fullmatch(r"[a-z0-9_]{1,32}", each["command"]) for each in commands):
            raise Refusal(400, "Bad Request: BOT_COMMAND_INVALID")
        chat_id = int((parameters.get("scope") or {}).get("chat_id", 0))
        listed = {each["command"]: each["description"] for each in commands}
        self.commands[chat_id, language] = listed
        return True

    def set_webhook(self, webhook: Webhook, parameters: Json) -> bool:
        self.webhook = webhook
        self.allow(parameters)
        if parameters.get("drop_pending_updates"):
            self.pending.clear()
        return True

    def get_webhook_info(self) -> Json:
        webhook = self.webhook
        info: Json = {
            "url": webhook.url,
            "has_custom_certificate": False,
            "pending_update_count": len(self.pending),
        }
        return info | ({"last_error_message": webhook.last_error} if webhook.last_error else {})
