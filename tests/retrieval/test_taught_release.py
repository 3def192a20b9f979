"""A Release under what operators taught: near-identical questions, surer readings, the very words, and undoing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from retrieval.calibration import Likeness, Logistic
from retrieval.prediction import OUT_OF_SCOPE, Verdict
from retrieval.release import Release
from retrieval.teachings import Overlay, Question, TaughtRelease, laid_over
from retrieval.templates import Template

STRANGE = "who won the football in peru"
KNOWN = "where is my order"
ANSWER = Template("t1", "football", "Nobody knows.", "Football", (STRANGE,))


def taught(
    release: Release, *questions: tuple[str, str], templates: tuple[Template, ...] = (ANSWER,)
) -> TaughtRelease:
    made = tuple(Question(f"t{n}", text, intent) for n, (text, intent) in enumerate(questions, 1))
    return TaughtRelease.of(release, Overlay(7, made, templates))


def sure(release: Release, likeness: Likeness) -> Release:
    """The same Release with another likeness."""
    contents = release._contents
    calibration = replace(contents.calibration, likeness=likeness)
    return Release(release.hash, replace(contents, calibration=calibration))


# Half sure at a cosine of 0.9, and 0.98 at 0.98: what a likeness of many examples comes to.
STEEP = Likeness(Logistic((50.0,), -45.0), 0.8, "")


def test_the_very_words_are_answered_whatever_case_and_punctuation(tiny_release: Release) -> None:
    before = tiny_release.read([STRANGE])[0]
    assert before.best.intent != "football"
    for text in (STRANGE, f"{STRANGE.upper()}?!"):
        [reading] = taught(tiny_release, (STRANGE, "football")).read([text])
        assert (reading.verdict, reading.best.intent) == (Verdict.CONFIDENT, "football")
        assert (reading.best.title, reading.confidence) == ("Football", 1.0)
        assert reading.templates[0].template_id == "t1"
        assert reading.taught is not None
        assert (reading.taught.teaching_id, reading.taught.question) == ("t1", STRANGE)


def test_everything_else_is_read_as_the_release_reads_it(tiny_release: Release) -> None:
    texts = [KNOWN, "the zip is broken", "tell me a joke", "paint"]
    served = taught(tiny_release, (STRANGE, "football"))
    plain = [replace(p, edition=None) for p in served.read(texts)]
    assert plain == tiny_release.read(texts)
    assert served.read([]) == []
    assert all(p.edition is not None and p.edition.seq == 7 for p in served.read(texts))


def test_nothing_taught_is_the_release_itself(tiny_release: Release) -> None:
    assert laid_over(tiny_release, Overlay(seq=9)) is tiny_release


def test_a_near_question_is_answered_where_the_likeness_is_sure_enough(
    tiny_release: Release,
) -> None:
    near = f"please {STRANGE}"
    release = sure(tiny_release, Likeness(Logistic((50.0,), -25.0), 0.8, ""))
    [reading] = taught(release, (STRANGE, "football")).read([near])
    assert reading.taught is not None
    assert 0.5 < reading.taught.similarity < 1
    assert reading.confidence == reading.taught.confidence >= 0.8
    strict = sure(tiny_release, Likeness(Logistic((50.0,), -25.0), 1.1, ""))
    assert taught(strict, (STRANGE, "football")).read([near])[0].taught is None


def test_a_nearer_example_of_another_intent_speaks_for_itself(tiny_release: Release) -> None:
    credulous = sure(tiny_release, Likeness(Logistic((0.0,), 5.0), 0.5, ""))
    served = taught(credulous, (STRANGE, "football"))
    [reading] = served.read([KNOWN])  # an example, so that nothing is nearer
    assert (reading.taught, reading.best.intent) == (None, "order_status")


@pytest.mark.parametrize(("more", "wins"), [(-0.01, False), (0.01, True)])
def test_of_two_confident_readings_the_surer_wins(
    tiny_release: Release, more: float, wins: bool
) -> None:
    # Words that the tiny encoder does not know are the same to it: as near as can be, and not the very words.
    asked, question = "where is my order xyzzy", "where is my order plugh"
    [own] = tiny_release.read([asked])
    assert (own.verdict, own.best.intent) == (Verdict.CONFIDENT, "order_status")
    sureness = own.confidence + more
    odds = float(np.log(sureness / (1 - sureness)))
    release = sure(tiny_release, Likeness(Logistic((0.0,), odds), 0.1, ""))
    [reading] = taught(release, (question, "repair")).read([asked])
    assert (reading.taught is not None) is wins
    assert reading.best.intent == ("repair" if wins else "order_status")


def test_a_label_that_means_out_of_scope_makes_the_bot_abstain(tiny_release: Release) -> None:
    [reading] = taught(tiny_release, (KNOWN, OUT_OF_SCOPE), templates=()).read([KNOWN])
    assert (reading.verdict, reading.confidence) == (Verdict.OUT_OF_SCOPE, 0.0)


def test_a_label_is_answered_by_the_intents_own_templates(tiny_release: Release) -> None:
    [reading] = taught(tiny_release, (STRANGE, "repair"), templates=()).read([STRANGE])
    assert (reading.verdict, reading.best.intent) == (Verdict.CONFIDENT, "repair")
    assert reading.taught is not None
    assert [t.id for t in tiny_release.templates_of("repair")] == ["repair"]


def test_a_taught_answer_among_known_ones_is_for_its_questions_only(tiny_release: Release) -> None:
    own = Template("t1", "repair", "Zips on Mondays.", questions=("zip repair on monday",))
    served = taught(tiny_release, ("zip repair on monday", "repair"), templates=(own,))
    assert [t.id for t in served.templates_of("repair")] == ["repair", "t1"]
    asked, other = served.read(["zip repair on monday", "the zip is broken"])
    assert asked.templates[0].template_id == "t1"
    assert "t1" not in {hit.template_id for hit in other.templates}
    assert served.template("t1") == own
    assert served.template("repair") == tiny_release.template("repair")
    assert served.titles["repair"] == tiny_release.titles["repair"]


def test_a_withdrawn_template_is_given_no_more(tiny_release: Release) -> None:
    served = TaughtRelease.of(tiny_release, Overlay(withdrawn=frozenset({"repair"})))
    [reading] = served.read(["the zip is broken"])
    assert served.templates_of("repair") == ()
    assert "repair" not in {hit.template_id for hit in reading.templates}


def test_of_two_teachings_of_the_same_words_the_later_counts(tiny_release: Release) -> None:
    served = taught(tiny_release, (STRANGE, "football"), (STRANGE, "repair"))
    [reading] = served.read([STRANGE])
    assert reading.taught is not None
    assert reading.taught.teaching_id == "t2"


def test_an_edition_is_named_by_its_content(tiny_release: Release) -> None:
    one = Overlay(1, (Question("t1", STRANGE, "football"),), (ANSWER,))
    assert one.edition.hash == replace(one, seq=2).edition.hash
    assert one.edition.hash != replace(one, templates=()).edition.hash
    assert one.edition.hash != replace(one, questions=()).edition.hash


def test_a_rebuilt_overlay_reads_to_the_last_digit_as_before(tiny_release: Release) -> None:
    first = taught(tiny_release, (STRANGE, "football"))
    more = Overlay(
        8, (Question("t1", STRANGE, "football"), Question("t2", "sing me", "songs")), (ANSWER,)
    )
    grown = TaughtRelease.of(tiny_release, more, first)
    assert np.array_equal(grown.known(tiny_release)[STRANGE], first.known(tiny_release)[STRANGE])
    other = sure(tiny_release, STEEP)
    assert first.known(other) == {}
    again = TaughtRelease.of(tiny_release, more)
    assert again.read([STRANGE, KNOWN]) == grown.read([STRANGE, KNOWN])


@pytest.mark.parametrize(("one", "other"), [("🙂", "🙃"), ("…", "?!")])
def test_texts_without_words_are_compared_as_they_stand(
    tiny_release: Release, one: str, other: str
) -> None:
    served = taught(sure(tiny_release, replace(STEEP, answer_at=1.1)), (one, "football"))
    readings = served.read([one, other])
    assert [reading.taught is not None for reading in readings] == [True, False]
