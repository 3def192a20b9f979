"""What people may do, as four roles of which each holds the ones below it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """The least first: to look, to speak with customers, to teach the bot, to decide about people and Releases."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    TRAINER = "trainer"
    ADMIN = "admin"

    def reaches(self, needed: Role) -> bool:
        """Whether whoever has this role may do what `needed` is asked for."""
        order = list(Role)
        return order.index(self) >= order.index(needed)


@dataclass(frozen=True, slots=True)
class Staff:
    """Who asks: a person who is signed in, or a program with the operator token, whose request names a person."""

    name: str
    role: Role
    by_token: bool


@dataclass(frozen=True, slots=True)
class By:
    """Who changed something, by which way (`session`, `token`, `shell`), and from which network, as a hash."""

    name: str
    via: str
    network: str = ""
