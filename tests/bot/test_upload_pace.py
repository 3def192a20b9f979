"""How fast files may come from one visitor and from one network."""

from __future__ import annotations

from itertools import count

from bot.channels.upload_pace import MB, MEGABYTES_OF_NETWORK, OF_NETWORK, OF_VISITOR, Paces


class Time:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_visitor_may_send_a_handful_at_once_and_then_one_after_the_other() -> None:
    time = Time()
    paces = Paces(time)
    assert [paces.wait("ada", "", 1) for _ in range(OF_VISITOR.burst)] == [0] * OF_VISITOR.burst
    assert paces.wait("ada", "", 1) == 5
    assert paces.wait("bob", "", 1) == 0
    time.now += 5
    assert paces.wait("ada", "", 1) == 0


def test_a_network_is_one_however_many_visitors_it_makes() -> None:
    paces, visitors = Paces(Time()), count()
    waits = [paces.wait(f"{next(visitors)}", "n1", 1) for _ in range(OF_NETWORK.burst)]
    assert set(waits) == {0}
    assert paces.wait("another", "n1", 1) == 1
    assert paces.wait("another", "n2", 1) == 0
    assert paces.wait("another still", "", 1) == 0


def test_the_megabytes_of_a_network_have_a_pace_and_a_refused_file_costs_nothing() -> None:
    time = Time()
    paces, visitors = Paces(time), count()
    for _ in range(MEGABYTES_OF_NETWORK.burst // 20):
        assert paces.wait(f"{next(visitors)}", "n1", 20 * MB) == 0
    assert [paces.wait("late", "n1", 10 * MB) for _ in range(20)] == [5] * 20
    time.now += 5
    assert paces.wait("late", "n1", 10 * MB) == 0
