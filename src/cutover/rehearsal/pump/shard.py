"""One shard of one mapping: read in order, cut into batches, one lane for the records of one item."""

from __future__ import annotations

import json
import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from cutover.rehearsal.pump.deliver import Delivery, deliver
from cutover.rehearsal.pump.events import Record, lambda_record, sequence
from cutover.rehearsal.pump.mapping import StreamMapping
from cutover.rehearsal.pump.patterns import admits

IDLE_SECONDS = 0.1
"""The real service looks four times a second."""
PAYLOAD_BYTES = 5_000_000
"""Under the 6 MB of a synchronous invocation: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""


@dataclass
class Place:
    """How far a shard was read; kept while a mapping is disabled."""

    after: str | None = None
    from_start: bool = True


@dataclass
class ShardReader:
    """Plays the shard until it is read to its end or the mapping is not wanted any more."""

    streams: Any
    mapping: StreamMapping
    shard: str
    place: Place
    delivery: Delivery
    _fetched: list[Record] = field(default_factory=list)

    def run(self) -> None:
        iterator: str | None = self._iterator()
        with ThreadPoolExecutor(self.mapping.lanes) as lanes:
            while (iterator or self._fetched) and self.delivery.wanted():
                iterator = self._fill(iterator)
                if self._fetched and not self._play(lanes):
                    return
                if not self._fetched:
                    self.delivery.sleep(IDLE_SECONDS)

    def _iterator(self) -> str:
        query = {"StreamArn": self.mapping.stream_arn, "ShardId": self.shard}
        if self.place.after is None:
            kind = "TRIM_HORIZON" if self.place.from_start else "LATEST"
            found = self.streams.get_shard_iterator(**query, ShardIteratorType=kind)
        else:
            found = self.streams.get_shard_iterator(
                **query, ShardIteratorType="AFTER_SEQUENCE_NUMBER", SequenceNumber=self.place.after
            )
        return str(found["ShardIterator"])

    def _fill(self, iterator: str | None) -> str | None:
        """Reads until every lane has a batch or the batching window is over."""
        wanted = self.mapping.batch_size * self.mapping.lanes
        until: float | None = None
        while iterator and len(self._fetched) < wanted and self.delivery.wanted():
            answer = self.streams.get_records(ShardIterator=iterator, Limit=1000)
            iterator = answer.get("NextShardIterator")
            self._fetched += [lambda_record(record, self.mapping.stream_arn) for record in answer["Records"]]
            if not self._fetched:
                break
            until = until or time.monotonic() + self.mapping.window_seconds
            if time.monotonic() >= until:
                break
            if not answer["Records"]:
                self.delivery.sleep(IDLE_SECONDS)
        return iterator

    def _play(self, lanes: ThreadPoolExecutor) -> bool:
        """One round: a batch for each lane. False when it is to come again."""
        taken, batches = _share_out(self._fetched, self.mapping)
        ended = list(lanes.map(lambda batch: deliver(batch, self.mapping, self.delivery), batches))
        if not all(ended):
            return False
        self.place.after = sequence(taken[-1])
        self._fetched = self._fetched[len(taken) :]
        return True


def _share_out(records: list[Record], mapping: StreamMapping) -> tuple[list[Record], list[list[Record]]]:
    """The records of this round, and the batches that the filter leaves of them, one a lane."""
    lanes: list[list[Record]] = [[] for _ in range(mapping.lanes)]
    sizes = [0] * mapping.lanes
    taken: list[Record] = []
    for record in records:
        lane = lane_of(record, mapping.lanes)
        if admits(mapping.patterns, record):
            sizes[lane] += len(json.dumps(record))
            full = len(lanes[lane]) >= mapping.batch_size or (lanes[lane] and sizes[lane] > PAYLOAD_BYTES)
            if full:
                break
            lanes[lane].append(record)
        taken.append(record)
    return taken, [batch for batch in lanes if batch]


def lane_of(record: Record, lanes: int) -> int:
    """The same lane for every record of an item: order is kept "at the item level"
    (https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html)."""
    return zlib.crc32(json.dumps(record["dynamodb"]["Keys"], sort_keys=True).encode()) % lanes
