"""The default rule: nothing that an old client may write and no new client may."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cutover.users.ports import RightsUnknown
from cutover.users.write_rights import Rights, admissible

ROLE, PLAN = "custom:role", "custom:plan"


def admitted(names: set[str], new: list[Rights] | None, old: list[Rights] | None) -> set[str]:
    return set(admissible(names, lambda: clients(new), lambda: clients(old)))


def clients(rights: list[Rights] | None) -> Iterator[Rights]:
    if rights is None:
        raise RightsUnknown
    yield from rights


def only(*names: str) -> Rights:
    return frozenset(names)


def test_what_old_clients_write_and_new_ones_cannot_stays_behind() -> None:
    assert admitted({ROLE}, [None], [only(ROLE)]) == set()


def test_what_a_new_client_may_write_too_goes_over() -> None:
    assert admitted({ROLE}, [None, only(ROLE)], [only(ROLE)]) == {ROLE}


def test_what_nobody_may_write_goes_over() -> None:
    assert admitted({ROLE}, [None], [None]) == {ROLE}


def test_any_one_old_client_is_enough() -> None:
    assert admitted({ROLE, PLAN}, [None], [None, only(PLAN), only(ROLE)]) == set()


def test_a_default_client_writes_every_standard_attribute() -> None:
    assert admitted({"name", "nickname"}, [None], [None]) == {"name", "nickname"}


def test_a_standard_attribute_that_the_new_clients_lost_stays_behind() -> None:
    assert admitted({"name", "website"}, [only("name")], [None]) == {"name"}


def test_what_cannot_be_known_counts_as_the_default() -> None:
    assert admitted({"name", ROLE}, None, [None]) == {"name", ROLE}
    assert admitted({"name", ROLE}, None, [only(ROLE)]) == {"name"}


@pytest.mark.parametrize("new", [None, [None]])
def test_a_custom_attribute_about_which_nothing_is_known_stays_behind(new: list[Rights] | None) -> None:
    assert admitted({"name", ROLE}, new, None) == {"name"}


def test_no_old_client_is_read_where_the_new_ones_settle_it() -> None:
    def never() -> Iterator[Rights]:
        raise AssertionError
        yield

    assert admissible({ROLE}, lambda: iter([only(ROLE)]), never) == {ROLE}


def test_no_client_is_read_further_than_the_answer_needs() -> None:
    read: list[int] = []

    def new() -> Iterator[Rights]:
        for number, rights in enumerate([only("name"), only("nickname")]):
            read.append(number)
            yield rights

    admissible({"name"}, new, lambda: iter([]))
    assert read == [0]
