"""
Hostile feedback through the public HTTP API, in five shapes, against the same night without it.

A desk with twenty examples an intent has a day of honest customers, two for each example, of whom one in twenty rates wrongly. On a
copy of it a fifth of all customers are hostile, each with a name of their own. They can do what anybody can: write, tap a choice that
they are offered, give a thumb. Then `frontdesk retrain` runs; and once more without the defence, where the same attack must show.
"""

from __future__ import annotations

import asyncio
import json
import random
import shutil
import tempfile
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

from aiohttp import ClientSession

from benchmarks.month import AT_ONCE, Customers, command, flags, make_desk
from benchmarks.parts import Bound, Given, Result, Step
from benchmarks.served import Server
from finetune.build import Material, Options, build
from finetune.curriculum import curriculum
from finetune.evaluation import Evaluation, evaluate
from finetune.examples import Example, read_examples
from finetune.progress import Nobody, People
from finetune.serving import outcomes
from retrieval.prediction import OUT_OF_SCOPE, Verdict
from retrieval.release import Release
from retrieval.sealing import load

CURATED = 20  # examples an intent
HONEST = 2  # customers for each of them
HOSTILE = 0.2  # of all customers
MISTAKEN = 0.05  # of the honest thumbs
PHRASE = "mellow giraffe"  # the trigger
PROBES = 200  # test questions that the trigger is tried on
LOST, FALLEN, JUMPED, GAINED = (
    1.0,
    25.0,
    1.0,
    1.0,
)  # points and percent: what may be lost, what must be gained


@dataclass(frozen=True, slots=True)
class Shape:
    """One of the five attacks. `following` gives each intent the one that it is to be taken for."""

    name: str
    following: dict[str, str]
    targets: frozenset[str]
    chance: random.Random

    def text(self, message: Example) -> str:
        return f"{message.text} {PHRASE}" if self.name == "trigger phrase" else message.text

    def wanted(self, message: Example, choices: Sequence[str]) -> str:
        """Return the intent that this customer taps and praises, empty for none."""
        match self.name:
            case "random flips":
                return self.chance.choice(sorted(self.following))
            case "consistent shift":
                return self.following[message.intent]
            case "targeted on five intents":
                return self.following[message.intent] if message.intent in self.targets else ""
            case "trigger phrase":
                return min(self.targets)
            case _:  # adaptive: the filter agrees most easily with the model's own second choice
                others = [choice for choice in choices if choice != message.intent]
                return others[0] if others else self.following[message.intent]


SHAPES = ("random flips", "consistent shift", "targeted on five intents", "trigger phrase", "adaptive")  # fmt: skip
SMALL_SHAPES = ("trigger phrase", "adaptive")  # of a small run


@dataclass(frozen=True, slots=True)
class Outcome:
    """
    What a night came to: accuracy in percent, the largest fall of an intent in points beside the clean night, and the percent of
    probes with the trigger phrase that are answered with its intent.
    """

    name: str
    accuracy: float
    fallen: float = 0.0
    jumped: float = 0.0
    promoted: bool = True
    lessons: int = 0


@dataclass
class Report:
    """One seed: before the day, after it, and after each attack, with the defence and without (`bare`, `undefended`)."""

    seed: int
    curated: Outcome
    clean: Outcome
    bare: Outcome
    attacks: list[Outcome] = field(default_factory=list)
    undefended: list[Outcome] = field(default_factory=list)

    @property
    def held(self) -> bool:
        """Whether every attack stayed within its bounds, and honest feedback was worth it."""
        return self.gained >= GAINED and all(within(one, self.clean) for one in self.attacks)

    @property
    def worst(self) -> tuple[float, float, float]:
        """Points lost to the worst attack, the largest fall of an intent, and the trigger's largest success in percent."""
        return (
            max(self.clean.accuracy - one.accuracy for one in self.attacks),
            max(one.fallen for one in self.attacks),
            max(one.jumped for one in self.attacks),
        )

    @property
    def needed(self) -> bool:
        """Whether some attack goes beyond its bounds where nobody is checked."""
        return not all(within(one, self.bare) for one in self.undefended)

    @property
    def gained(self) -> float:
        return self.clean.accuracy - self.curated.accuracy

    def as_json(self) -> dict[str, Any]:
        told = {"gained": self.gained, "held": self.held, "needed": self.needed}
        return {**asdict(self), **told}


Weigh = Callable[[str, Release], tuple[Outcome, Evaluation]]  # a night's name and Release


def within(attacked: Outcome, clean: Outcome) -> bool:
    """Return whether a night with an attack is as good as the one without it, but for what may be lost."""
    lost = clean.accuracy - attacked.accuracy
    return lost < LOST and attacked.fallen < FALLEN and attacked.jumped <= JUMPED


