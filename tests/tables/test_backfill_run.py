"""A whole run with threads: pending pages first, every segment once, and an end that can be gone on from."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from cutover.tables.backfill_rows import Run, RunState
from cutover.tables.backfill_run import Crew, run_backfill
from cutover.tables.patience import Stopped
from cutover.tables.ports import TableFault
from tests.fakes.backfill import World
from tests.fakes.tables import item, key

RUN = Run("run-1", 12, 1_700_000_000)


@dataclass
class Scene:
    world: World = field(default_factory=World)
    stop: threading.Event = field(default_factory=threading.Event)
    said: list[str] = field(default_factory=list)
    beat: Callable[[Run], None] = lambda _: None
    released: bool = False

    def crew(self) -> Crew:
        def release() -> None:
            self.released = True

        return Crew(
            workers=3,
            stop=self.stop,
            release=release,
            beat=self.beat,
            say=self.said.append,
            rng=random.Random(1),
            beat_seconds=0.01,
        )

    def run(self, run: Run = RUN, **changes: Any) -> Run:
        return run_backfill(self.world.copying(**changes), run, self.crew())


@pytest.fixture
def scene() -> Scene:
    scene = Scene()
    for number in range(100):
        scene.world.source.put(item(f"k{number}", "v"))
    return scene


def test_every_item_is_copied_once(scene: Scene) -> None:
    run = scene.run()
    assert scene.world.equal
    assert (run.items, run.written, run.state) == (100, 100, RunState.DONE)


def test_the_ledger_says_that_the_run_is_done(scene: Scene) -> None:
    run = scene.run()
    assert scene.world.ledger.runs() == [run]


def test_pending_pages_come_before_any_segment(scene: Scene) -> None:
    scene.world.ledger.save_pending("old-run", 1, [key("gone")])
    scans: list[int] = []
    scan = scene.world.source.scan

    def spy(*arguments: Any, **named: Any) -> Any:
        scans.append(len(scene.world.ledger.page_rows.get("page#old-run#0000001#fake-0.0", ())))
        return scan(*arguments, **named)

    scene.world.source.scan = spy  # type: ignore[method-assign]
    scene.run()
    assert scans
    assert set(scans) == {0}


def test_the_segments_come_in_no_order(scene: Scene) -> None:
    segments: list[int] = []
    scan = scene.world.source.scan

    def spy(segment: int, *arguments: Any, **named: Any) -> Any:
        segments.append(segment)
        return scan(segment, *arguments, **named)

    scene.world.source.scan = spy  # type: ignore[method-assign]
    scene.run()
    assert sorted(set(segments)) == list(range(12))
    assert list(dict.fromkeys(segments)) != list(range(12))


def test_a_run_that_is_resumed_skips_what_is_done_and_keeps_its_counts(scene: Scene) -> None:
    scene.run()
    scene.world.source.scan = None  # type: ignore[method-assign, assignment]
    assert scene.run().items == 100


def test_a_fault_of_one_thread_stops_all_and_is_raised(scene: Scene) -> None:
    def refuse(_: object) -> None:
        raise TableFault("target", "AccessDeniedException")

    scene.world.target.before_write = refuse
    with pytest.raises(TableFault, match="AccessDenied"):
        scene.run()
    assert scene.stop.is_set()
    assert scene.released


def test_after_a_fault_the_same_run_is_brought_to_its_end(scene: Scene) -> None:
    countdown = iter([False] * 5 + [True] * 3)

    def refuse(_: object) -> None:
        if next(countdown, False):
            raise TableFault("target", "AccessDeniedException")

    scene.world.target.before_write = refuse
    with pytest.raises(TableFault):
        scene.run()
    again = Scene(world=scene.world)
    scene.world.target.before_write = lambda _: None
    run = again.run()
    assert scene.world.equal
    assert (run.items, run.state) == (100, RunState.DONE)


def test_ctrl_c_stops_the_threads_in_order_and_loses_nothing(scene: Scene) -> None:
    def interrupt(_: Run) -> None:
        if not scene.stop.is_set():
            raise KeyboardInterrupt

    scene.beat = interrupt
    scene.world.source.before_get = lambda _: None
    before = threading.active_count()
    with pytest.raises(KeyboardInterrupt):
        scene.run()
    assert threading.active_count() <= before
    Scene(world=scene.world).run()
    assert scene.world.equal


def test_a_stop_from_outside_ends_as_stopped(scene: Scene) -> None:
    scene.stop.set()
    with pytest.raises(Stopped):
        scene.run()
    assert scene.world.ledger.runs()[0].state is RunState.RUNNING


def test_a_ledger_that_does_not_answer_a_beat_is_said_and_asked_again(scene: Scene) -> None:
    beats = iter([True])

    def fail_once(_: Run) -> None:
        if next(beats, False):
            raise TableFault("ledger", "throttled past the budget")

    scene.beat = fail_once
    scene.run()
    assert scene.world.equal
    assert "throttled" in scene.said[0]
