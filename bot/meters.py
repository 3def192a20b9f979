"""The counters of a running desk, in a registry of their own."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
SIZES = (1, 2, 4, 8, 16, 32)


class Meters:
    """Handed to whoever has something to count; /metrics shows the registry."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.turns = Counter(
            "frontdesk_turns",
            "Utterances decided on, by action and verdict.",
            ("action", "verdict"),
            registry=self.registry,
        )
        self.turn_seconds = Histogram(
            "frontdesk_turn_seconds",
            "From the start of a turn to its durable decision.",
            buckets=SECONDS,
            registry=self.registry,
        )
        self.batch_size = Histogram(
            "frontdesk_model_batch_size",
            "Texts read in one pass of the model.",
            buckets=SIZES,
            registry=self.registry,
        )
        self.model_failures = Counter(
            "frontdesk_model_failures", "Texts the model could not read.", registry=self.registry
        )
        self.swaps = Counter(
            "frontdesk_champion_swaps",
            "Changes of the serving Release, by outcome: swapped or refused.",
            ("outcome",),
            registry=self.registry,
        )
        self.trial = Counter(
            "frontdesk_trial",
            "Messages that the Release on trial looked at, by what it would do: same, otherwise, failed, or missed where it was behind.",
            ("outcome",),
            registry=self.registry,
        )
        self.serving = Gauge(
            "frontdesk_champion", "1 for the serving Release.", ("release",), registry=self.registry
        )
        self.waiting = Gauge(
            "frontdesk_handoffs_waiting",
            "Conversations that a person has.",
            registry=self.registry,
        )
        self.undeliverable = Counter(
            "frontdesk_undeliverable",
            "Decisions given up for good, by channel.",
            ("channel",),
            registry=self.registry,
        )

    def serve(self, release: str) -> None:
        """Note which Release answers from now on."""
        self.serving.clear()
        self.serving.labels(release=release).set(1)
