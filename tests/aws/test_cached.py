"""Values that may be a little old."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from cutover.aws.cached import Cached
from cutover.users.decision_table import Decision, Stop


@dataclass
class Source:
    """Counts how often it was asked; `fails` makes the next answer a fault."""

    now: float = 0.0
    asked: int = 0
    fails: bool = False
    cached: Cached[int] = field(init=False)

    def __post_init__(self) -> None:
        self.cached = Cached(self.load, max_age=10, clock=lambda: self.now)

    def load(self) -> int:
        self.asked += 1
        if self.fails:
            raise Stop(Decision.MISCONFIGURED)
        return self.asked


def test_a_value_is_kept_until_it_is_too_old() -> None:
    source = Source()
    assert [source.cached.get(), source.cached.get()] == [1, 1]
    source.now = 10
    assert source.cached.get() == 2


def test_an_old_value_is_better_than_none() -> None:
    source = Source()
    source.cached.get()
    source.now, source.fails = 100, True
    assert source.cached.get() == 1


def test_without_any_value_the_fault_is_told() -> None:
    source = Source(fails=True)
    with pytest.raises(Stop):
        source.cached.get()


def test_a_fault_is_not_kept() -> None:
    source = Source(fails=True)
    with pytest.raises(Stop):
        source.cached.get()
    source.fails = False
    assert source.cached.get() == 2
