"""One contract for the rows of what is owed: the fake, moto, the local stack and DynamoDB Local keep it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import boto3
import pytest
from moto import mock_aws

from cutover.aws.ledger_table import LedgerTable
from cutover.aws.owed_ledger import DynamoOwedBook
from cutover.tables.owed import Owed, OwedSummary, owed_name
from cutover.tables.ports import Key, TableFault
from tests.fakes.owed import FakeOwedBook

PAIR = "old=new"
KEYS: tuple[Key, ...] = (
    {"pk": {"B": b"\x00\xff"}, "sk": {"N": "7"}},
    {"pk": {"B": b"\x01"}, "sk": {"N": "8"}},
)


def owed(mark: str, keys: tuple[Key, ...] = KEYS, reason: str = "unsettled", **more: Any) -> Owed:
    name = owed_name(reason, keys, more.get("epoch", 0), mark, more.get("waits_for", ""))
    return replace(Owed(name, PAIR, "forward", 0, keys, reason, 1_700_000_000.25), **more)


def waiting(mark: str, number: int, sub: str = "sub-1") -> Owed:
    key: Key = {"pk": {"S": f"k{number}"}}
    return owed(mark, (key,), "unmapped", waits_for=sub)


Book = FakeOwedBook | DynamoOwedBook


def on(client: Any, name: str) -> DynamoOwedBook:
    """On a ledger with nothing but its keys."""
    client.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": one, "AttributeType": "S"} for one in ("pk", "sk")],
        BillingMode="PAY_PER_REQUEST",
    )
    return DynamoOwedBook(LedgerTable(client, name))


@pytest.fixture(
    params=[
        "fake",
        "moto",
        pytest.param("local_stack", marks=pytest.mark.local_stack),
        pytest.param("dynamodb_local", marks=pytest.mark.dynamodb_local),
    ]
)
def book(request: pytest.FixtureRequest, unique: Callable[[str], str]) -> Iterator[Book]:
    if request.param == "fake":
        yield FakeOwedBook()
    elif request.param == "moto":
        with mock_aws():
            yield on(boto3.client("dynamodb", region_name="eu-west-1"), unique("ledger"))
    else:
        url = request.getfixturevalue(request.param)
        yield on(boto3.client("dynamodb", region_name="us-east-1", endpoint_url=url), unique("ledger"))


def test_nothing_is_owed_at_first(book: Book) -> None:
    assert (list(book.rows(PAIR)), book.summary(PAIR)) == ([], OwedSummary())


def test_a_row_comes_back_as_it_was(book: Book) -> None:
    row = owed("1", detail="a transform that raises", epoch=3)
    book.add([row])
    assert list(book.rows(PAIR)) == [row]


def test_a_row_that_waits_for_a_user_is_found_by_the_old_sub(book: Book) -> None:
    rows = [waiting("1", 1), waiting("2", 2), waiting("3", 3, "sub-2")]
    book.add(rows)
    assert sorted(row.name for row in book.waiting_for(PAIR, "sub-1")) == sorted(row.name for row in rows[:2])
    assert list(book.waiting_for(PAIR, "sub")) == []


def test_rows_are_read_by_reason(book: Book) -> None:
    book.add([owed("1"), owed("2", reason="validation", keys=KEYS[:1]), waiting("3", 1)])
    assert {row.reason for row in book.rows(PAIR)} == {"unsettled", "validation", "unmapped"}
    for reason in ("unsettled", "validation", "unmapped"):
        assert [row.reason for row in book.rows(PAIR, reason)] == [reason]


def test_keys_are_summed_up_by_reason_and_waiting_ones_have_no_age(book: Book) -> None:
    book.add([owed("1"), waiting("2", 1), waiting("3", 2)])
    book.add([owed("4", KEYS[:1], "validation", since=1_600_000_000.0)])
    assert book.summary(PAIR) == OwedSummary(
        {"unsettled": 2, "validation": 1, "unmapped": 2}, 1_600_000_000.0
    )


def test_who_only_waits_for_users_is_not_late(book: Book) -> None:
    book.add([waiting("1", 1)])
    assert book.summary(PAIR) == OwedSummary({"unmapped": 1}, None)


def test_what_has_converged_goes(book: Book) -> None:
    rows = [owed("1"), owed("2", KEYS[:1], "validation"), waiting("3", 1)]
    book.add(rows)
    book.settle(PAIR, [row.name for row in rows])
    book.settle(PAIR, [row.name for row in rows])
    assert list(book.rows(PAIR)) == []


def test_the_same_keys_that_fail_again_are_one_row_which_keeps_its_age(book: Book) -> None:
    book.add([owed("1", since=10.0, detail="once")])
    book.add([owed("2", KEYS[::-1], since=99.0)])
    (row,) = book.rows(PAIR)
    assert (row.name, row.since, row.detail) == (owed("2").name, 10.0, "")


def test_a_write_that_is_lost_again_is_owed_from_then_on(book: Book) -> None:
    """It may land for a quarter of an hour from then on, whenever the first one was lost."""
    book.add([owed("1", reason="ambiguous", since=10.0)])
    book.add([owed("2", reason="ambiguous", since=99.0)])
    (row,) = book.rows(PAIR)
    assert (row.name, row.since) == (owed("2", reason="ambiguous").name, 99.0)


def test_a_second_batch_that_nobody_can_read_is_newer_than_the_first(book: Book) -> None:
    """A verify that began between the two has not seen what the second one had."""
    book.add([owed("1", (), "lost", since=10.0)])
    book.add([owed("2", (), "lost", since=99.0)])
    (row,) = book.rows(PAIR)
    assert (row.name, row.since, row.keys) == (owed("2", (), "lost").name, 99.0, ())
    assert book.summary(PAIR).keys == {"lost": 1}


@pytest.mark.parametrize("make", [lambda mark: owed(mark), lambda mark: waiting(mark, 1)])
def test_a_row_that_was_added_again_meanwhile_stays(book: Book, make: Callable[[str], Owed]) -> None:
    book.add([make("1")])
    book.add([make("2")])
    book.settle(PAIR, [make("1").name])
    assert [row.name for row in book.rows(PAIR)] == [make("2").name]


def test_a_row_given_twice_at_once_is_one(book: Book) -> None:
    book.add([waiting("1", 1), waiting("2", 1)])
    assert [row.name for row in book.rows(PAIR)] == [waiting("2", 1).name]


def test_keys_of_another_epoch_are_another_row(book: Book) -> None:
    book.add([owed("1"), owed("2", epoch=1)])
    assert len(list(book.rows(PAIR))) == 2


def test_another_pairs_rows_are_not_seen(book: Book) -> None:
    book.add([replace(owed("1"), pair="a=b"), replace(waiting("2", 1), pair="a=b")])
    assert (list(book.rows(PAIR)), list(book.waiting_for(PAIR, "sub-1"))) == ([], [])
    book.settle(PAIR, [owed("1").name])
    assert len(list(book.rows("a=b"))) == 2


def test_an_old_sub_of_any_length_and_kind_is_kept(book: Book) -> None:
    for number, sub in enumerate(["x" * 5_000, "\u00e9#!\n", "a!b#c"]):
        book.add([waiting(str(number), number, sub)])
        assert [row.waits_for for row in book.waiting_for(PAIR, sub)] == [sub]


@pytest.mark.parametrize(("reason", "rows"), [(None, 15), ("unmapped", 12), ("unsettled", 2)])
def test_the_rows_are_gone_through_from_any_place(book: Book, reason: str | None, rows: int) -> None:
    book.add([waiting(str(number), number, f"sub-{number % 4}") for number in range(12)])
    book.add([owed("1"), owed("2", KEYS[:1]), owed("3", reason="validation")])
    whole = list(book.pages(PAIR, reason))
    assert len({row.name for page, _ in whole for row in page}) == rows
    assert [place for _, place in whole].index("") == len(whole) - 1
    for number, (_, place) in enumerate(whole[:-1]):
        rest = [row.name for page, _ in book.pages(PAIR, reason, place) for row in page]
        assert rest == [row.name for page, _ in whole[number + 1 :] for row in page]


def test_many_rows_that_wait_are_all_counted_and_found(book: Book) -> None:
    book.add([waiting(str(number), number, f"sub-{number % 40}") for number in range(120)])
    assert book.summary(PAIR).keys == {"unmapped": 120}
    assert len(list(book.rows(PAIR, "unmapped"))) == 120


def test_a_book_that_cannot_be_counted_whole_says_so() -> None:
    with mock_aws():
        client = boto3.client("dynamodb", region_name="eu-west-1")
        on(client, "ledger")
        small = DynamoOwedBook(LedgerTable(client, "ledger"), counted_pages=1)
        big: list[Key] = [{"pk": {"S": f"{number:04}" + "x" * 2_000}} for number in range(600)]
        for start in range(0, 600, 50):
            small.add([owed(str(start), tuple(big[start : start + 50]))])
        counted = small.summary(PAIR)
    assert not counted.exact
    assert 0 < counted.total < 600


@mock_aws
def test_a_ledger_that_is_not_there_is_a_table_fault() -> None:
    ledger = LedgerTable(boto3.client("dynamodb", region_name="eu-west-1"), "nowhere")
    for call in (lambda book: book.add([owed("1")]), lambda book: book.summary(PAIR)):
        with pytest.raises(TableFault, match="ResourceNotFoundException"):
            call(DynamoOwedBook(ledger))


@mock_aws
def test_a_row_that_nobody_can_read_is_a_table_fault_without_its_values() -> None:
    client = boto3.client("dynamodb", region_name="eu-west-1")
    book = on(client, "ledger")
    client.put_item(TableName="ledger", Item={"pk": {"S": f"owed#{PAIR}"}, "sk": {"S": "secret"}})
    with pytest.raises(TableFault, match="lacks 'mark'") as caught:
        list(book.rows(PAIR))
    assert "secret" not in str(caught.value)
