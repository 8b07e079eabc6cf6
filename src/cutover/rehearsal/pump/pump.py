"""Looks for stream and queue mappings twice a second and plays each enabled one."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from cutover.rehearsal.pump.mapping import QueueMapping, StreamMapping, is_queue, is_stream
from cutover.rehearsal.pump.player import Places, Player
from cutover.rehearsal.pump.queue_player import QueuePlayer

LOOK_SECONDS = 0.5
logger = logging.getLogger(__name__)


class Pump:
    """`client` gives a boto3 client of a service, safe to share between threads."""

    def __init__(self, client: Callable[[str], Any]) -> None:
        self._client = client
        self._players: dict[str, Player | QueuePlayer] = {}
        self._places: dict[str, Places] = {}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Returns at once; calls that are under way end by themselves."""
        self._over.set()
        for player in self._players.values():
            player.stop()

    def _run(self) -> None:
        while not self._over.is_set():
            try:
                self.look()
            except (ClientError, BotoCoreError) as error:
                logger.warning("mappings cannot be listed: %s", error)
            self._over.wait(LOOK_SECONDS)

    def look(self) -> None:
        """Starts what is new or was enabled, stops what was disabled or deleted, restarts what changed."""
        wanted = {mapping.uuid: mapping for mapping in self._mappings() if mapping.enabled}
        for uuid, player in list(self._players.items()):
            if wanted.get(uuid) != player.mapping:
                player.stop()
                player.join()
                del self._players[uuid]
        for uuid, mapping in wanted.items():
            if uuid not in self._players:
                self._players[uuid] = self._player(mapping)
                self._players[uuid].start()

    def _player(self, mapping: StreamMapping | QueueMapping) -> Player | QueuePlayer:
        if isinstance(mapping, QueueMapping):
            return QueuePlayer(self._client, mapping)
        return Player(self._client, mapping, self._places.setdefault(mapping.uuid, {}))

    def _mappings(self) -> Iterator[StreamMapping | QueueMapping]:
        for page in self._client("lambda").get_paginator("list_event_source_mappings").paginate():
            for row in page["EventSourceMappings"]:
                if is_stream(row.get("EventSourceArn", "")):
                    yield StreamMapping.of(row)
                elif is_queue(row.get("EventSourceArn", "")):
                    yield QueueMapping.of(row)
