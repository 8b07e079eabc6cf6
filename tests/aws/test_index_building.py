"""The reservation index is built at a pace, tells how far it is, and may be stopped anywhere."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cutover.aws.index_building import CHUNK, build_index
from cutover.control.taken_names import PoolUser
from cutover.tables.pace import Pace
from tests.fakes.reservation_index import FakeIndex

NEW = "eu-west-1_new"


def people(count: int) -> list[PoolUser]:
    return [PoolUser(f"user{n}", f"s{n}", "CONFIRMED", {}, float(n)) for n in range(count)]


def test_progress_is_told_chunk_by_chunk() -> None:
    told: list[int] = []
    build_index(people(CHUNK + 2), FakeIndex(), NEW, progress=told.append)
    assert told == [CHUNK, CHUNK + 2]


def test_every_write_is_paid_for() -> None:
    now = [0.0]

    def sleep(seconds: float) -> None:
        now[0] += seconds

    pace = Pace(10.0, clock=lambda: now[0], sleep=sleep)
    build_index(people(30), FakeIndex(), NEW, pace=pace, threads=1)
    assert now[0] == pytest.approx(6.0, abs=1.0)  # 60 rows, one unit each


def test_a_listing_that_breaks_off_leaves_the_index_marked_incomplete_and_the_next_run_mends_it() -> None:
    index = FakeIndex()

    def broken() -> Iterator[PoolUser]:
        yield from people(3)
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        build_index(broken(), index, NEW)
    assert "built_at" not in index.states[NEW]
    build_index(people(5), index, NEW, clock=lambda: 9.0)
    assert index.states[NEW]["built_at"] == 9
    assert len(index.rows) == 10


def test_users_are_not_held_in_memory_at_once() -> None:
    drawn: list[int] = []

    def listing() -> Iterator[PoolUser]:
        for n, one in enumerate(people(CHUNK * 3)):
            drawn.append(n)
            yield one

    seen_at_first: list[int] = []
    build_index(listing(), FakeIndex(), NEW, progress=lambda users: seen_at_first.append(len(drawn)))
    assert seen_at_first[0] == CHUNK
