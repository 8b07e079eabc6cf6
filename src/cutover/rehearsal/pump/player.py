"""One mapping: a thread for each shard, parents before their children."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from cutover.rehearsal.pump.deliver import Delivery, GaveUp
from cutover.rehearsal.pump.events import Record
from cutover.rehearsal.pump.failure import send_failure
from cutover.rehearsal.pump.invoke import Invocation, invoke
from cutover.rehearsal.pump.iterator_age import IteratorAge
from cutover.rehearsal.pump.mapping import StreamMapping
from cutover.rehearsal.pump.shard import IDLE_SECONDS, Place, ShardReader

logger = logging.getLogger(__name__)
Places = dict[str, Place]
"""By shard."""


class Player:
    """Plays `mapping` from `start` until `stop`.

    `places` outlives it, so that a mapping that is enabled again goes on where it was.
    """

    def __init__(self, client: Callable[[str], Any], mapping: StreamMapping, places: Places) -> None:
        self.mapping = mapping
        self._client = client
        self._places = places
        self._age = IteratorAge(client, mapping.function)
        self._over = threading.Event()
        self._done: set[str] = set()
        self._threads: dict[str, threading.Thread] = {}
        self._watch = threading.Thread(target=self._follow_shards, daemon=True)

    def start(self) -> None:
        self._watch.start()

    def stop(self) -> None:
        self._over.set()

    def join(self) -> None:
        self._watch.join()
        for thread in self._threads.values():
            thread.join()

    def _follow_shards(self) -> None:
        while not self._over.is_set():
            try:
                self._start_shards()
            except (ClientError, BotoCoreError) as error:
                logger.warning("stream of mapping %s: %s", self.mapping.uuid, error)
            self._over.wait(1.0)

    def _start_shards(self) -> None:
        streams = self._client("dynamodbstreams")
        shards = streams.describe_stream(StreamArn=self.mapping.stream_arn)["StreamDescription"]["Shards"]
        known = {shard["ShardId"] for shard in shards}
        for shard in shards:
            name, parent = shard["ShardId"], shard.get("ParentShardId")
            parent_is_open = parent in known and parent not in self._done
            if name in self._threads or parent_is_open:
                continue
            self._threads[name] = threading.Thread(target=self._play, args=(name,), daemon=True)
            self._threads[name].start()

    def _play(self, shard: str) -> None:
        place = self._places.setdefault(shard, Place(from_start=self.mapping.from_start or bool(self._done)))
        delivery = Delivery(
            invoke=self._invoke,
            give_up=lambda records, why, tries: self._give_up(shard, records, why, tries),
            wanted=lambda: not self._over.is_set(),
            clock=time.time,
            sleep=self._rest,
        )
        while not self._over.is_set():
            try:
                ShardReader(self._client("dynamodbstreams"), self.mapping, shard, place, delivery).run()
            except (ClientError, BotoCoreError) as error:
                logger.warning("shard %s of mapping %s: %s", shard, self.mapping.uuid, error)
                self._over.wait(IDLE_SECONDS)
                continue
            if not self._over.is_set():
                self._done.add(shard)
            return

    def _rest(self, seconds: float) -> None:
        self._over.wait(seconds)

    def _invoke(self, records: list[Record]) -> Invocation:
        self._age.note(records)
        return invoke(self._client, self.mapping.function, records)

    def _give_up(self, shard: str, records: list[Record], why: GaveUp, tries: int) -> None:
        send_failure(self._client, self.mapping, shard, records, why, tries)
