"""What staff see of Releases: what is taken for what, with examples, within bounds."""

from __future__ import annotations

from collections import Counter
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.catalogue import EXAMPLES, confusion

INTENTS = st.sampled_from(["", "a", "b", "c"])
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "text": st.text(max_size=5),
            "truth": INTENTS,
            "predicted": INTENTS,
            "confidence": st.floats(0, 1),
            "answered": st.booleans(),
        }
    ),
    max_size=80,
)


@given(rows=ROWS)
def test_every_misreading_is_counted_once(rows: list[dict[str, Any]]) -> None:
    cells = confusion(rows)
    expected = Counter((r["truth"], r["predicted"]) for r in rows if r["truth"] != r["predicted"])
    assert {(c["truth"], c["predicted"]): c["count"] for c in cells} == expected
    assert [c["count"] for c in cells] == sorted(expected.values(), reverse=True)
    for cell in cells:
        assert len(cell["examples"]) == min(EXAMPLES, cell["count"])
