"""One contract for the reservation index: the fake, moto, the local stack and DynamoDB Local keep it."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from cutover.aws.index_building import Index, build_index
from cutover.aws.reservation_index import ReservationIndex
from cutover.control.taken_names import PoolUser
from cutover.users.reservations import MOST_OWNERS, Kind, Reservation, index_key, reservations_of
from tests.fakes.ledger_table import create_ledger
from tests.fakes.reservation_index import FakeIndex

NEW = "eu-west-1_new"
SERVERS = {"local stack": "local_stack", "DynamoDB Local": "dynamodb_local"}


def user(name: str, sub: str, created: float, status: str = "CONFIRMED", **attributes: str) -> PoolUser:
    return PoolUser(name, sub, status, attributes, created)


ADA, LOWER_ADA = user("Ada", "s1", 20.0, email="ada@x.org"), user("ada", "s2", 10.5, email="ADA@x.org")
GRACE = user("Google_7", "s3", 30.0, "EXTERNAL_PROVIDER", email="ada@x.org")


def _index(**where: Any) -> ReservationIndex:
    client = boto3.client("dynamodb", region_name="us-east-1", **where)
    table = f"ledger-{uuid.uuid4().hex[:8]}"
    create_ledger(client, table)
    return ReservationIndex(client, table)


@pytest.fixture(
    params=[
        "fake",
        "moto",
        pytest.param("local stack", marks=pytest.mark.local_stack),
        pytest.param("DynamoDB Local", marks=pytest.mark.dynamodb_local),
    ]
)
def index(request: pytest.FixtureRequest) -> Iterator[Any]:
    if request.param == "fake":
        yield FakeIndex()
    elif request.param == "moto":
        with mock_aws():
            yield _index()
    else:
        yield _index(endpoint_url=request.getfixturevalue(SERVERS[request.param]))


def reserve(index: Index, *users: PoolUser) -> None:
    for one in users:
        for mine in reservations_of(one):
            index.reserve(NEW, mine, spent=lambda units: None)


def read(index: Any, kind: str, value: str) -> Reservation:
    (found,) = index.read(NEW, [(kind, value)])
    return found  # type: ignore[no-any-return]


def test_nothing_is_reserved_before_it_is_built(index: Any) -> None:
    assert index.read(NEW, [(Kind.NAME, "ada")]) == []
    assert index.read(NEW, []) == []


@pytest.mark.parametrize("asked", ["Ada", "ADA", "ada"])
def test_a_name_is_found_in_any_case(index: Any, asked: str) -> None:
    reserve(index, ADA)
    assert read(index, "name", asked) == reservations_of(ADA)[0]


def test_a_name_of_another_pool_is_another(index: Any) -> None:
    reserve(index, ADA)
    assert index.read("eu-west-1_other", [(Kind.NAME, "ada")]) == []


def test_one_read_finds_all_that_is_asked_for(index: Any) -> None:
    reserve(index, ADA, GRACE)
    wanted = [("name", "ada"), ("email", "ada"), ("sub", "s3"), ("name", "ADA"), ("email", "Ada@X.org")]
    found = index.read(NEW, wanted)
    assert {(one.kind, one.key) for one in found} == {
        ("name", "ada"),
        ("sub", "s3"),
        ("email", "ada@x.org"),
    }


@pytest.mark.parametrize("order", list(itertools.permutations([ADA, LOWER_ADA, GRACE])), ids=str)
def test_in_any_order_the_user_created_first_is_first_and_all_are_owners(
    index: Any, order: tuple[PoolUser, ...]
) -> None:
    reserve(index, *order)
    name, mail = read(index, "name", "ada"), read(index, "email", "ada@x.org")
    assert (name.owners, name.first_sub, name.first_name) == ({"s1", "s2"}, "s2", "ada")
    assert (name.first_created, name.federated) == (10.5, frozenset())
    assert (mail.owners, mail.first_sub, mail.federated) == ({"s1", "s2", "s3"}, "s2", {"s3"})


@pytest.mark.parametrize("order", list(itertools.permutations("abc")), ids=str)
def test_of_users_created_at_once_the_first_is_the_same_in_any_order(index: Any, order: str) -> None:
    reserve(index, *(user("ada", sub, 10.0) for sub in order))
    assert read(index, "name", "ada").first_sub == "a"


def test_reserving_again_changes_nothing(index: Any) -> None:
    reserve(index, ADA, LOWER_ADA)
    before = read(index, "name", "ada")
    reserve(index, ADA, LOWER_ADA, ADA)
    assert read(index, "name", "ada") == before


def test_a_value_that_very_many_share_stays_small_and_knows_who_was_first(index: Any) -> None:
    late_first = [user("u", f"s{n:03}", 1000.0 - n, email="all@x.org") for n in range(MOST_OWNERS + 3)]
    reserve(index, *late_first)
    found = read(index, "email", "all@x.org")
    assert found.crowded
    assert len(found.owners) == MOST_OWNERS
    assert found.first_sub == late_first[-1].sub


def test_an_index_says_when_it_was_begun_and_whether_it_is_whole(index: Any) -> None:
    index.begin(NEW, 100.9)
    assert state(index) == {"started_at": 100, "users": 0}
    index.complete(NEW, 200.9, 7)
    assert state(index) == {"started_at": 100, "built_at": 200, "users": 7}
    index.begin(NEW, 300)
    assert state(index) == {"started_at": 300, "users": 0}


def test_built_over_all_users_it_holds_them_all(index: Any) -> None:
    build(index, threads=1)


@pytest.mark.parametrize(
    "server",
    [
        pytest.param("local_stack", marks=pytest.mark.local_stack),
        pytest.param("dynamodb_local", marks=pytest.mark.dynamodb_local),
    ],
)
def test_built_by_threads_that_reserve_one_value_at_once_it_holds_them_all(
    request: pytest.FixtureRequest, server: str
) -> None:
    build(_index(endpoint_url=request.getfixturevalue(server)), threads=8)


def build(index: Any, threads: int) -> None:
    people = [user(f"user{n}", f"s{n}", float(n), email="all@x.org") for n in range(40)]
    assert build_index(iter(people), index, NEW, clock=lambda: 500.0, threads=threads) == 40
    assert state(index) == {"started_at": 500, "built_at": 500, "users": 40}
    assert read(index, "email", "all@x.org").owners == {one.sub for one in people}
    assert read(index, "email", "all@x.org").first_name == "user0"
    assert read(index, "name", "USER39").first_sub == "s39"


def state(index: Any) -> dict[str, int]:
    if isinstance(index, FakeIndex):
        return index.states[NEW]
    item = index._client.get_item(TableName=index._table, Key=index_key(NEW))["Item"]  # noqa: SLF001
    return {name: int(value["N"]) for name, value in item.items() if name not in {"pk", "sk"}}
