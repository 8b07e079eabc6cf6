"""The mirror, fed as Lambda would on a bad day: URL FOLDER STREAM_ARN STORM SEED.

Batches of the stream go through the mirror's own handler. Some come twice, some come again much later and out
of order, what the handler names as failed comes again; the calls of its tables meet faults. When the writers
have ended and the stream is read to its end, what was parked goes through the retry's own handler.
"""

from __future__ import annotations

import json
import os
import random
import sys
import time
from collections import Counter, deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cutover.aws.session import Aws
from cutover.rehearsal.pump.events import Record, lambda_record, sequence
from tests.bench.ours import EndlessContext, mirror_environment
from tests.dynamodb_local import REGION
from tests.faulty_wire import FaultyWire, everywhere
from tests.million.queue_file import QueueFile, sqs_event
from tests.million.world import LEDGER, PAIR, SOURCE, TARGET, Folder, peak_memory, storm

FAULTS = {"lost": 0.01, "late": 0.005, "expired": 0.01, "throttled": 0.3, "halved": 0.3}
BATCH = 100
QUIET_LOOKS = 5
"""So many looks at every shard found nothing: the stream is read to its end."""


class Stream:
    """The records of a stream, shard by shard, whichever shards it has by now."""

    def __init__(self, client: Any, arn: str) -> None:
        self._client, self._arn = client, arn
        self._iterators: dict[str, str | None] = {}

    def look(self) -> Iterator[list[Record]]:
        """What is new in each shard, at most 1000 records of each."""
        shards = self._client.describe_stream(StreamArn=self._arn)["StreamDescription"]["Shards"]
        for shard in (row["ShardId"] for row in shards):
            if shard not in self._iterators:
                self._iterators[shard] = self._client.get_shard_iterator(
                    StreamArn=self._arn, ShardId=shard, ShardIteratorType="TRIM_HORIZON"
                )["ShardIterator"]
            if iterator := self._iterators[shard]:
                reply = self._client.get_records(ShardIterator=iterator, Limit=1000)
                self._iterators[shard] = reply.get("NextShardIterator")
                yield [lambda_record(record, self._arn) for record in reply["Records"]]


class Feeder:
    def __init__(self, rng: random.Random) -> None:
        from cutover.handlers.mirror_table import handler

        self._handler, self._rng = handler, rng
        self._kept = deque[list[Record]](maxlen=200)
        self.done = Counter[str]()

    def feed(self, records: list[Record]) -> None:
        for start in range(0, len(records), BATCH):
            batch = records[start : start + BATCH]
            self.done["records"] += len(batch)
            self._deliver(batch)
            if self._rng.random() < 0.2:
                self.done["delivered twice"] += len(batch)
                self._deliver(batch)
            if self._rng.random() < 0.3:
                self._kept.append(batch)
            if self._kept and self._rng.random() < 0.1:
                self.late()

    def late(self) -> None:
        """Records of some earlier batches once more, in any order."""
        some = [record for batch in self._rng.choices(self._kept, k=3) for record in batch]
        batch = self._rng.sample(some, k=min(BATCH, len(some)))
        self.done["delivered late"] += len(batch)
        self._deliver(batch)

    def _deliver(self, batch: list[Record]) -> None:
        """As Lambda does: from the lowest failed number on, until nothing fails."""
        while batch:
            failed = self._handler({"Records": batch}, EndlessContext())["batchItemFailures"]
            if not failed:
                return
            numbers = [sequence(record) for record in batch]
            batch = batch[min(numbers.index(one["itemIdentifier"]) for one in failed) :]
            self.done["asked for again"] += len(batch)


def work_off(queue: QueueFile, wire: FaultyWire, done: Counter[str]) -> None:
    """What was parked, and what is parked meanwhile, until nothing is left."""
    from cutover.handlers.retry_keys import handler

    seen, waiting, receives = 0, list[str](), 0
    while True:
        wire.landed()
        new = list(queue.messages(seen))
        seen += len(new)
        done["messages"] += len(new)
        waiting, receives = waiting + new, receives + 1
        if not waiting:
            return
        left: list[str] = []
        for start in range(0, len(waiting), 10):
            bodies = waiting[start : start + 10]
            failed = handler(sqs_event(bodies, receives), EndlessContext())["batchItemFailures"]
            left += [bodies[int(one["itemIdentifier"])] for one in failed]
        waiting = left


def main() -> None:
    url, folder_name, arn, every, seed = sys.argv[1:]
    folder, rng = Folder(Path(folder_name)), random.Random(int(seed))
    streams = Aws(region=REGION, endpoint_url=url).client("dynamodbstreams", attempts=3)
    wire = FaultyWire(
        {SOURCE, TARGET}, FAULTS, random.Random(int(seed) + 1), now=lambda fault: storm(fault, float(every))
    )
    queue = QueueFile(folder.queue)
    everywhere(wire)
    everywhere(queue, "sqs")
    os.environ.update(mirror_environment(url, REGION, PAIR, LEDGER))
    feeder, stream, quiet = Feeder(rng), Stream(streams, arn), 0
    while quiet < QUIET_LOOKS:
        ended = folder.writers_done.exists()
        new = sum(map(len, map(fed(feeder), stream.look())))
        quiet = quiet + 1 if ended and not new else 0
        time.sleep(0 if new else 0.2)
    work_off(queue, wire, feeder.done)
    result = {"counts": feeder.done, "faults": wire.done, "peak_mb": peak_memory()}
    folder.result("feeder").write_text(json.dumps(result), encoding="utf-8")


def fed(feeder: Feeder) -> Any:
    def feed(records: list[Record]) -> list[Record]:
        feeder.feed(records)
        return records

    return feed


if __name__ == "__main__":
    main()
