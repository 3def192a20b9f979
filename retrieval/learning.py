"""How a desk learns, as its owner sets it: the section [learning] of desk.toml, which the server and every night read alike."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

RISK = 0.05  # share of given answers that may be wrong
MINUTES = 180.0
MEMORY = 4096  # MB
KEEP = 7  # a week of nights to go back to


@dataclass(frozen=True, slots=True)
class Learning:
    """
    `risk`: the share of given answers that may be wrong. `memory` (MB) and `minutes` bound a training. `keep`: how many Releases
    stay on the shelf beside those that are needed. `hold`: what passes the gate waits for somebody to promote it. `topics`: a night
    ends with a look for new topics.
    """

    risk: float = RISK
    memory: int = MEMORY
    minutes: float = MINUTES
    keep: int = KEEP
    hold: bool = False
    topics: bool = True

    def __post_init__(self) -> None:
        for name, sentence in _wrong(self):
            raise ValueError(f"{name}: {sentence}")

    @classmethod
    def of(cls, table: object, words: dict[str, str]) -> Learning:
        """
        Return what a table of desk.toml says.

        Args:
            words: settings that win over it, as an environment has them.

        Raises:
            ValueError: naming the setting, and what it may be.
        """
        if not isinstance(table, dict):
            raise ValueError("write a section [learning], with its settings below")  # noqa: TRY004 - a value of a file
        known = {field.name for field in fields(cls)}
        if strange := sorted(table.keys() - known):
            raise ValueError(
                f"{strange[0]} is not a known setting; there are {', '.join(sorted(known))}"
            )
        given = {name: _read(word) for name, word in words.items() if name in known}
        return cls(**{**table, **given})


def _wrong(learning: Learning) -> list[tuple[str, str]]:
    """Return what each wrong setting may be; whatever comes from a file may be of any type."""
    allowed = {
        "risk": (_number(learning.risk) and 0 < learning.risk < 1, "a share between 0 and 1, such as 0.03"),
        "memory": (_whole(learning.memory), "a size in MB, a whole number from 1 on, such as 4096"),
        "minutes": (_number(learning.minutes) and learning.minutes > 0, "a time in minutes, more than 0, such as 180"),
        "keep": (_whole(learning.keep), "how many Releases, a whole number from 1 on, such as 7"),
        "hold": (isinstance(learning.hold, bool), "true or false"),
        "topics": (isinstance(learning.topics, bool), "true or false"),
    }  # fmt: skip
    return [(name, what) for name, (right, what) in allowed.items() if not right]


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1


def _read(word: str) -> Any:
    """Return a word of an environment as the value that it names; what names none stays a word, and is refused as one."""
    if word.lower() in {"true", "false"}:
        return word.lower() == "true"
    for kind in (int, float):
        try:
            return kind(word)
        except ValueError:
            continue
    return word
