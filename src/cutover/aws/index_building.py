"""Builds the reservation index from a listing of the old pool, at a pace.

It can be stopped anywhere and run again: nothing is ever taken back, and a user who was reserved before is
reserved the same way again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import Protocol

from cutover.tables.pace import Pace
from cutover.users.reservations import OldUser, Reservation, reservations_of

THREADS = 8
CHUNK = 240
"""Users: four pages of a listing. Progress is told after each chunk."""
WRITE_UNITS = 1000.0
"""Capacity units a second, unless the caller says otherwise: a new on-demand table takes 4,000.
Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html"""


class Index(Protocol):
    def reserve(self, new_pool: str, mine: Reservation, *, spent: Callable[[float], object]) -> None: ...
    def begin(self, new_pool: str, now: float) -> None: ...
    def complete(self, new_pool: str, now: float, users: int) -> None: ...


def build_index(
    old_users: Iterable[OldUser],
    index: Index,
    new_pool: str,
    *,
    units_per_second: float | None = WRITE_UNITS,
    progress: Callable[[int], object] = lambda _: None,
    clock: Callable[[], float] = time.time,
    pace: Pace | None = None,
    threads: int = THREADS,
) -> int:
    """Reserve for every user of `old_users`; gives how many they were.

    `progress` is told the number of users so far. Raises what the listing or DynamoDB raised; the index then
    stays marked as incomplete, and running it again makes it whole.
    """
    kept_to = pace or Pace(units_per_second)

    def reserve(user: OldUser) -> None:
        for mine in reservations_of(user):
            index.reserve(new_pool, mine, spent=kept_to.take)

    index.begin(new_pool, clock())
    users = 0
    with ThreadPoolExecutor(threads, thread_name_prefix="index") as pool:
        for chunk in _chunks(old_users):
            for _ in pool.map(reserve, chunk):
                users += 1
            progress(users)
    index.complete(new_pool, clock(), users)
    return users


def _chunks(users: Iterable[OldUser]) -> Iterator[list[OldUser]]:
    rest = iter(users)
    while chunk := list(islice(rest, CHUNK)):
        yield chunk
