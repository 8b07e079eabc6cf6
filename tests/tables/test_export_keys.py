"""A backfill from an export: the same engine, with the source as it is now, whatever the export holds."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace

import pytest

from cutover.tables.backfill import copy_segment
from cutover.tables.backfill_rows import Place, Run
from cutover.tables.copying import Copying
from cutover.tables.export_keys import LINE, ExportedTable
from cutover.tables.items import to_json
from cutover.tables.patience import Patience, Stopped
from cutover.tables.ports import Item, TableFault
from cutover.tables.settle_keys import settle_pending
from tests.fakes.backfill import QUICK, Hand, Killed, World
from tests.fakes.tables import item, key

RUN = Run("run-1", 2, 1_700_000_000, keys_from="arn:export")
SINGLY = replace(QUICK, slice_keys=1)


class Files:
    """Data files in memory; `opened` counts how often each was."""

    def __init__(self, *files: Sequence[Item]) -> None:
        self.files = [[json.dumps({"Item": to_json(one)}).encode() for one in items] for items in files]
        self.opened = [0] * len(files)
        self.damaged = False

    def lines(self, number: int) -> Iterator[bytes]:
        self.opened[number] += 1
        yield from self.files[number]
        if self.damaged:
            raise TableFault(f"file {number}", "its checksum differs")


def exported(world: World, files: Files, hand: Hand | None = None) -> Copying:
    work = world.copying(hand)
    return replace(work, source=ExportedTable(work.source, len(files.files), files.lines, 3))


def numbered(first: int, count: int, value: str = "v") -> list[Item]:
    return [item(f"k{number:02}", value) for number in range(first, first + count)]


def copy_all(work: Copying, world: World) -> None:
    for number in range(RUN.segments):
        copy_segment(work, RUN, world.ledger.places(RUN.run_id).get(number, Place(number)))


def test_every_key_of_every_file_is_copied() -> None:
    world, files = World(), Files(numbered(0, 7), numbered(7, 4))
    for one in numbered(0, 11):
        world.source.put(one)
    copy_all(exported(world, files), world)
    assert world.equal
    assert len(world.target.items) == 11
    assert sum(place.items for place in world.ledger.place_rows.values()) == 11
    assert world.ledger.page_rows == {}


def test_what_the_source_holds_now_wins_over_the_export() -> None:
    world, files = World(), Files(numbered(0, 6, "of the export"), [])
    for one in [*numbered(0, 2, "of the export"), *numbered(2, 2, "newer")]:
        world.source.put(one)  # k04 and k05 have been deleted since
    copy_all(exported(world, files), world)
    assert world.equal
    assert len(world.target.items) == 4


def test_a_file_is_opened_once_for_all_its_pages() -> None:
    world, files = World(), Files(numbered(0, 10), [])
    copy_all(exported(world, files), world)
    assert files.opened == [1, 1]


@pytest.mark.parametrize("count", [1, 2, 3, 4, 6, 7])
def test_pages_end_where_the_file_ends(count: int) -> None:
    world = World()
    table = ExportedTable(world.source, 1, Files(numbered(0, count)).lines, 3)
    pages = list(table.scan(0, 1))
    assert [len(page.items) for page in pages] == [3] * (count // 3) + ([count % 3] if count % 3 else [])
    assert [page.next_start is None for page in pages] == [False] * (len(pages) - 1) + [True]


def test_an_empty_file_is_one_empty_page() -> None:
    (page,) = ExportedTable(World().source, 1, Files([]).lines).scan(0, 1)
    assert (page.items, page.next_start) == ((), None)


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("at", range(0, 42, 3))
def test_killed_anywhere_it_goes_on_and_ends_equal(at: int, after: bool) -> None:
    world, files = World(), Files(numbered(0, 9, "old"), numbered(9, 4, "old"))
    for one in [*numbered(0, 5, "new"), *numbered(9, 4, "old")]:
        world.source.put(one)
    with suppress(Killed):
        copy_all(exported(world, files, Hand(at, after)), world)
    settle_pending(world.copying())
    copy_all(exported(world, files), world)
    assert world.equal
    assert world.ledger.page_rows == {}


def test_it_goes_on_behind_the_last_page_that_was_done() -> None:
    world = World()
    table = ExportedTable(world.source, 1, Files(numbered(0, 8)).lines, 3)
    first = next(iter(table.scan(0, 1)))
    again = ExportedTable(world.source, 1, Files(numbered(0, 8)).lines, 3)
    assert [one["k"]["S"] for one in next(iter(again.scan(0, 1, start=first.next_start))).items] == [
        "k03",
        "k04",
        "k05",
    ]


def test_a_damaged_file_ends_it_and_its_last_page_is_not_done() -> None:
    world, files = World(), Files(numbered(0, 5), [])
    files.damaged = True
    work = replace(exported(world, files), patience=Patience(budget=0))
    with pytest.raises(TableFault, match="checksum differs"):
        copy_segment(work, RUN, Place(0))
    assert not world.ledger.places(RUN.run_id)[0].done


@pytest.mark.parametrize(
    "line",
    [
        b"not json",
        b'{"Keys": {}}',
        b'{"Item": {"k": "untyped"}}',
        b"[]",
        b'{"Item": {"v": {"S": "no key"}}}',
        b'{"Item": {"k": {"S": ""}}}',
        b'{"Item": {"k": {"L": []}}}',
        pytest.param(b"[" * 100_000, id="deep"),
    ],
)
def test_a_line_that_is_no_item_is_a_fault_that_shows_no_value(line: bytes) -> None:
    files = Files(numbered(0, 1))
    files.files[0].append(line)
    with pytest.raises(TableFault, match="line 2 of file 0 is no item"):
        list(ExportedTable(World().source, 1, files.lines).scan(0, 1))


def test_binary_keys_come_out_as_bytes() -> None:
    one: Item = {"k": {"B": b"\x00\xff"}, "v": {"N": "1.50"}}
    (page,) = ExportedTable(World().source, 1, Files([one]).lines).scan(0, 1)
    assert page.items == (one,)


def test_reads_by_key_are_the_tables_own() -> None:
    world = World()
    world.source.put(item("a", "1"))
    found = ExportedTable(world.source, 1, Files([]).lines).get([key("a")])
    assert list(found.values()) == [item("a", "1")]


def test_another_number_of_segments_than_files_is_refused() -> None:
    with pytest.raises(ValueError, match="2 files has no 3 segments"):
        next(iter(ExportedTable(World().source, 2, Files([], []).lines).scan(0, 3)))


def test_a_page_that_is_asked_for_again_is_the_same_page() -> None:
    table = ExportedTable(World().source, 1, Files(numbered(0, 8)).lines, 3)
    first = next(iter(table.scan(0, 1)))
    assert next(iter(table.scan(0, 1))) == first


class Clock:
    """Says `stop` from so many answers on."""

    def __init__(self, answers: int) -> None:
        self.left = answers

    def stop(self) -> bool:
        self.left -= 1
        return self.left < 0


@pytest.mark.parametrize("answers", range(14))
def test_stopped_within_a_page_it_goes_on_behind_the_last_line_that_was_settled(answers: int) -> None:
    """The key of an item is no place in a file."""
    world, files = World(), Files(numbered(0, 9), numbered(9, 4))
    for one in numbered(0, 13):
        world.source.put(one)
    work = exported(world, files)
    source = ExportedTable(world.source, 2, files.lines, 6)
    with suppress(Stopped):
        copy_all(replace(work, source=source, stop=Clock(answers).stop, tuning=SINGLY), world)
    for place in world.ledger.places(RUN.run_id).values():
        assert place.next_start is None or set(place.next_start) == {LINE}
    settle_pending(world.copying())
    copy_all(exported(world, files), world)
    assert world.equal
    assert sum(place.items for place in world.ledger.place_rows.values()) == 13
