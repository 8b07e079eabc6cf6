"""One contract for what the ledger keeps of a backfill: the fakes, moto, the local stack, DynamoDB Local."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import boto3
import pytest
from moto import mock_aws

from cutover.aws.backfill_ledger import DynamoBackfillLedger, DynamoPaceBook
from cutover.aws.leases import DynamoLeaseBook
from cutover.aws.ledger_table import LedgerTable
from cutover.tables.backfill_rows import BackfillPace, Place, Run, RunState, Word
from cutover.tables.copying import BackfillLedger
from cutover.tables.governor import PaceBook
from cutover.tables.lease import LeaseBook, LeaseRow
from cutover.tables.ports import Key, TableFault
from tests.fakes.backfill import FakeBackfillLedger, FakeLeaseBook, FakePaceBook

PAIR = "old=new"
RUN = Run("run-1", 40, 1_700_000_000)
KEY: Key = {"pk": {"B": b"\x00\xff"}, "sk": {"N": "7"}}
LEASE = LeaseRow("backfill", "host:1:aa", 1_700_000_000.25, 1_700_000_030.25)


@dataclass
class Books:
    backfill: BackfillLedger
    other: BackfillLedger
    """The same pair's, as another process sees it."""
    stranger: BackfillLedger
    """Another pair's."""
    lease: LeaseBook
    pace: PaceBook


def on(client: Any, name: str) -> Books:
    """A ledger with nothing but its keys: no index, no TTL."""
    client.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": one, "AttributeType": "S"} for one in ("pk", "sk")],
        BillingMode="PAY_PER_REQUEST",
    )
    ledger = LedgerTable(client, name)
    return Books(
        DynamoBackfillLedger(ledger, PAIR),
        DynamoBackfillLedger(ledger, PAIR),
        DynamoBackfillLedger(ledger, "a=b"),
        DynamoLeaseBook(ledger, PAIR, "writer"),
        DynamoPaceBook(ledger, PAIR),
    )


@pytest.fixture(
    params=[
        "fake",
        "moto",
        pytest.param("local_stack", marks=pytest.mark.local_stack),
        pytest.param("dynamodb_local", marks=pytest.mark.dynamodb_local),
    ]
)
def books(request: pytest.FixtureRequest, unique: Callable[[str], str]) -> Iterator[Books]:
    if request.param == "fake":
        own = FakeBackfillLedger()
        yield Books(own, own, FakeBackfillLedger(), FakeLeaseBook(), FakePaceBook())
    elif request.param == "moto":
        with mock_aws():
            yield on(boto3.client("dynamodb", region_name="eu-west-1"), unique("ledger"))
    else:
        url = request.getfixturevalue(request.param)
        yield on(boto3.client("dynamodb", region_name="us-east-1", endpoint_url=url), unique("ledger"))


def test_nothing_is_known_of_a_pair_that_was_never_backfilled(books: Books) -> None:
    assert (list(books.backfill.runs()), list(books.backfill.pending())) == ([], [])
    assert books.backfill.places("run-1") == {}


def test_a_run_is_kept_and_replaced(books: Books) -> None:
    books.backfill.save_run(RUN)
    done = replace(RUN, state=RunState.DONE, items=7, written=5, parked=1)
    books.backfill.save_run(done)
    assert list(books.other.runs()) == [done]


def test_a_run_is_marked_and_keeps_what_its_workers_said(books: Books) -> None:
    books.backfill.save_run(RUN)
    books.other.tell("run-1", Word(items=5, why="held", at=1_700_000_009))
    books.backfill.mark_unmirrored("run-1")
    marked = replace(RUN, items=5, why="held", why_at=1_700_000_009, unmirrored=True)
    assert list(books.other.runs()) == [marked]
    books.backfill.save_run(marked)
    assert list(books.other.runs()) == [marked]


def test_a_mark_on_a_run_that_is_not_there_makes_none(books: Books) -> None:
    books.backfill.mark_unmirrored("run-9")
    assert list(books.backfill.runs()) == []


