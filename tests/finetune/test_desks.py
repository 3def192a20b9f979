"""A desk as whoever trains it sees it: which encoder it names."""

from __future__ import annotations

from pathlib import Path

import pytest

from finetune.desks import DeskIncomplete, encoder_of


def test_a_desk_that_names_no_encoder_has_the_usual_one(tmp_path: Path) -> None:
    assert encoder_of(tmp_path) == "english"
    (tmp_path / "desk.toml").write_text("name = 'Shop'\n")
    assert encoder_of(tmp_path) == "english"


def test_the_environment_wins_over_the_desk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "desk.toml").write_text("encoder = 'multilingual'\n")
    assert encoder_of(tmp_path) == "multilingual"
    monkeypatch.setenv("FRONTDESK_ENCODER", "/srv/encoder")
    assert encoder_of(tmp_path) == "/srv/encoder"


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        ("encoder =", "desk.toml cannot be read"),
        ("encoder = ''", "in quotation marks"),
        ("encoder = 7", "in quotation marks"),
    ],
)
def test_a_desk_whose_encoder_cannot_be_read_says_so(tmp_path: Path, toml: str, said: str) -> None:
    (tmp_path / "desk.toml").write_text(toml)
    with pytest.raises(DeskIncomplete, match=said):
        encoder_of(tmp_path)
