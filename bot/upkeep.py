"""
What somebody should look at among the answers that customers get: what has ended or ends soon, what a page under it has changed since, what
customers turn down or never get, and answers that get in each other's way.

Pure. How long ago an answer was written says nothing of it. Two answers to one intent are for the same case where the same variables, customers
and days are theirs and no questions tell them apart. Answers that one customer may get are held against each other by their words and questions.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from itertools import combinations, pairwise
from types import MappingProxyType

from conversations.views.answers import Wear
from retrieval.enclosures import PAGES
from retrieval.templates import Template, ending
from retrieval.terms import terms

ALIKE = 0.5  # share of the pairs of neighbouring words that two texts have in common
FEWEST = 6  # words of a text that can be alike; shorter ones are courtesies
COMMON = 200  # texts; a pair of words that more of them hold says nothing of two
LONG = timedelta(
    days=90
)  # without anybody who got it an answer is told to be unused; a season that comes once a quarter is not
DISLIKED_BY = 3  # conversations with a thumb down, and half of all with a thumb: one bad day of one customer is not enough
SHOWN = 5  # others that one answer is told to be in the way of

_LIQUID = re.compile(r"\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
_FIGURE = re.compile(r"\d+(?:[.,:]\d+)*")
_PAGE = re.compile(rf"(?<![\w-]){PAGES}/([^\s/()\[\]<>\"'?#]+)")
_ADDRESS = re.compile(r"https?://[^\s()<>\"'*`]+")


class Look(StrEnum):
    """Why somebody should look at an answer."""

    OVER = "over"
    ENDS_SOON = "ends_soon"
    PAGE_CHANGED = "page_changed"
    DISLIKED = "disliked"
    UNUSED = "unused"
    SAME_CASE = "same_case"
    SAME_QUESTION = "same_question"  # under different intents
    SAME_WORDS = "same_words"
    OTHER_FIGURES = "other_figures"  # the same words but for the figures


@dataclass(frozen=True, slots=True)
class Flag:
    """
    One thing to look at; what is empty says nothing.

    `other` is the page or the answer that it is about, `at` a day or a time; `down` of `thumbs` conversations with a thumb turned it down.
    """

    kind: Look
    other: str = ""
    at: str = ""
    down: int = 0
    thumbs: int = 0

    def as_json(self) -> dict[str, str | int]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Standing:
    """A knowledge page as it stands: its name, its place on the web (perhaps empty), and when it was changed last."""

    name: str
    url: str
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class _Said:
    """A wording: whose it is, its pairs of neighbouring words with every figure as one, and its figures."""

    answer: Template
    pairs: frozenset[tuple[str, str]]
    figures: Counter[str]


def flags(
    given: Sequence[Template],
    on: date,
    pages: Iterable[Standing] = (),
    language: str = "en",
    wear: Mapping[str, Wear] = MappingProxyType({}),
) -> dict[str, tuple[Flag, ...]]:
    """
    Return what is to be looked at, by the id of the answer; what is well is not in it.

    Args:
        given: the answers that customers get, without drafts and what is retired.
        on: the day at the desk.
        language: what an answer is in whose wording does not say it, ISO 639-1.
        wear: how customers took each, by its id, since `LONG` ago or since it says what it says.
    """
    found: dict[str, list[Flag]] = defaultdict(list)
    for template in ending(given, on):
        until = template.valid_until
        assert until is not None  # noqa: S101 - what `ending` returns
        found[template.id].append(Flag(_kind_of_end(until, on), at=until.isoformat()))
    for template, page in _outdated(given, pages):
        at = page.changed_at.isoformat()
        found[template.id].append(Flag(Look.PAGE_CHANGED, page.name, at))
    current = [one for one in given if not one.hands_off and not _ended(one, on)]
    for template in current:
        for flag in _worn(wear[template.id], on) if template.id in wear else ():
            found[template.id].append(flag)
    in_the_way = (
        *_same_case(current, language),
        *_same_questions(current, language),
        *_same_words(current, language),
    )
    for kind, one, other in in_the_way:
        found[one.id].append(Flag(kind, other.id))
        found[other.id].append(Flag(kind, one.id))
    return {name: tuple(_bounded(some)) for name, some in found.items()}


def _worn(wear: Wear, on: date) -> Iterator[Flag]:
    since, thumbs = wear.since.isoformat(), wear.up + wear.down
    if wear.down >= DISLIKED_BY and 2 * wear.down >= thumbs:
        yield Flag(Look.DISLIKED, at=since, down=wear.down, thumbs=thumbs)
    if not wear.given and on - wear.since >= LONG:
        yield Flag(Look.UNUSED, at=since)


def _kind_of_end(until: date, on: date) -> Look:
    return Look.OVER if until < on else Look.ENDS_SOON


def _ended(template: Template, on: date) -> bool:
    return template.valid_until is not None and template.valid_until < on


def _bounded(some: Iterable[Flag]) -> Iterator[Flag]:
    """Yield the flags, of each kind as many as somebody would read."""
    seen: Counter[Look] = Counter()
    for one in some:
        seen[one.kind] += 1
        if seen[one.kind] <= SHOWN:
            yield one


def _outdated(
    given: Iterable[Template], pages: Iterable[Standing]
) -> Iterator[tuple[Template, Standing]]:
    """Yield each answer that leads to a page which was changed after it was written; whose time nobody noted is passed over."""
    pages = list(pages)
    by_name = {page.name: page for page in pages}
    by_url = {page.url.rstrip("/"): page for page in pages if page.url}
    for template in given:
        if not template.changed_at:
            continue
        written = datetime.fromisoformat(template.changed_at)
        written = written if written.tzinfo else written.replace(tzinfo=UTC)
        for page in dict.fromkeys(_pages_under(template, by_name, by_url)):
            if page.changed_at > written:
                yield template, page


def _pages_under(
    template: Template, by_name: Mapping[str, Standing], by_url: Mapping[str, Standing]
) -> Iterator[Standing]:
    """Yield the pages that an answer leads to, by their own address or by that of the place they were taken from."""
    texts = (template.text, *(variant.text for variant in template.variants))
    for text in (*texts, *(one.url for one in template.attachments)):
        for name in _PAGE.findall(text):
            if page := by_name.get(name) or by_name.get(name.rstrip(".,:;!")):
                yield page
        for address in _ADDRESS.findall(text):
            if page := by_url.get(address.rstrip(".,:;!/")):
                yield page


def _same_case(
    given: Iterable[Template], language: str
) -> Iterator[tuple[Look, Template, Template]]:
    groups: dict[tuple[str, frozenset[str]], list[Template]] = defaultdict(list)
    for template in given:
        groups[template.intent, template.needs].append(template)
    for group in groups.values():
        for one, other in combinations(group, 2):
            if _meet(one, other) and not _told_apart(one, other, language):
                yield Look.SAME_CASE, one, other


def _meet(one: Template, other: Template) -> bool:
    """Return whether there may be a customer and a day that two answers are both for."""
    if one.valid_until and other.valid_from and one.valid_until < other.valid_from:
        return False
    if other.valid_until and one.valid_from and other.valid_until < one.valid_from:
        return False
    return not any(
        a.only_for and (a.only_for <= b.not_for or (b.only_for and not a.only_for & b.only_for))
        for a, b in ((one, other), (other, one))
    )


def _told_apart(one: Template, other: Template, language: str) -> bool:
    """Return whether each has questions of its own, by which the one is found that is meant."""
    asked, others = _questions(one, language), _questions(other, language)
    return bool(asked and others) and not asked & others


def _questions(template: Template, language: str) -> set[frozenset[str]]:
    """Return what an answer's questions are made of; two of the same terms ask nearly the same, in whatever order and form."""
    return {frozenset(terms(question, language)) for question in template.questions}