def test_runs_come_in_the_order_of_their_start(books: Books) -> None:
    later = replace(RUN, run_id="a-later-run", started_at=RUN.started_at + 5)
    books.backfill.save_run(later)
    books.backfill.save_run(RUN)
    assert [run.run_id for run in books.backfill.runs()] == ["run-1", "a-later-run"]


def test_places_are_kept_with_binary_keys(books: Books) -> None:
    place = Place(3, next_start=KEY, items=10, written=9, parked=1)
    books.backfill.save_place("run-1", place)
    books.backfill.save_place("run-1", Place(12, done=True))
    books.backfill.save_place("run-2", Place(3, done=True))
    assert books.other.places("run-1") == {3: place, 12: Place(12, done=True)}


def test_pending_keys_are_seen_by_every_process_until_they_are_removed(books: Books) -> None:
    pages = books.backfill.save_pending("run-1", 3, [KEY])
    assert [page.keys for page in books.other.pending()] == [(KEY,)]
    books.other.remove_pending(pages)
    assert list(books.backfill.pending()) == []


def test_removing_a_page_twice_does_no_harm(books: Books) -> None:
    pages = books.backfill.save_pending("run-1", 3, [KEY])
    books.backfill.remove_pending(pages)
    books.backfill.remove_pending(pages)
    assert list(books.backfill.pending()) == []


def test_no_two_pages_of_a_segment_share_a_name(books: Books) -> None:
    """A late copy of a request to remove the first page must not remove the second."""
    first = books.backfill.save_pending("run-1", 3, [KEY])
    books.backfill.remove_pending(first)
    second = books.backfill.save_pending("run-1", 3, [KEY])
    third = books.other.save_pending("run-1", 3, [KEY])
    books.backfill.remove_pending(first)
    assert {page.name for page in books.backfill.pending()} == {page.name for page in (*second, *third)}


def test_the_pages_of_every_run_are_pending(books: Books) -> None:
    books.backfill.save_pending("run-1", 3, [KEY])
    books.backfill.save_pending("run-2", 0, [KEY])
    assert len(list(books.backfill.pending())) == 2


def test_another_pairs_rows_are_not_seen(books: Books) -> None:
    books.backfill.save_run(RUN)
    books.backfill.save_pending("run-1", 3, [KEY])
    assert (list(books.stranger.runs()), list(books.stranger.pending())) == ([], [])


def test_keys_that_do_not_fit_an_item_are_kept_in_parts(books: Books) -> None:
    keys: list[Key] = [{"pk": {"S": f"{number:04}" + "x" * 2_000}} for number in range(400)]
    pages = books.backfill.save_pending("run-1", 3, keys)
    found = [key for page in books.other.pending() for key in page.keys]
    assert len(pages) > 1
    assert sorted(key["pk"]["S"] for key in found) == [key["pk"]["S"] for key in keys]
    books.backfill.remove_pending(pages)
    assert list(books.backfill.pending()) == []


def test_more_rows_than_a_page_of_the_ledger_are_all_found(books: Books) -> None:
    keys: list[Key] = [{"pk": {"S": f"{number:04}" + "x" * 2_000}} for number in range(150)]
    for segment in range(6):
        books.backfill.save_pending("run-1", segment, keys)
    assert sum(len(page.keys) for page in books.other.pending()) == 900


def test_a_free_lease_is_claimed_once(books: Books) -> None:
    assert books.lease.claim(LEASE, None)
    assert not books.lease.claim(replace(LEASE, owner="host:2:bb"), None)
    assert books.lease.read() == LEASE


def test_a_lease_is_renewed_by_who_knows_it(books: Books) -> None:
    books.lease.claim(LEASE, None)
    renewed = replace(LEASE, expires_at=LEASE.expires_at + 5)
    assert books.lease.claim(renewed, LEASE)
    assert books.lease.read() == renewed


def test_a_lease_that_was_renewed_meanwhile_is_not_taken_over(books: Books) -> None:
    books.lease.claim(LEASE, None)
    books.lease.claim(replace(LEASE, expires_at=LEASE.expires_at + 5), LEASE)
    assert not books.lease.claim(replace(LEASE, owner="host:2:bb"), LEASE)


