"""
What the answers of a desk may say of a customer and of the company: names that its desk.toml defines.

    name                                  the customer's, where the channel tells it
    [patterns] order_number = 'PP-\\d{6}'  found in what the customer writes; perhaps missing
    [variables] phone = "555 0100"        the same for everybody; always there
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

CUSTOMER = "name"
VARIABLES = frozenset({CUSTOMER, "order_number", "repair_number"})  # known to every desk
NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")


@dataclass(frozen=True, slots=True)
class Variables:
    """`perhaps` are known of some customers, `constants` always."""

    perhaps: frozenset[str] = VARIABLES
    constants: Mapping[str, str] = field(default_factory=dict)

    @property
    def names(self) -> frozenset[str]:
        return self.perhaps | self.constants.keys()


def meant(unknown: Iterable[str], names: Collection[str]) -> str:
    """Return a question about the first name that is nearly one of the known ones, with a space after it; empty where none is."""
    for name in unknown:
        if near := get_close_matches(name, names, n=1):
            return f"did you mean {near[0]}? "
    return ""


def variables_of(desk: Path) -> Variables:
    """
    Return what the desk.toml `desk` defines; where there is no such file, what every desk knows.

    Raises:
        ValueError: it cannot be read, or a name or a value is not usable.
    """
    if not desk.is_file():
        return Variables()
    try:
        given = tomllib.loads(desk.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ValueError(f"{desk} cannot be read: {error}") from error
    patterns, constants = _table(desk, given, "patterns"), _table(desk, given, "variables")
    refuse_unusable(patterns, constants)
    return Variables(VARIABLES | patterns.keys(), constants)


def refuse_unusable(patterns: Mapping[str, str], constants: Mapping[str, str]) -> None:
    """
    Refuse names that no answer could use, and what has two meanings.

    Raises:
        ValueError: naming the variable and the way out.
    """
    for name in (*patterns, *constants):
        if not NAME.fullmatch(name) or name in {CUSTOMER, "forloop"}:
            raise ValueError(
                f"no answer can use a variable {name!r}: choose small letters, digits and _, and neither {CUSTOMER} "
                "nor forloop"
            )
    if twice := patterns.keys() & constants.keys():
        raise ValueError(f"{sorted(twice)[0]} stands in patterns and in variables; keep one")
    if empty := [name for name, value in constants.items() if not value.strip()]:
        raise ValueError(f"the variable {empty[0]} is empty; give it a text")


def _table(desk: Path, given: Mapping[str, Any], name: str) -> dict[str, str]:
    table = given.get(name, {})
    if not isinstance(table, dict) or not all(isinstance(v, str) for v in table.values()):
        raise ValueError(f"{desk}: [{name}] holds names and texts")
    return table
