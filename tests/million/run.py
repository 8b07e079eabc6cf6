"""One run from an empty table to the last comparison. It knows the other processes by their files alone."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cutover.aws.backfill_ledger import DynamoBackfillLedger
from cutover.aws.ledger_table import LedgerTable
from cutover.aws.session import Aws
from cutover.aws.table_pairs import table_client
from cutover.tables.backfill_rows import Run, RunState
from tests.bench import data
from tests.dynamodb_local import REGION
from tests.million import world
from tests.million.memory import Peaks
from tests.million.plain_compare import compare

ROOT = Path(__file__).parents[2]
MOST_FAULTS = 200
"""A backfill that fails so often by itself never ends."""


ITEMS_PER_SEGMENT = 2500
"""So a kill makes at most so many keys for each thread be looked at again."""


class Unequal(Exception):
    """The tables are not the same at the end, or a process did not do its part."""


@dataclass(frozen=True)
class Plan:
    items: int
    kills: int
    writes_per_second: float
    threads: int = 2
    storm_every: float = 150.0
    """Seconds between two storms of throttling."""
    seed: int = 1
    fillers: int = 4


@dataclass
class Timed:
    """Seconds of each part, by name."""

    say: Callable[[str], None]
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        self.say(name)
        began = time.monotonic()
        try:
            yield
        finally:
            self.seconds[name] = round(time.monotonic() - began, 1)


@dataclass
class MillionRun:
    """Works a plan on the engine at `url`; `folder` is empty and stays."""

    url: str
    plan: Plan
    folder: world.Folder
    say: Callable[[str], None] = lambda _: None
    peaks: Peaks = field(default_factory=Peaks)
    kills: int = 0
    ended_by_fault: int = 0

    def run(self) -> dict[str, Any]:
        """What it found. Raises Unequal."""
        timed, client = Timed(self.say), table_client(Aws(region=REGION, endpoint_url=self.url), 8)
        world.make_tables(client)
        with timed.part("fill the source"):
            self._fill(client)
        stream = world.start_stream(client)
        plan = self.plan
        writers = self._start("writers", plan.items, plan.writes_per_second, plan.seed)
        feeder = self._start("feeder", stream, plan.storm_every, plan.seed)
        with timed.part("backfill, killed and started again"):
            self._backfill(DynamoBackfillLedger(LedgerTable(client, world.LEDGER), world.PAIR.id))
        self.folder.writers_stop.touch()
        with timed.part("drain the stream and the retry queue"):
            for process, name in ((writers, "writers"), (feeder, "feeder")):
                if process.wait():
                    raise Unequal(f"the {name} ended with {process.returncode}")
        with timed.part("verify"):
            if self._start("verifier", plan.threads).wait():
                raise Unequal("verify failed")
        with timed.part("compare by a plain scan"):
            source, target, differing = compare(self.url, REGION, world.SOURCE, world.TARGET)
        return self._report(timed.seconds, source, target, differing)

    def _fill(self, client: Any) -> None:
        def part(start: int) -> None:
            numbers = range(start, min(start + 1000, self.plan.items))
            data.fill(client, world.SOURCE, [world.item(number, 0) for number in numbers])

        with ThreadPoolExecutor(self.plan.fillers) as pool:
            list(pool.map(part, range(0, self.plan.items, 1000)))

    def _start(self, part: str, *words: object) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                f"tests.million.{part}",
                self.url,
                str(self.folder.path),
                *map(str, words),
            ],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "src")))},
            stdout=subprocess.DEVNULL,
            stderr=(self.folder.path / f"{part}.err").open("ab"),
        )
        self.peaks.watch(part, process.pid)
        return process

    def _backfill(self, ledger: DynamoBackfillLedger) -> None:
        """Until a run is done; kills the process each time that another share of the items was copied."""
        rng = random.Random(self.plan.seed)
        marks = [self.plan.items * (n + 1) // (self.plan.kills + 1) for n in range(self.plan.kills)]
        while not self._done(ledger):
            if self.ended_by_fault > MOST_FAULTS:
                raise Unequal("the backfill does not come to its end")
            process = self._start_copier(rng.randrange(10**9))
            while process.poll() is None:
                self.peaks.look()
                if marks and self._copied(ledger) >= marks[0]:
                    marks.pop(0)
                    time.sleep(rng.random() * 0.3)
                    process.send_signal(signal.SIGKILL)
                    process.wait()
                    self.kills += process.returncode == -signal.SIGKILL
                time.sleep(0.1)
            self.ended_by_fault += process.returncode > 0
        if marks:
            raise Unequal(f"{len(marks)} kills came too late")

    def _start_copier(self, seed: int) -> subprocess.Popen[bytes]:
        segments = max(40, self.plan.items // ITEMS_PER_SEGMENT)
        return self._start("copier", self.plan.threads, segments, self.plan.storm_every, seed)

    @staticmethod
    def _done(ledger: DynamoBackfillLedger) -> bool:
        runs = ledger.runs()
        return bool(runs) and all(run.state is RunState.DONE for run in runs)

    @staticmethod
    def _copied(ledger: DynamoBackfillLedger) -> int:
        runs: list[Run] = ledger.runs()
        return sum(place.items for place in ledger.places(runs[-1].run_id).values()) if runs else 0

    def _report(self, seconds: Any, source: int, target: int, differing: list[str]) -> dict[str, Any]:
        parts = {
            name: json.loads(self.folder.result(name).read_text(encoding="utf-8"))
            for name in ("writers", "feeder", "verify")
        }
        report = {
            "equal": not differing and source == target and parts["verify"]["differences"] == 0,
            "items_at_first": self.plan.items,
            "items_at_the_end": {"source": source, "target": target},
            "differing": differing,
            "kills": self.kills,
            "ended_by_fault": self.ended_by_fault,
            "writes": parts["writers"],
            "mirror": parts["feeder"]["counts"],
            "faults_of_the_mirror": parts["feeder"]["faults"],
            "verify": parts["verify"],
            "seconds": seconds,
            "peak_mb": self.peaks.megabytes,
        }
        if not report["equal"]:
            raise Unequal(json.dumps(report, indent=2))
        return report