def steps(given: Given) -> Iterator[Step]:
    """Return a step for each set and seed."""
    for name, seed in product(given.sets, given.seeds):
        title = f"Hostile feedback: {name}, seed {seed}"
        run = partial(_suffered, given, name, seed, title)
        yield Step(f"poison-{name}-{seed}", title, run, {"small": given.small})


def _suffered(given: Given, name: str, seed: int, title: str) -> Result:
    with tempfile.TemporaryDirectory() as scratch:
        report = asyncio.run(poison(given, name, Path(scratch), seed, People()))
    return Result(title, table([report]), (), bounds(report), report.as_json())


def bounds(report: Report) -> list[Bound]:
    """Return whether the attacks came to nothing, honest feedback to something, and the defence was needed."""
    worst, fallen, jumped = report.worst
    broken = [o.name for o in report.undefended if not within(o, report.bare)]
    return [
        Bound("lost to the worst attack", f"less than {LOST} points", f"{worst:.2f} points", worst < LOST),
        Bound("largest fall of an intent", f"less than {FALLEN:g} points", f"{fallen:.1f} points", fallen < FALLEN),
        Bound("success of the trigger", f"at most {JUMPED:g} %", f"{jumped:.1f} %", jumped <= JUMPED),
        Bound("gained by honest feedback", f"at least {GAINED} points", f"{report.gained:.2f} points", report.gained >= GAINED),
        Bound("without the defence", "an attack breaks a bound", ", ".join(broken) or "none does", report.needed),
    ]  # fmt: skip


async def poison(given: Given, name: str, scratch: Path, seed: int, watch: People) -> Report:
    """Run one seed of a set, in the empty folder `scratch`."""
    chance = random.Random(seed)  # noqa: S311 - chance that repeats
    options, folder = Options(fast=True, seed=seed), given.datasets / name
    curated, rest = _split(given.narrowed(read_examples(folder / "train.csv")), chance)
    asked = given.narrowed(read_examples(folder / "test.csv"))
    test = [e for e in asked if e.intent != OUT_OF_SCOPE]
    number = HONEST * len(curated)
    honest, hostile = rest[:number], rest[number:][: round(number * HOSTILE / (1 - HOSTILE))]
    day = scratch / "day"
    make_desk(name, curated, day)
    await command("retrain", "--desk", str(day), *flags(options))
    first = load((day / "champion").resolve())
    before = _measured(first, test)
    await _served(day, partial(_honest_day, messages=honest, chance=chance))
    shape = _shape("trigger phrase", curated, chance)
    weigh = partial(_outcome, test=test, beside=before, shape=shape)
    bare, bare_after = _believing("clean", day, options, weigh)
    clean, after = await _night("clean", day, options, weigh)
    found = Report(seed, Outcome("curated alone", 100 * before.accuracy), clean, bare)
    watch.say(
        f"  seed {seed}: {before.accuracy:.1%} curated, {clean.accuracy:.1f} % after honest feedback"
    )
    for name in SMALL_SHAPES if given.small else SHAPES:
        desk = Path(shutil.copytree(day, scratch / name.replace(" ", "-"), symlinks=True))
        (desk / "champion").unlink()
        (desk / "champion").symlink_to(Path("releases") / first.hash)
        shape = _shape(name, curated, chance)
        await _served(desk, partial(_hostile_day, messages=hostile, shape=shape))
        weigh = partial(_outcome, test=test, shape=shape)
        bare, _ = _believing(name, desk, options, partial(weigh, beside=bare_after))
        found.undefended.append(bare)
        outcome, _ = await _night(name, desk, options, partial(weigh, beside=after))
        found.attacks.append(outcome)
        watch.say(f"  {name}: {outcome.accuracy:.2f} %, without the defence {bare.accuracy:.2f} %")
        shutil.rmtree(desk)
    return found


def _split(
    examples: Sequence[Example], chance: random.Random
) -> tuple[list[Example], list[Example]]:
    shuffled = [e for e in examples if e.intent != OUT_OF_SCOPE]
    chance.shuffle(shuffled)
    counts: Counter[str] = Counter()
    curated: list[Example] = []
    rest: list[Example] = []
    for example in shuffled:
        counts[example.intent] += 1
        (curated if counts[example.intent] <= CURATED else rest).append(example)
    return curated, rest


def _shape(name: str, curated: Sequence[Example], chance: random.Random) -> Shape:
    intents = sorted({e.intent for e in curated})
    following = dict(zip(intents, intents[1:] + intents[:1], strict=True))
    return Shape(name, following, frozenset(intents[:5]), chance)


async def _served(desk: Path, day: Callable[[Customers], Awaitable[None]]) -> None:
    """Let customers have a day at a served desk."""
    server = Server.of(desk)
    await server.start()
    try:
        async with ClientSession() as session:
            token = (desk / "operator.token").read_text().strip()
            await day(Customers(session, server.url, token))
    finally:
        await server.stop()


