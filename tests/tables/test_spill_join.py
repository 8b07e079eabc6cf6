"""The join hands over each key that is not the same on both sides, and loses none that share a place."""

from __future__ import annotations

import itertools

import pytest

from cutover.tables.digest import digest
from cutover.tables.ports import Key
from cutover.tables.spill import Bounds, Damaged, Record, Spill, cut, encode_key
from cutover.tables.spill_join import Joined, Side, join
from tests.fakes.tables import item, key
from tests.fakes.verifying import open_file

PLACE = digest(key("place"))


def wants(name: str, value: str) -> Record:
    """A source item that wants the one place."""
    return Record(PLACE, digest(item("place", value)), encode_key(key(name)))


def joined(left: list[Record], right: list[Record]) -> tuple[set[tuple[str, Side]], Joined]:
    sides = Spill(open_file, Bounds()), Spill(open_file, Bounds())
    for spill, records in zip(sides, (left, right), strict=True):
        for record in records:
            spill.add(record)
    found: set[tuple[str, Side]] = set()

    def suspect(one: Key, side: Side) -> None:
        found.add((one["k"]["S"], side))

    return found, join(*sides, Bounds(), suspect)


@pytest.mark.parametrize("order", list(itertools.permutations("abc")), ids="".join)
@pytest.mark.parametrize("held", ["a", "b", "c", "none"])
def test_source_keys_that_want_one_place_are_all_suspects(order: tuple[str, ...], held: str) -> None:
    left = [wants(name, name) for name in order]
    right = [] if held == "none" else [Record(PLACE, digest(item("place", held)), encode_key(key("place")))]
    found, _ = joined(left, right)
    assert found == {(name, Side.SOURCE) for name in "abc"}


def test_a_key_that_is_the_same_on_both_sides_is_none() -> None:
    assert joined([wants("a", "v")], [wants("place", "v")])[0] == set()


def test_a_key_of_one_side_is_named_by_that_side() -> None:
    assert joined([wants("a", "v")], [])[0] == {("a", Side.SOURCE)}
    assert joined([], [wants("place", "v")])[0] == {("place", Side.TARGET)}


def test_a_file_that_is_longer_than_was_kept_is_cut() -> None:
    file = open_file()
    file.write(b"kept and more")
    cut(file, 4)
    file.write(b"!")
    file.seek(0)
    assert file.read() == b"kept!"


def test_a_file_that_is_shorter_than_was_kept_is_damaged() -> None:
    with pytest.raises(Damaged):
        cut(open_file(), 1)
