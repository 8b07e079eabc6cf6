"""Two fake tables under a verify, and the world that goes on between its looks."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import BinaryIO, cast

from cutover.tables.extras import LedgerNames, nobody
from cutover.tables.patience import Patience
from cutover.tables.recheck import Probing
from cutover.tables.spill import Bounds
from cutover.tables.suspects import SuspectFile
from cutover.tables.transform import IDENTITY, Transform
from cutover.tables.verification import Verification
from cutover.tables.verify import verify
from cutover.tables.verify_keep import Keep
from cutover.tables.verify_scan import Scanning
from tests.fakes.tables import FakeTable


def open_file() -> BinaryIO:
    return cast("BinaryIO", tempfile.TemporaryFile())


@dataclass
class Verifying:
    """`between` is called between two looks at the suspects, with the number of the look behind it."""

    source: FakeTable = field(default_factory=lambda: FakeTable(name="source", page=3))
    target: FakeTable = field(default_factory=lambda: FakeTable(name="target", page=3))
    transform: Transform = IDENTITY
    between: Callable[[int], None] = lambda _: None
    probes: int = 3
    ttl_attribute: str | None = None
    now: float = 1_700_000_000.0
    inverse_proves: bool = False
    workers: int = 2
    bounds: Bounds = field(default_factory=Bounds)
    pauses: list[float] = field(default_factory=list)

    def both(self, item: object) -> None:
        self.source.put(item)  # type: ignore[arg-type]
        self.target.put(item)  # type: ignore[arg-type]

    def probing(self) -> Probing:
        def sleep(seconds: float) -> None:
            self.pauses.append(seconds)
            self.between(len(self.pauses))

        return Probing(
            source=self.source,
            target=self.target,
            transform=self.transform,
            patience=Patience(budget=0, sleep=lambda _: None),
            open_file=open_file,
            probes=self.probes,
            spacing=10.0,
            ttl_attribute=self.ttl_attribute,
            inverse_proves=self.inverse_proves,
            clock=lambda: self.now,
            monotonic=lambda: 0.0,
            sleep=sleep,
        )

    def scanning(self, stop: Callable[[], bool] = lambda: False, *, sealed: bool = False) -> Scanning:
        return Scanning(
            source=self.source,
            target=self.target,
            workers=self.workers,
            segments=3,
            sealed=sealed,
            bounds=self.bounds,
            stop=stop,
            rng=random.Random(1),
        )

    def run(
        self,
        *,
        most_keys: int = 1000,
        repairable: SuspectFile | None = None,
        keep: Keep | None = None,
        named: LedgerNames = nobody,
        stop: Callable[[], bool] = lambda: False,
    ) -> Verification:
        return verify(
            self.scanning(stop),
            self.probing(),
            most_keys=most_keys,
            repairable=repairable,
            keep=keep,
            named=named,
        )
