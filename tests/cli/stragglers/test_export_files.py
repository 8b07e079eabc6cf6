"""How rows are spread over files, and what the export's own file keeps apart."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

from cutover.cli.export_files import Limits, people_of, write_files, write_rows
from cutover.cli.export_store import REFUSED, ROW, ExportStore, Noted, row_of
from cutover.errors import CutoverError
from cutover.users.import_rows import header_line
from cutover.users.ports import Profile
from tests.simulator.import_csv import parse
from tests.users.importing import ann, maker, pool


def person(number: int) -> Profile:
    return ann(f"user{number:06}", sub=f"{number:08x}-0000", email=f"user{number}@example.com")


def people(count: int) -> Iterator[Noted]:
    by = maker()
    for number in range(count):
        profile = person(number)
        yield row_of(by.straggler(profile), profile.username)


def test_rows_are_split_by_their_number(tmp_path: Path) -> None:
    files = write_files(tmp_path, people(5), pool(), Limits(rows=2))
    assert [one.rows for one in files] == [2, 2, 1]


def test_rows_are_split_by_the_size_of_the_file(tmp_path: Path) -> None:
    header, line = len(header_line(pool().header)), len(next(people(1)).line or "")
    files = write_files(tmp_path, people(5), pool(), Limits(size=header + 2 * line + 4))
    assert [one.rows for one in files] == [2, 2, 1]
    assert all((tmp_path / one.csv).stat().st_size <= header + 2 * line + 4 for one in files)


def test_no_row_is_lost_between_two_files_and_each_has_its_person(tmp_path: Path) -> None:
    files = write_files(tmp_path, people(7), pool(), Limits(rows=3))
    lines = [line for one in files for line in parse((tmp_path / one.csv).read_bytes(), list(pool().header))]
    named = [person for one in files for person in people_of(tmp_path / one.people)]
    assert [line.values["cognito:username"] for line in lines] == [one["name"] for one in named]
    assert [line.values["custom:old_sub"] for line in lines] == [one["old_sub"] for one in named]
    assert len(lines) == 7


def test_nobody_is_no_file(tmp_path: Path) -> None:
    assert write_files(tmp_path, people(0), pool()) == []


def test_a_file_that_does_not_read_back_does_not_count(tmp_path: Path) -> None:
    good = next(people(1))
    bad = Noted(**{**vars(good), "line": (good.line or "").replace("@", ",")})
    with pytest.raises(CutoverError, match="does not read back"):
        write_files(tmp_path, [bad], pool())


def noted(sub: str, kind: str = ROW) -> Noted:
    return Noted(sub, kind, "", "", sub, sub, "username", f"{sub}\n")


@pytest.mark.parametrize("order", [("first", "second"), ("second", "first")])
def test_a_name_is_the_first_created_users_in_whatever_order_they_are_found(
    tmp_path: Path, order: tuple[str, str]
) -> None:
    store = ExportStore(tmp_path / "store")
    created = {"first": 1.0, "second": 2.0}
    with store.step():
        for sub in order:
            store.note(noted(sub), {"ann"}, created[sub])
    assert [one.old_sub for one in store.people(ROW)] == ["first"]
    assert [(one.old_sub, one.reason, one.line) for one in store.people(REFUSED)] == [
        ("second", "name_collision", None)
    ]


def test_a_user_who_is_seen_again_is_noted_once(tmp_path: Path) -> None:
    store = ExportStore(tmp_path / "store")
    for _ in range(2):
        with store.step():
            store.note(noted("one"), {"ann"}, 1.0)
    assert store.counts() == {(ROW, ""): 1}


def test_a_step_that_fails_leaves_nothing(tmp_path: Path) -> None:
    store = ExportStore(tmp_path / "store")

    def half() -> None:
        with store.step():
            store.note(noted("one"), {"ann"}, 1.0)
            raise KeyError

    with pytest.raises(KeyError):
        half()
    assert store.counts() == {}


@pytest.mark.slow
def test_the_memory_does_not_grow_with_the_pool(tmp_path: Path) -> None:
    """Reading 40,000 users takes hardly more than 1,000: their names' hashes, and a page of the file."""

    def peak(count: int, name: str) -> int:
        folder = tmp_path / name
        folder.mkdir()
        tracemalloc.start()
        store = ExportStore(folder / "store")
        everybody = people(count)
        while page := list(islice(everybody, 60)):
            with store.step():
                for one in page:
                    store.note(one, {one.old_name}, 1.0)
        write_rows(folder, store, pool())
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    assert peak(40_000, "many") < peak(1_000, "few") + 5_000_000