def _same_questions(
    given: Iterable[Template], language: str
) -> Iterator[tuple[Look, Template, Template]]:
    askers: dict[frozenset[str], list[Template]] = defaultdict(list)
    for template in given:
        for question in _questions(template, language):
            askers[question].append(template)
    pairs = {
        (one.id, other.id): (one, other)
        for several in askers.values()
        for one, other in combinations(several, 2)
        if one.intent != other.intent and _meet(one, other)
    }
    for one, other in pairs.values():
        yield Look.SAME_QUESTION, one, other


def _same_words(
    given: Iterable[Template], language: str
) -> Iterator[tuple[Look, Template, Template]]:
    said = [wording for template in given for wording in _wordings(template, language)]
    holders: dict[tuple[str, str], list[int]] = defaultdict(list)
    for row, wording in enumerate(said):
        for pair in wording.pairs:
            holders[pair].append(row)
    kinds: dict[tuple[str, str], tuple[Look, Template, Template]] = {}
    for row, wording in enumerate(said):
        shared = Counter(
            other
            for pair in wording.pairs
            if len(holders[pair]) <= COMMON
            for other in holders[pair]
            if other > row
        )
        for at, count in shared.items():
            one, other = wording.answer, said[at].answer
            if one.id == other.id or not _meet(one, other):
                continue
            if count / len(wording.pairs | said[at].pairs) < ALIKE:
                continue
            if wording.figures != said[at].figures:
                kinds[one.id, other.id] = Look.OTHER_FIGURES, one, other
            elif one.intent != other.intent:
                kinds.setdefault((one.id, other.id), (Look.SAME_WORDS, one, other))
    yield from kinds.values()


def _wordings(template: Template, language: str) -> Iterator[_Said]:
    texts = [(template.text, ""), *((v.text, v.language) for v in template.variants)]
    for text, spoken in texts:
        plain = _LIQUID.sub(" ", text)
        words = terms(_FIGURE.sub("0", plain), spoken.partition("-")[0] or language)
        if len(words) >= FEWEST:
            figures = Counter(_FIGURE.findall(plain))
            yield _Said(template, frozenset(pairwise(words)), figures)
