"""A whole backfill on one machine: pending pages first, then the segments in random order, by threads.

On many machines, `backfill_turn` does the same in turns, by the same functions.

Many more segments than threads, in random order: keys that are neighbours in the source are often neighbours
in the target, and threads that run side by side would all write to the same few partitions.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-data-upload.html
"""

from __future__ import annotations

import random
import threading
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

from cutover.tables.backfill import copy_segment
from cutover.tables.backfill_rows import Place, Run, RunState
from cutover.tables.copying import Copying, Progress
from cutover.tables.patience import Stopped
from cutover.tables.ports import TableFault
from cutover.tables.settle_keys import settle_pending
from cutover.tables.threads import attend

BEAT_SECONDS = 2.0


class Totals:
    """The counts of a run, added to by its threads."""

    def __init__(self, run: Run, places: Iterable[Place]) -> None:
        begun = list(places)
        self._lock = threading.Lock()
        self._run = replace(
            run,
            items=sum(place.items for place in begun),
            written=sum(place.written for place in begun),
            parked=sum(place.parked for place in begun),
        )

    def add(self, progress: Progress) -> None:
        with self._lock:
            self._run = replace(
                self._run,
                items=self._run.items + progress.items,
                written=self._run.written + progress.written,
                parked=self._run.parked + progress.parked,
            )

    def run(self, state: RunState = RunState.RUNNING) -> Run:
        with self._lock:
            return replace(self._run, state=state)


@dataclass(frozen=True)
class Crew:
    """How a run is worked: `beat` is called every few seconds by the calling thread (renew, look, report);
    what it raises as a TableFault is said and tried again with the next beat."""

    workers: int
    stop: threading.Event
    release: Callable[[], None]
    beat: Callable[[Run], None]
    say: Callable[[str], None]
    rng: random.Random
    beat_seconds: float = BEAT_SECONDS


def run_backfill(work: Copying, run: Run, crew: Crew) -> Run:
    """Works `run` to its end; gives it with its totals.

    Raises Stopped (also after Ctrl-C), TableFault, AuthorityLost; then the run goes on where it stands when
    it is started again.
    """
    places = work.patience(lambda: dict(work.ledger.places(run.run_id)))
    totals = Totals(run, places.values())
    work = replace(work, report=_both(work.report, totals.add), stop=crew.stop.is_set)
    work.patience(lambda: work.ledger.save_run(totals.run()))
    order = [places.get(number, Place(number)) for number in range(run.segments)]
    crew.rng.shuffle(order)

    def attend(futures: Sequence[Future[Any]]) -> None:
        _attend(futures, crew, totals)

    settle_left(work, attend)
    copy_places(work, run, order, crew.workers, attend)
    settle_left(work, attend)
    done = totals.run(RunState.DONE)
    work.patience(lambda: work.ledger.save_run(done))
    return done


Attend = Callable[[Sequence[Future[Any]]], None]
"""Looks round until all have ended; raises what went wrong."""


def settle_left(work: Copying, attend: Attend) -> None:
    """Converges what any run left pending. Raises as `settle_pending` does."""
    with ThreadPoolExecutor(1, thread_name_prefix="backfill") as pool:
        attend([pool.submit(settle_pending, work)])


def copy_places(work: Copying, run: Run, places: Iterable[Place], threads: int, attend: Attend) -> None:
    """Copies from `places` to the ends of their segments, so many at once, in the order given.

    Raises Stopped, TableFault, AuthorityLost.
    """
    queue = deque(place for place in places if not place.done)
    with ThreadPoolExecutor(threads, thread_name_prefix="backfill") as pool:
        attend([pool.submit(_worker, work, run, queue) for _ in range(threads)])


Report = Callable[[Progress], None]


def _both(first: Report, second: Report) -> Report:
    def report(progress: Progress) -> None:
        second(progress)
        first(progress)

    return report


def _worker(work: Copying, run: Run, queue: deque[Place]) -> None:
    while not (work.stop() or work.enough()):
        try:
            place = queue.popleft()
        except IndexError:
            return
        copy_segment(work, run, place)
    if work.stop():
        raise Stopped


def _attend(futures: Sequence[Future[Any]], crew: Crew, totals: Totals) -> None:
    def halt() -> None:
        crew.stop.set()
        crew.release()

    def tick() -> None:
        try:
            crew.beat(totals.run())
        except TableFault as fault:
            crew.say(f"the ledger does not answer: {fault}")

    attend(futures, halt=halt, tick=tick, seconds=crew.beat_seconds)
