"""The versions of answer templates: which one customers get, whatever is saved around it."""

from __future__ import annotations

import pytest

from conversations.lessons import TemplateSaved
from conversations.teachings import teachings
from conversations.versions import saved
from tests.conversations.facts import log


def version(number: int, state: str, template_id: str = "hours") -> TemplateSaved:
    return TemplateSaved(
        template_id=template_id,
        version=number,
        external_id=f"{template_id}@{number}",
        operator="eve",
        state=state,
        content=f'{{"text": "{number}"}}',
    )


@pytest.mark.parametrize(
    ("states", "given", "retired"),
    [
        (["draft"], None, False),
        (["draft", "approved"], None, False),
        (["draft", "approved", "live"], 3, False),
        (["live", "draft"], 1, False),
        (["live", "draft", "approved"], 1, False),
        (["live", "draft", "live"], 3, False),
        (["live", "retired"], None, True),
        (["retired", "draft"], None, True),
        (["retired", "live"], 2, False),
    ],
)
def test_a_template_is_given_as_it_was_last_live(
    states: list[str], given: int | None, retired: bool
) -> None:
    events = [version(number, state) for number, state in enumerate(states, start=1)]
    found = saved(log(*events))
    live = found.given("hours")
    assert (live.version if live else None) == given
    assert [one.version for one in found.live] == ([given] if given else [])
    assert found.retired == ({"hours"} if retired else set())
    assert found.latest("hours") == found.versions["hours"][-1]


def test_templates_do_not_mind_each_other_and_teachings_carry_them() -> None:
    recorded = log(version(1, "live"), version(1, "draft", "prices"))
    found = teachings(recorded).saved
    assert found == saved(recorded)
    assert [one.template_id for one in found.live] == ["hours"]
    assert found.latest("fees") is None
    assert teachings(recorded).seq == 2
