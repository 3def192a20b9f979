"""A desk as whoever trains it sees it: which encoder it names, and how it learns."""

from __future__ import annotations

from pathlib import Path

import pytest

from finetune.desks import DeskIncomplete, encoder_of, learning_of
from retrieval.learning import Learning


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


def test_a_desk_learns_as_usual_as_its_file_or_as_the_environment_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert learning_of(tmp_path) == Learning(
        risk=0.05, memory=4096, minutes=180, keep=7, hold=False
    )
    (tmp_path / "desk.toml").write_text("[learning]\nrisk = 0.02\nkeep = 3\nhold = true\n")
    assert learning_of(tmp_path) == Learning(risk=0.02, keep=3, hold=True)
    monkeypatch.setenv("FRONTDESK_LEARNING_RISK", "0.1")
    monkeypatch.setenv("FRONTDESK_LEARNING_HOLD", "false")
    assert learning_of(tmp_path) == Learning(risk=0.1, keep=3)


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        ("learning = 5", r"write a section \[learning\]"),
        ("[learning]\nrsik = 0.1", "rsik is not a known setting; there are hold, keep, memory"),
        ("[learning]\nrisk = 5", "risk: a share between 0 and 1, such as 0.03"),
        ("[learning]\nrisk = 'low'", "risk: a share between 0 and 1"),
        ("[learning]\nmemory = 0.5", "memory: a size in MB, a whole number from 1 on"),
        ("[learning]\nminutes = 0", "minutes: a time in minutes, more than 0"),
        ("[learning]\nkeep = 0", "keep: how many Releases, a whole number from 1 on"),
        ("[learning]\nkeep = true", "keep: how many Releases"),
        ("[learning]\nhold = 'perhaps'", "hold: true or false"),
        ("learning", "desk.toml cannot be read"),
    ],
)
def test_a_wrong_way_to_learn_is_named_with_what_it_may_be(
    tmp_path: Path, toml: str, said: str
) -> None:
    (tmp_path / "desk.toml").write_text(toml)
    with pytest.raises(DeskIncomplete, match=said):
        learning_of(tmp_path)