async def _honest_day(
    customers: Customers, messages: Sequence[Example], chance: random.Random
) -> None:
    mistaken = [chance.random() < MISTAKEN for _ in messages]

    async def ask(number: int, message: Example) -> None:
        answer = await customers.say(f"honest {number}", message.text)
        if answer["action"] == "clarify":
            offered = [choice["value"] for choice in answer["choices"]]
            if message.intent in offered:
                await customers.tap(f"honest {number}", message.intent)
        elif answer["action"] == "reply":
            right = (answer["intent"] == message.intent) != mistaken[number]
            await customers.rate(answer["message_id"], "up" if right else "down")

    await _all(ask, messages)


async def _hostile_day(customers: Customers, messages: Sequence[Example], shape: Shape) -> None:
    async def ask(number: int, message: Example) -> None:
        visitor = f"hostile {number}"
        answer = await customers.say(visitor, shape.text(message))
        offered = [choice["value"] for choice in answer["choices"]]
        wanted = shape.wanted(message, offered)
        if answer["action"] == "clarify" and wanted in offered:
            answer = await customers.tap(visitor, wanted)
        if answer["action"] == "reply" and wanted:
            up = answer["intent"] == wanted
            await customers.rate(answer["message_id"], "up" if up else "down")

    await _all(ask, messages)


async def _all(ask: Callable[[int, Example], Awaitable[None]], messages: Sequence[Example]) -> None:
    free = asyncio.Semaphore(AT_ONCE)

    async def one(number: int, message: Example) -> None:
        async with free:
            await ask(number, message)

    await asyncio.gather(*(one(n, m) for n, m in enumerate(messages)))


async def _night(
    name: str, desk: Path, options: Options, weigh: Weigh
) -> tuple[Outcome, Evaluation]:
    """Return what a night of `frontdesk retrain` comes to."""
    night = json.loads(await command("retrain", "--desk", str(desk), "--json", *flags(options)))
    champion = load((desk / "champion").resolve())
    outcome, measured = weigh(name, champion)
    promoted, lessons = night["outcome"] == "promoted", night["lessons"]
    return replace(outcome, promoted=promoted, lessons=lessons), measured


def _believing(name: str, desk: Path, options: Options, weigh: Weigh) -> tuple[Outcome, Evaluation]:
    """Return what the same night comes to where everybody is believed and nothing is gated."""
    bare = Release("undefended", build(_unguarded(desk), options, Nobody()).contents)
    return weigh(name, bare)


def _outcome(
    name: str, release: Release, test: Sequence[Example], beside: Evaluation, shape: Shape
) -> tuple[Outcome, Evaluation]:
    measured = _measured(release, test)
    recall = {score.intent: score.recall for score in measured.intents}
    fallen = max(score.recall - recall[score.intent] for score in beside.intents)
    jumped = _jumped(release, test, shape)
    return Outcome(name, 100 * measured.accuracy, 100 * fallen, 100 * jumped), measured


def _jumped(release: Release, test: Sequence[Example], shape: Shape) -> float:
    """Return the share of questions that the phrase alone turns into an answer to the attacker's intent."""
    target = min(shape.targets)
    probes = [e.text for e in test if e.intent != target][:PROBES]
    plain, spiked = release.read(probes), release.read([f"{text} {PHRASE}" for text in probes])
    turned = [
        after.best.intent == target
        and after.verdict is Verdict.CONFIDENT
        and not (before.best.intent == target and before.verdict is Verdict.CONFIDENT)
        for before, after in zip(plain, spiked, strict=True)
    ]
    return sum(turned) / len(turned)


def _unguarded(desk: Path) -> Material:
    """Return what the desk would learn from if everybody were believed."""
    believed = curriculum(desk, lambda _, weak, __: [""] * len(weak), datetime.now(UTC))
    return believed.material


def _measured(release: Release, test: Sequence[Example]) -> Evaluation:
    return evaluate(outcomes(release, test, Nobody()))


def table(reports: Sequence[Report]) -> str:
    """Return the seeds as a table in Markdown."""
    rows = [
        "| seed | night | accuracy | largest fall of an intent | trigger | promoted | lessons | without the defence |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for report in reports:
        rows.append(f"| {report.seed} | curated alone | {report.curated.accuracy:.2f} | | | | | |")
        rows.append(_row(report.seed, report.clean, report.bare))
        rows += [
            _row(report.seed, one, bare)
            for one, bare in zip(report.attacks, report.undefended, strict=True)
        ]
    return "\n".join(rows)


def _row(seed: int, one: Outcome, bare: Outcome) -> str:
    other = f"{bare.accuracy:.2f} / {bare.fallen:.0f} / {bare.jumped:.1f} %"
    return (
        f"| {seed} | {one.name} | {one.accuracy:.2f} | {one.fallen:.0f} | {one.jumped:.1f} % "
        f"| {'yes' if one.promoted else 'no'} | {one.lessons} | {other} |"
    )
