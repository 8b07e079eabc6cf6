"""One contract for the failure bucket: the fake, moto and the local stack keep it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from cutover.aws.failure_bucket import FailureBucket
from cutover.aws.ledger_table import LedgerTable
from cutover.tables.lost import LostBatch
from cutover.tables.ports import TableFault
from tests.contracts.test_owed_book import on
from tests.fakes.failures import FakeFailureStore

NAME = "aws/lambda/7f/shardId-1/2026/11/26/2026-11-26T20.13.49-aa"
BATCH = LostBatch({"old=new": ({"k": {"S": "x"}},)}, frozenset({"a=b"}), 1, 5.0)


class Bench:
    def __init__(self, store: Any, put: Callable[[str, bytes], None]) -> None:
        self.store, self.put = store, put

    def waiting(self, *, strangers: bool = False) -> list[str]:
        return list(self.store.waiting(strangers=strangers))


def real(s3: Any, dynamodb: Any, name: str) -> Bench:
    place = {"LocationConstraint": "eu-west-1"}
    s3.create_bucket(Bucket=name, CreateBucketConfiguration=place)
    on(dynamodb, name)
    store = FailureBucket(s3, name, LedgerTable(dynamodb, name), lambda: 7.5)
    return Bench(store, lambda key, body: s3.put_object(Bucket=name, Key=key, Body=body))


@pytest.fixture(params=["fake", "moto", pytest.param("local_stack", marks=pytest.mark.local_stack)])
def bench(request: pytest.FixtureRequest, unique: Callable[[str], str]) -> Iterator[Bench]:
    if request.param == "fake":
        store = FakeFailureStore()
        yield Bench(store, store.objects.__setitem__)
        return
    where = {"region_name": "eu-west-1"}
    if request.param == "moto":
        with mock_aws():
            yield real(boto3.client("s3", **where), boto3.client("dynamodb", **where), unique("failures"))
    else:
        where["endpoint_url"] = request.getfixturevalue(request.param)
        yield real(boto3.client("s3", **where), boto3.client("dynamodb", **where), unique("failures"))


def test_an_empty_bucket_has_nothing_that_waits(bench: Bench) -> None:
    assert (bench.waiting(), bench.waiting(strangers=True)) == ([], [])


def test_an_object_waits_and_is_read_as_it_was_written(bench: Bench) -> None:
    bench.put(NAME, b"\x00\xff")
    assert bench.waiting() == [NAME]
    assert bench.store.read(NAME) == b"\x00\xff"


def test_an_object_that_is_gone_is_none_and_putting_it_aside_no_error(bench: Bench) -> None:
    assert bench.store.read(NAME) is None
    bench.store.put_aside(NAME, strange=False)


def test_each_object_is_counted_once(bench: Bench) -> None:
    assert bench.store.count(NAME, BATCH)
    assert not bench.store.count(NAME, BATCH)
    assert bench.store.count(NAME + "b", BATCH)


def test_what_was_taken_in_waits_no_more(bench: Bench) -> None:
    bench.put(NAME, b"1")
    bench.store.put_aside(NAME, strange=False)
    assert (bench.waiting(), bench.waiting(strangers=True)) == ([], [])


def test_what_is_of_no_pair_waits_for_a_redrive_alone(bench: Bench) -> None:
    bench.put(NAME, b"1")
    bench.store.put_aside(NAME, strange=True)
    assert bench.waiting() == []
    (shelved,) = bench.waiting(strangers=True)
    assert bench.store.read(shelved) == b"1"
    bench.store.put_aside(shelved, strange=True)
    assert bench.waiting(strangers=True) == [shelved]
    bench.store.put_aside(shelved, strange=False)
    assert bench.waiting(strangers=True) == []


def test_an_object_of_no_pair_counts_under_the_name_that_it_had(bench: Bench) -> None:
    bench.put(NAME, b"1")
    assert bench.store.count(NAME, BATCH)
    bench.store.put_aside(NAME, strange=True)
    (shelved,) = bench.waiting(strangers=True)
    assert not bench.store.count(shelved, BATCH)


def test_objects_of_any_name_wait(bench: Bench) -> None:
    names = ["a", "of-no-pairs", "taken", "taken-inn/x", "z", "\u00e9"]
    for name in names:
        bench.put(name, b"1")
    assert sorted(bench.waiting()) == sorted(names)


def test_more_objects_than_a_page_are_all_found_while_they_are_put_aside(bench: Bench) -> None:
    for number in range(8):
        bench.put(f"{NAME}{number:04}", b"1")
    if isinstance(bench.store, FailureBucket):
        bench.store.page = 3
    for name in bench.waiting():
        bench.store.put_aside(name, strange=False)
    assert bench.waiting() == []


@mock_aws
def test_the_row_says_what_was_taken_in_and_never_a_key() -> None:
    where: Any = {"region_name": "eu-west-1"}
    dynamodb = boto3.client("dynamodb", **where)
    bench = real(boto3.client("s3", **where), dynamodb, "failures")
    bench.store.count(NAME, BATCH)
    (row,) = dynamodb.scan(TableName="failures")["Items"]
    assert (row["pk"], row["sk"], row["at"]) == ({"S": "lost"}, {"S": NAME}, {"N": "7"})
    assert (row["keys"], row["unreadable"], row["strangers"]) == ({"N": "1"}, {"BOOL": True}, {"N": "1"})
    assert row["pairs"] == {"L": [{"S": "a=b"}, {"S": "old=new"}]}


@mock_aws
def test_an_object_beyond_all_measure_is_read_as_nothing() -> None:
    where: Any = {"region_name": "eu-west-1"}
    bench = real(boto3.client("s3", **where), boto3.client("dynamodb", **where), "failures")
    bench.store.largest = 4
    bench.put(NAME, b"12345")
    assert bench.store.read(NAME) == b""


@mock_aws
def test_a_bucket_that_is_not_there_is_a_table_fault() -> None:
    where: Any = {"region_name": "eu-west-1"}
    ledger = LedgerTable(boto3.client("dynamodb", **where), "ledger")
    store = FailureBucket(boto3.client("s3", **where), "nowhere", ledger, lambda: 0.0)
    for call in (
        lambda: list(store.waiting(strangers=False)),
        lambda: store.read("x"),
        lambda: store.put_aside("x", strange=False),
    ):
        with pytest.raises(TableFault, match="NoSuchBucket"):
            call()
