"""The parts of one limit: of those who are noticed it is never exceeded, of newcomers by 0.65 of it."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutover.tables.shares import (
    COUNT_SECONDS,
    FRESH_SECONDS,
    LEAST,
    MOST,
    NOTICED_SECONDS,
    SHORT_SECONDS,
    AtWork,
    Count,
    Short,
    backfill_part,
    mirror_part,
    verify_part,
)
from tests.fakes.workers import FakeWorkers

PAIR, NOW = "old=new", 1000.0
STEP = 0.25
NEWCOMERS = 0.65


def seen(mirrors: int, *, backfill: bool = False, short: Short | None = None) -> AtWork:
    return AtWork(mirrors, backfill, short)


def test_who_is_alone_has_all_at_once() -> None:
    assert mirror_part(seen(1), NOW, noticed=False) == 1
    assert backfill_part(seen(0, backfill=True), NOW, noticed=False) == 1


def test_invocations_of_the_mirror_have_equal_parts() -> None:
    assert mirror_part(seen(4), NOW, noticed=True) == 0.25
    assert mirror_part(seen(4, backfill=True), NOW, noticed=True) == LEAST / 4


def test_mirror_and_backfill_divide_the_limit() -> None:
    both = seen(1, backfill=True)
    assert mirror_part(both, NOW, noticed=True) == LEAST
    assert backfill_part(both, NOW, noticed=True) == 1 - LEAST


def test_a_newcomer_has_the_square_of_its_part() -> None:
    assert mirror_part(seen(2), NOW, noticed=False) == 1 / 4
    assert mirror_part(seen(3, backfill=True), NOW, noticed=False) == 1 / 16
    assert backfill_part(seen(2, backfill=True), NOW, noticed=False) == 1 / 9


def test_the_backfill_gives_way_at_once_and_the_mirror_takes_it_when_that_is_known() -> None:
    def short(since: float) -> AtWork:
        return seen(1, backfill=True, short=Short(since, NOW + SHORT_SECONDS))

    assert backfill_part(short(NOW), NOW, noticed=True) == pytest.approx(1 - MOST)
    assert mirror_part(short(NOW - NOTICED_SECONDS + 0.1), NOW, noticed=True) == LEAST
    assert mirror_part(short(NOW - NOTICED_SECONDS), NOW, noticed=True) == MOST


def test_the_mirror_gives_it_back_before_the_backfill_takes_it() -> None:
    over = seen(1, backfill=True, short=Short(NOW - 60, NOW + NOTICED_SECONDS - 0.1))
    assert mirror_part(over, NOW, noticed=True) == LEAST
    assert backfill_part(over, NOW, noticed=True) == pytest.approx(1 - MOST)


def test_whom_the_ledger_does_not_answer_is_no_longer_noticed() -> None:
    count = Count()
    count.ask(NOW, NOW + 120, lambda: seen(1))
    assert not count.noticed(NOW)
    count.ask(NOW + 5, NOW + 125, lambda: seen(2))
    assert count.noticed(NOW + NOTICED_SECONDS)
    assert not count.noticed(NOW + 5 + FRESH_SECONDS)
    count.ask(NOW + 10, NOW + 130, lambda: None)
    assert count.at_work == seen(2)
    assert not count.noticed(NOW + 11.5)


def test_who_left_in_debt_and_comes_back_before_it_is_paid_is_noticed_still() -> None:
    count = Count()
    count.ask(NOW, NOW + 120, lambda: seen(1))
    count.left(NOW + 20)
    count.ask(NOW + 15, NOW + 135, lambda: seen(1))
    assert count.noticed(NOW + 15)
    count.left(NOW + 16)
    count.ask(NOW + 17, NOW + 137, lambda: seen(1))
    assert not count.noticed(NOW + 17)


def test_a_verify_shares_what_is_read_with_whoever_else_is_at_work() -> None:
    """Beside one mirror and a backfill, and of two verifies each has half of what is theirs."""
    alone, beside = AtWork(verifies=1), AtWork(1, verifies=2)
    assert verify_part(alone, NOW, noticed=False) == 1
    assert verify_part(beside, NOW, noticed=False) == 1 / 9
    assert verify_part(beside, NOW, noticed=True) == (1 - LEAST) / 2
    three = AtWork(1, backfill=True, verifies=1)
    parts = [work(three, NOW, noticed=True) for work in (mirror_part, backfill_part, verify_part)]
    assert parts == [LEAST, (1 - LEAST) / 2, (1 - LEAST) / 2]
    assert backfill_part(AtWork(0, backfill=True, verifies=1), NOW, noticed=True) == 1 / 2


def test_a_verify_gives_way_to_a_mirror_that_is_short() -> None:
    short = AtWork(1, short=Short(NOW - 60, NOW + SHORT_SECONDS), verifies=1)
    assert mirror_part(short, NOW, noticed=True) == MOST
    assert verify_part(short, NOW, noticed=True) == pytest.approx(1 - MOST)


def test_a_verify_takes_nothing_of_what_may_be_written() -> None:
    at_work = AtWork(1, backfill=True, verifies=2)
    assert mirror_part(at_work.writers, NOW, noticed=True) == LEAST
    assert backfill_part(at_work.writers, NOW, noticed=True) == 1 - LEAST
    assert mirror_part(AtWork(2, verifies=1).writers, NOW, noticed=True) == 1 / 2


@dataclass
class Member:
    """One at work from `begins` to `ends`, who counts every five seconds and up to half a second more."""

    name: str
    begins: float
    ends: float
    late: float
    held: bool = False
    """Whether the limit holds it all the time."""
    count: Count = field(default_factory=Count)
    asked: float = -1e9

    def part(self, row: FakeWorkers, now: float) -> float | None:
        """None while it is not at work."""
        if not self.begins <= now < self.ends:
            if now >= self.ends and self.kind == "mirror":
                row.leave(PAIR, self.name, now, "", 0, now)
            if now >= self.ends and self.kind == "verify":
                row.leave_verify(PAIR, self.name, now, now)
            return None
        if now - self.asked >= COUNT_SECONDS + self.late:
            self.asked = now
            self._ask(row, now)
        work = {"mirror": mirror_part, "backfill": backfill_part, "verify": verify_part}[self.kind]
        return work(self.count.at_work, now, noticed=self.count.noticed(now))

    def part_of_writes(self, now: float) -> float:
        """Where `part` gave one."""
        if self.kind == "verify":
            return 0.0
        work = backfill_part if self.kind == "backfill" else mirror_part
        return work(self.count.at_work.writers, now, noticed=self.count.noticed(now))

    @property
    def kind(self) -> str:
        return self.name.split()[0]

    def _ask(self, row: FakeWorkers, now: float) -> None:
        if self.kind == "verify":
            self.count.ask(now, now + 60, lambda: row.join_verify(PAIR, self.name, now + 60, now))
            return
        if self.kind == "backfill":
            self.count.ask(now, now + 60, lambda: row.join_backfill(PAIR, now + 60, now))
            return
        before, short = self.count.at_work.short, None
        if self.held and self.count.noticed(now):
            since = before.since if before is not None and before.goes_on(now) else now
            short = Short(since, now + SHORT_SECONDS)
        self.count.ask(now, now + 120, lambda: row.join(PAIR, self.name, now + 120, now, short))


@st.composite
def crowds(draw: st.DrawFn) -> list[Member]:
    names = [f"mirror {number}" for number in range(draw(st.integers(0, 6)))]
    names += ["backfill"] * draw(st.integers(0, 1))
    names += [f"verify {number}" for number in range(draw(st.integers(0, 2)))]
    times = st.integers(0, 240).map(lambda quarter: NOW + quarter * STEP)
    return [
        Member(name, begins, begins + draw(st.floats(0.25, 90)), draw(st.floats(0, 0.5)), draw(st.booleans()))
        for name in names
        if (begins := draw(times))
    ]


@given(crowds())
def test_the_parts_of_the_noticed_never_exceed_the_limit_and_newcomers_by_little(crowd: list[Member]) -> None:
    row = FakeWorkers()
    for step in range(int(150 / STEP)):
        now = NOW + step * STEP
        parts = [(member, part) for member in crowd if (part := member.part(row, now)) is not None]
        old = [part for member, part in parts if member.begins <= now - NOTICED_SECONDS]
        new = [part for member, part in parts if member.begins > now - NOTICED_SECONDS]
        assert sum(old) <= 1 + 1e-9
        assert sum(new) <= (NEWCOMERS if old else 1 + NEWCOMERS)
        writers = [
            member.part_of_writes(now) for member, _ in parts if member.begins <= now - NOTICED_SECONDS
        ]
        assert sum(writers) <= 1 + 1e-9


@given(crowds())
def test_a_mirror_that_is_noticed_has_its_part_of_a_half_at_least(crowd: list[Member]) -> None:
    row = FakeWorkers()
    for step in range(int(150 / STEP)):
        now = NOW + step * STEP
        parts = [(member, part) for member in crowd if (part := member.part(row, now)) is not None]
        mirrors = sum(
            member.kind == "mirror" and member.begins <= now and member.ends > now - NOTICED_SECONDS
            for member in crowd
        )
        for member, part in parts:
            if member.kind == "mirror" and member.begins <= now - NOTICED_SECONDS:
                assert part >= LEAST / mirrors
