"""The mirror beside one put for each record: on this machine, and with a Region's distance between."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import boto3

from cutover.tables.pairs import TablePair
from tests.bench import data, plain
from tests.bench.distance import Distance
from tests.bench.ours import mirror_through
from tests.bench.paired import Comparison, compare

HERE, FAR = "mirror", "mirror, far"
FAR_SHARE = 3
"""One record in so many is enough where each call takes its time."""


@dataclass(frozen=True)
class Mirrors:
    """`before` empties the target before each run; the environment is the mirror function's."""

    endpoint: str
    region: str
    pair: TablePair
    distance: Distance
    before: Callable[[], None]
    runs: int

    def rows(self, items: Sequence[dict[str, Any]], delay: float) -> Iterator[Comparison]:
        """Without a delay, and with so many seconds before each call of either way."""
        sample = boto3.Session(region_name=self.region).client("dynamodb", endpoint_url=self.endpoint)
        source = sample.describe_table(TableName=self.pair.source.name)["Table"]["TableArn"]
        yield self._row(HERE, sample, data.records(source, items), 0.0)
        few = items[: max(len(items) // FAR_SHARE, 1)]
        yield self._row(FAR, sample, data.records(source, few), delay)

    def _row(self, name: str, sample: Any, records: list[dict[str, Any]], delay: float) -> Comparison:
        from cutover.handlers.mirror_table import handler

        def ours() -> None:
            with contextlib.redirect_stdout(io.StringIO()), self.distance.of(delay):  # its metrics are lines
                mirror_through(handler, records, data.RECORD_BATCH)

        def theirs() -> None:
            with self.distance.of(delay):
                plain.put_per_record(sample, self.pair.target.name, records)

        far = f", {1000 * delay:g} ms a call" if delay else ""
        return compare(
            name,
            (f"cutover's mirror{far}", ours),
            (f"one put per record{far}", theirs),
            items=len(records),
            runs=self.runs,
            before=self.before,
        )
