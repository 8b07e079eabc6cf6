"""The application that keeps writing to the old tables while everything else happens."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from typing import Any

from cutover.rehearsal.world.items import Item
from cutover.rehearsal.world.tables import SHAPES, Shape

PAUSE_SECONDS = 0.03


class Writer:
    """Inserts, updates and deletes, old items and its own, until it is stopped. Some keys are deleted and
    written again at once: the hardest thing to mirror."""

    def __init__(self, dynamodb: Any, items: int, rng: random.Random) -> None:
        self._dynamodb = dynamodb
        self._items = items
        self._rng = rng
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.writes: Counter[str] = Counter()
        self.failure: Exception | None = None

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Returns once the last write has been answered."""
        self._over.set()
        if self._thread.is_alive():
            self._thread.join()

    def since(self, earlier: Counter[str]) -> int:
        return sum(self.writes.values()) - sum(earlier.values())

    def _run(self) -> None:
        try:
            while not self._over.wait(PAUSE_SECONDS):
                self._write(self._rng.choice(SHAPES))
        except Exception as error:  # noqa: BLE001 - it is shown at the end of the story, and fails it
            self.failure = error

    def _write(self, shape: Shape) -> None:
        number = self._rng.randrange(int(self._items * 1.05))
        item = shape.make(number, self._rng)
        kind = self._rng.choices(("put", "update", "delete", "replace"), (40, 30, 20, 10))[0]
        getattr(self, f"_{kind}")(shape, item)
        self.writes[kind] += 1

    def _put(self, shape: Shape, item: Item) -> None:
        self._dynamodb.put_item(TableName=shape.source, Item=item)

    def _update(self, shape: Shape, item: Item) -> None:
        self._dynamodb.update_item(
            TableName=shape.source,
            Key=shape.key_of(item),
            UpdateExpression="SET touched = :at, note = :note",
            ExpressionAttributeValues={
                ":at": {"N": f"{time.time():.3f}"},
                ":note": {"B": self._rng.randbytes(8)},
            },
        )

    def _delete(self, shape: Shape, item: Item) -> None:
        self._dynamodb.delete_item(TableName=shape.source, Key=shape.key_of(item))

    def _replace(self, shape: Shape, item: Item) -> None:
        self._delete(shape, item)
        self._put(shape, item)
