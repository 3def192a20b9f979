"""What a transcript says by itself, in each of the widget's languages: who wrote, in which zone, and what became of it. Pure data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class TranscriptWords:
    """
    The words in one language.

    `times` has a place for the zone and `file` for a file's name; `colon` stands between who wrote and what (Chinese and Japanese have a wide one); `from_right` is
    whether the language is read from right to left.
    """

    you: str
    times: str
    file: str
    edited: str
    closed: str
    colon: str = ": "
    from_right: bool = False


WORDS: Mapping[str, TranscriptWords] = MappingProxyType(
    {
        "en": TranscriptWords(
            "You",
            "Times: {zone}",
            "file: {name}",
            "edited",
            "The conversation was closed.",
        ),
        "ar": TranscriptWords(
            "أنت",
            "الأوقات: {zone}",
            "ملف: {name}",
            "تم التعديل",
            "انتهت المحادثة.",
            from_right=True,
        ),
        "de": TranscriptWords(
            "Sie",
            "Zeiten: {zone}",
            "Datei: {name}",
            "bearbeitet",
            "Das Gespräch wurde beendet.",
        ),
        "es": TranscriptWords(
            "Tú",
            "Horas: {zone}",
            "archivo: {name}",
            "editado",
            "La conversación ha terminado.",
        ),
        "fr": TranscriptWords(
            "Vous",
            "Heures\u00a0: {zone}",
            "fichier\u00a0: {name}",
            "modifié",
            "La conversation est terminée.",
            colon="\u00a0: ",
        ),
        "he": TranscriptWords(
            "ההודעה שלך",
            "השעות: {zone}",
            "קובץ: {name}",
            "נערך",
            "השיחה הסתיימה.",
            from_right=True,
        ),
        "hi": TranscriptWords(
            "आप",
            "समय: {zone}",
            "फ़ाइल: {name}",
            "बदला गया",
            "बातचीत समाप्त हो गई।",
        ),
        "ja": TranscriptWords(
            "あなた",
            "時刻\uff1a{zone}",
            "ファイル\uff1a{name}",
            "編集済み",
            "会話は終了しました。",
            colon="\uff1a",
        ),
        "pt": TranscriptWords(
            "Você",
            "Horários: {zone}",
            "arquivo: {name}",
            "editada",
            "A conversa foi encerrada.",
        ),
        "ru": TranscriptWords(
            "Вы",
            "Время: {zone}",
            "файл: {name}",
            "изменено",
            "Разговор завершён.",
        ),
        "zh-Hans": TranscriptWords(
            "您",
            "时间\uff1a{zone}",
            "文件\uff1a{name}",
            "已编辑",
            "对话已结束。",
            colon="\uff1a",
        ),
        "zh-Hant": TranscriptWords(
            "您",
            "時間\uff1a{zone}",
            "檔案\uff1a{name}",
            "已編輯",
            "對話已結束。",
            colon="\uff1a",
        ),
    }
)
