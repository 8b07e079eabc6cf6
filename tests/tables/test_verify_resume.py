"""A verify that was stopped or killed goes on, and finds what one in one go would have found."""

from __future__ import annotations

import errno
from collections.abc import Callable
from contextlib import suppress
from typing import BinaryIO

import pytest

from cutover.tables.digest import digest
from cutover.tables.kinds import Kind
from cutover.tables.patience import Stopped
from cutover.tables.ports import Item, TableFault
from cutover.tables.spill import Bounds, Damaged
from cutover.tables.suspects import SuspectFile
from tests.fakes.keeping import Died, FakeKeep
from tests.fakes.tables import item, key
from tests.fakes.verifying import Verifying, open_file


def differing_tables(count: int = 30) -> Verifying:
    """One item missing, one different, one extra."""
    verifying = Verifying(workers=1)
    for n in range(count):
        verifying.both(item(f"k{n}", "v"))
    verifying.target.delete(key("k1"))
    verifying.target.put(item("k2", "other"))
    verifying.source.delete(key("k3"))
    return verifying


def as_differing_tables(counts: dict[Kind, int]) -> bool:
    return counts == {**dict.fromkeys(Kind, 0), Kind.MISSING: 1, Kind.DIFFERENT: 1, Kind.NATIVE: 1}


class StopAfter:
    """Stops the scan after so many pages."""

    def __init__(self, pages: int) -> None:
        self.left = pages

    def __call__(self) -> bool:
        self.left -= 1
        return self.left < 0


