"""How long a table that fails is waited for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from cutover.tables.patience import NAP, Patience, Stopped
from cutover.tables.ports import TableFault


@dataclass
class Scene:
    now: float = 0.0
    tries: int = 0
    said: list[str] = field(default_factory=list)

    def patience(self, budget: float, stop: Callable[[], bool] = lambda: False) -> Patience:
        return Patience(budget, stop, self.said.append, lambda: self.now, self.sleep, lambda: 0.5)

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def failing(self, times: int, reason: str = "throttled past the budget") -> Callable[[], str]:
        def action() -> str:
            self.tries += 1
            if self.tries <= times:
                raise TableFault("orders", reason)
            return "done"

        return action


def test_what_passes_is_waited_for() -> None:
    scene = Scene()
    assert scene.patience(60)(scene.failing(3)) == "done"


def test_every_wait_is_said_with_its_reason() -> None:
    scene = Scene()
    scene.patience(60)(scene.failing(2))
    assert len(scene.said) == 2
    assert "orders: throttled past the budget" in scene.said[0]


def test_the_pauses_grow() -> None:
    scene = Scene()
    scene.patience(60)(scene.failing(3))
    assert scene.now == pytest.approx((1 + 2 + 4) * 0.75)


def test_after_the_budget_the_fault_is_raised() -> None:
    scene = Scene()
    with pytest.raises(TableFault):
        scene.patience(60)(scene.failing(1000))
    assert 60 <= scene.now < 100


def test_the_budget_is_one_for_each_step() -> None:
    scene = Scene()
    patience = scene.patience(5)
    for _ in range(5):
        scene.tries = 0
        assert patience(scene.failing(2)) == "done"


def test_what_no_waiting_takes_away_is_raised_at_once() -> None:
    scene = Scene()
    with pytest.raises(TableFault):
        scene.patience(60)(scene.failing(1, "AccessDeniedException"))
    assert scene.now == 0


def test_a_stop_ends_a_pause_within_a_nap() -> None:
    scene = Scene()
    with pytest.raises(Stopped):
        scene.patience(600, lambda: scene.now >= 0.4)(scene.failing(1000))
    assert scene.now <= 0.4 + NAP


def test_another_exception_is_not_waited_for() -> None:
    scene = Scene()

    def wrong() -> None:
        raise ValueError("a defect")

    with pytest.raises(ValueError, match="a defect"):
        scene.patience(60)(wrong)