def test_a_lease_that_was_given_back_meanwhile_is_taken(books: Books) -> None:
    books.lease.claim(LEASE, None)
    books.lease.give_back(LEASE)
    assert books.lease.claim(replace(LEASE, owner="host:2:bb"), LEASE)


def test_a_lease_is_renewed_on_the_word_of_its_owner_alone(books: Books) -> None:
    """Its workers do not know each other's renewals."""
    books.lease.claim(LEASE, None)
    first = replace(LEASE, expires_at=LEASE.expires_at + 5, seconds=60.0)
    assert books.lease.renew(first) == first
    second = replace(LEASE, expires_at=LEASE.expires_at + 9, seconds=360.0)
    assert books.lease.renew(second) == second
    assert books.lease.read() == second


def test_a_lease_of_another_owner_is_not_renewed(books: Books) -> None:
    books.lease.claim(LEASE, None)
    assert books.lease.renew(replace(LEASE, owner="host:2:bb")) is None
    assert books.lease.read() == LEASE


def test_a_lease_that_was_given_back_is_not_renewed(books: Books) -> None:
    assert books.lease.renew(LEASE) is None
    assert books.lease.read() is None


def test_a_holder_is_asked_to_stop_and_the_next_one_is_not(books: Books) -> None:
    books.lease.claim(LEASE, None)
    assert books.lease.ask_to_stop(LEASE.owner)
    assert not books.lease.ask_to_stop("host:2:bb")
    assert books.lease.renew(LEASE) == replace(LEASE, stop=True)
    taken = replace(LEASE, owner="host:2:bb")
    assert books.lease.claim(taken, books.lease.read())
    assert books.lease.read() == taken


def test_words_of_several_workers_add_up(books: Books) -> None:
    run = replace(RUN, execution="arn:aws:states:x", items=100)
    books.backfill.save_run(run)
    books.backfill.tell("run-1", Word(items=5, written=3, parked=1, why="held", at=1_700_000_009))
    books.other.tell("run-1", Word(items=2, error="denied", at=1_700_000_010))
    expected = replace(run, items=107, written=3, parked=1, why="", why_at=1_700_000_010, error="denied")
    assert list(books.backfill.runs()) == [expected]


def test_a_word_on_a_run_that_is_not_there_makes_none(books: Books) -> None:
    books.backfill.tell("run-9", Word(items=5))
    assert list(books.backfill.runs()) == []


def test_places_are_found_by_their_segments(books: Books) -> None:
    for segment in (0, 3, 5):
        books.backfill.save_place("run-1", Place(segment, done=True))
    assert books.other.places_of("run-1", [3, 4, 5]) == {3: Place(3, done=True), 5: Place(5, done=True)}


def test_only_its_owner_gives_a_lease_back(books: Books) -> None:
    books.lease.claim(LEASE, None)
    books.lease.give_back(replace(LEASE, owner="host:2:bb"))
    assert books.lease.read() == LEASE


def test_giving_a_free_lease_back_is_no_error(books: Books) -> None:
    books.lease.give_back(LEASE)
    assert books.lease.read() is None


def test_no_pace_is_set_at_first(books: Books) -> None:
    assert books.pace.read() == BackfillPace()


@pytest.mark.parametrize("units", [12.5, 1234567.0, 0.000001, 1e12])
def test_pace_and_pause_are_kept(books: Books, units: float) -> None:
    pace = BackfillPace(read_units=units, write_units=0, paused=True, reason="lunch peak")
    books.pace.save(pace)
    assert books.pace.read() == pace


@mock_aws
def test_a_ledger_that_is_not_there_is_a_table_fault() -> None:
    ledger = LedgerTable(boto3.client("dynamodb", region_name="eu-west-1"), "nowhere")
    with pytest.raises(TableFault, match="ResourceNotFoundException"):
        list(DynamoBackfillLedger(ledger, PAIR).pending())