class FullDisk(FakeKeep):
    """The first write after so many others is done by half and fails."""

    def __init__(self, before: int) -> None:
        super().__init__()
        self.left, self.refused = before, False

    def file(self, name: str) -> BinaryIO:
        file = super().file(name)
        written = file.write

        def write(content: bytes) -> int:
            self.left -= 1
            if self.left != 0:
                return written(content)
            self.refused = True
            written(bytes(content[: len(content) // 2]))
            raise OSError(errno.ENOSPC, "No space left on device")

        file.write = write  # type: ignore[method-assign, assignment]
        return file


@pytest.mark.parametrize("pages", range(1, 20, 2))
def test_a_scan_that_was_stopped_goes_on_behind_its_last_page(pages: int) -> None:
    verifying, keep = differing_tables(), FakeKeep()
    with pytest.raises(Stopped):
        verifying.run(keep=keep, stop=StopAfter(pages))
    result = verifying.run(keep=keep)
    assert as_differing_tables(result.counts)
    assert (result.source_items, result.target_items, result.compared) == (29, 29, 30)


def test_nothing_is_read_twice_after_an_orderly_stop() -> None:
    verifying, keep = differing_tables(), FakeKeep()
    with pytest.raises(Stopped):
        verifying.run(keep=keep, stop=StopAfter(7))
    pages = StopAfter(1000)
    verifying.run(keep=keep, stop=pages)
    again = StopAfter(1000)
    verifying.run(keep=FakeKeep(), stop=again)
    assert (1000 - pages.left) == (1000 - again.left) - 7


def test_a_page_that_was_read_behind_the_last_checkpoint_is_read_again_and_counts_once() -> None:
    """Killed: the files hold more than the document says."""
    verifying, keep = differing_tables(), FakeKeep()
    with pytest.raises(Stopped):
        verifying.run(keep=keep, stop=StopAfter(5))
    kept = keep.document

    def die(_: int) -> None:
        raise Died

    keep.before_save = die
    with pytest.raises(Died):
        verifying.run(keep=keep)
    assert keep.document == kept
    keep.before_save = lambda _: None
    result = verifying.run(keep=keep)
    assert as_differing_tables(result.counts)
    assert (result.source_items, result.target_items, result.compared) == (29, 29, 30)


@pytest.mark.parametrize("save", range(1, 6))
def test_a_verify_that_dies_before_any_of_its_saves_goes_on(save: int) -> None:
    verifying = differing_tables()
    keep = FakeKeep(die_before(save))
    repairable = SuspectFile(lambda: keep.file("repairable"))
    try:
        verifying.run(keep=keep, repairable=repairable)
    except Died:
        keep.before_save = lambda _: None
        repairable = SuspectFile(lambda: keep.file("repairable"))
        result = verifying.run(keep=keep, repairable=repairable)
        assert as_differing_tables(result.counts)
        (batch,) = repairable.batches(100)
        assert sorted(suspect.key["k"]["S"] for suspect in batch) == ["k1", "k2"]
    else:
        pytest.fail("it did not die")


def die_before(save: int) -> Callable[[int], None]:
    def die(number: int) -> None:
        if number == save:
            raise Died

    return die


def test_looks_go_on_with_the_round_they_were_in() -> None:
    verifying, keep = differing_tables(), FakeKeep()
    verifying.between = raise_died_at(2)
    with pytest.raises(Died):
        verifying.run(keep=keep)
    assert keep.phase == "look"
    verifying.between, verifying.pauses = lambda _: None, []
    assert as_differing_tables(verifying.run(keep=keep).counts)
    assert len(verifying.pauses) == 0, "two of three looks had been made"


def raise_died_at(look: int) -> Callable[[int], None]:
    def between(number: int) -> None:
        if number == look:
            raise Died

    return between


def test_what_was_read_is_given_back_once_it_is_joined() -> None:
    verifying, keep = differing_tables(), FakeKeep()
    verifying.run(keep=keep)
    assert [name for name in keep.files if name.startswith(("source", "target"))] == []


def test_a_change_between_the_two_parts_is_judged_by_what_is_there_at_the_looks() -> None:
    """The source's page is read, the item changes on both sides, and the target's page is read days later."""
    verifying, keep = differing_tables(), FakeKeep()
    with pytest.raises(Stopped):
        verifying.run(keep=keep, stop=StopAfter(12))
    for n in range(10, 30):
        verifying.both(item(f"k{n}", "changed meanwhile"))
    assert as_differing_tables(verifying.run(keep=keep).counts)


def test_a_table_that_fails_leaves_the_place_kept() -> None:
    verifying, keep = differing_tables(), FakeKeep()
    scan, calls = verifying.source.scan, iter(range(100))

    def failing(*arguments: object, **options: object) -> object:
        if next(calls) == 3:
            raise TableFault("source", "ProvisionedThroughputExceededException")
        return scan(*arguments, **options)  # type: ignore[arg-type]

    verifying.source.scan = failing  # type: ignore[method-assign, assignment]
    with pytest.raises(TableFault):
        verifying.run(keep=keep)
    assert as_differing_tables(verifying.run(keep=keep).counts)


def test_a_file_that_lost_its_end_is_refused() -> None:
    verifying, keep = differing_tables(), FakeKeep()
    with pytest.raises(Stopped):
        verifying.run(keep=keep, stop=StopAfter(10))
    next(file for name, file in keep.files.items() if name.startswith("source") and file.getvalue()).truncate(
        3
    )
    with pytest.raises(Damaged):
        verifying.run(keep=keep)


@pytest.mark.parametrize("before", range(1, 40, 3))
def test_a_disk_that_was_full_for_a_moment_costs_no_record_and_doubles_none(before: int) -> None:
    """It takes a part of a buffer, and there is room again before the place is kept."""
    verifying, keep = differing_tables(), FullDisk(before)
    verifying.bounds = Bounds(buffer_bytes=1)
    with suppress(OSError):
        verifying.run(keep=keep)
    assert keep.refused
    result = verifying.run(keep=keep)
    assert as_differing_tables(result.counts)
    assert (result.compared, result.suspects) == (30, 3)


def test_another_number_of_segments_is_refused() -> None:
    """A segment's place means nothing among so many others."""
    verifying, keep = differing_tables(), FakeKeep()
    with pytest.raises(Stopped):
        verifying.run(keep=keep, stop=StopAfter(5))
    keep.document = keep.document.replace('"segments": 3', '"segments": 4') if keep.document else None
    with pytest.raises(Damaged, match="4 segments"):
        verifying.run(keep=keep)


def test_what_is_kept_holds_keys_and_digests_and_no_other_value() -> None:
    verifying, keep = Verifying(), FakeKeep()
    secret: Item = {**key("a"), "v": {"S": "the secret of an item"}}
    verifying.both(secret)
    verifying.source.put(item("b", "another secret"))
    verifying.between = raise_died_at(1)
    with pytest.raises(Died):
        verifying.run(keep=keep)
    contents = b"".join(file.getvalue() for file in keep.files.values()) + (keep.document or "").encode()
    assert b"secret" not in contents
    assert digest(secret) not in open_file().read()
