"""One contract for tables: the fake in memory, moto, the local stack and Amazon's DynamoDB Local keep it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from moto import mock_aws

from cutover.aws.dynamo_table import DynamoTable, describe
from cutover.aws.session import Aws
from cutover.aws.table_pairs import table_client
from cutover.tables.items import key_id, same
from cutover.tables.ports import (
    Change,
    FaultReason,
    Item,
    Key,
    ScannableTable,
    TableFault,
    WritableTable,
    WriteOutcome,
)
from tests.fakes.tables import FakeTable

ENGINES = [
    "fake",
    "moto",
    pytest.param("local_stack", marks=pytest.mark.local_stack),
    pytest.param("dynamodb_local", marks=pytest.mark.dynamodb_local),
]
CHECKS_INDEX_TYPES = {"fake", "local_stack", "dynamodb_local"}
"""moto takes any type for an index's key attribute."""

EVERY_TYPE: Item = {
    "k": {"S": "all"},
    "s": {"S": "text"},
    "empty": {"S": ""},
    "n": {"N": "-12.5"},
    "b": {"B": b"\x00\x01\xff"},
    "t": {"BOOL": True},
    "nil": {"NULL": True},
    "l": {"L": [{"S": "a"}, {"L": []}, {"B": b"\x02"}, {"M": {}}]},
    "m": {"M": {"in.#ner": {"BS": [b"\x03", b"\x04"]}, "name": {"NS": ["1", "2.50"]}}},
    "ss": {"SS": ["x", "y"]},
    "ns": {"NS": ["3", "1E2"]},
    "bs": {"BS": [b"", b"\xfe"]},
}


class Table(WritableTable, ScannableTable):
    """What the contract is about."""


def make(client: Any, name: str) -> DynamoTable:
    client.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": a, "AttributeType": "S"} for a in ("k", "email")],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "by-email",
                "KeySchema": [{"AttributeName": "email", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            }
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    return describe(client, name)


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def table(engine: str, request: pytest.FixtureRequest, unique: Callable[[str], str]) -> Iterator[Table]:
    if engine == "fake":
        yield FakeTable(indexed=["email"])  # type: ignore[misc]
    elif engine == "moto":
        with mock_aws():
            yield make(table_client(Aws(region="eu-west-1")), unique("items"))  # type: ignore[misc]
    else:
        url = request.getfixturevalue(engine)
        yield make(table_client(Aws(region="us-east-1", endpoint_url=url)), unique("items"))  # type: ignore[misc]


def numbered(n: int) -> Item:
    return {"k": {"S": f"{n:05}"}, "n": {"N": str(n)}}


def key(name: str) -> Key:
    return {"k": {"S": name}}


def test_an_item_of_every_type_comes_back_as_it_was_written(table: Table) -> None:
    table.write([EVERY_TYPE], [])
    assert same(table.get([key("all")])[key_id(key("all"))], EVERY_TYPE)


def test_a_key_without_an_item_is_absent(table: Table) -> None:
    assert table.get([key("nobody")]) == {}


def test_more_keys_than_one_call_takes_are_written_read_and_deleted(table: Table) -> None:
    items = [numbered(n) for n in range(230)]
    assert table.write(items, []) == table.write([], [])
    assert len(table.get([{"k": one["k"]} for one in items])) == 230
    table.write([], [{"k": one["k"]} for one in items])
    assert table.get([{"k": one["k"]} for one in items]) == {}


def test_deleting_what_is_not_there_is_no_fault(table: Table) -> None:
    assert table.write([], [key("nobody")]).rejected == ()


def test_a_put_replaces_the_whole_item(table: Table) -> None:
    table.write([{**key("a"), "old": {"S": "x"}}], [])
    table.write([{**key("a"), "new": {"S": "y"}}], [])
    assert table.get([key("a")])[key_id(key("a"))].keys() == {"k", "new"}


def test_an_item_that_is_too_large_never_fails_its_neighbours(table: Table) -> None:
    poison = {**key("big"), "v": {"S": "x" * 410_000}}
    items = [numbered(n) for n in range(24)]
    outcome = table.write([*items[:11], poison, *items[11:]], [])
    assert [(dict(where), reason) for where, reason, _ in outcome.rejected] == [
        (key("big"), FaultReason.TOO_LARGE)
    ]
    assert len(table.get([{"k": one["k"]} for one in items])) == 24


def test_an_item_whose_index_key_has_the_wrong_type_never_fails_its_neighbours(
    table: Table, engine: str
) -> None:
    if engine not in CHECKS_INDEX_TYPES:
        pytest.skip("moto takes any type for an index's key attribute")
    poison = {**key("bad"), "email": {"N": "5"}}
    items = [numbered(n) for n in range(24)]
    outcome = table.write([*items[:3], poison, *items[3:]], [key("gone")])
    assert [(dict(where), reason) for where, reason, _ in outcome.rejected] == [
        (key("bad"), FaultReason.VALIDATION)
    ]
    assert len(table.get([{"k": one["k"]} for one in items])) == 24


def put_seen(seen: Item | None, wanted: Item) -> Change:
    return Change({"k": wanted["k"]}, seen, wanted)


def test_an_empty_place_is_taken_and_no_other(table: Table) -> None:
    theirs, ours = ({**key("taken"), "v": {"S": who}} for who in ("theirs", "ours"))
    table.write([theirs], [])
    free = {**key("free"), "v": {"S": "ours"}}
    outcome = table.write_seen([put_seen(None, free), put_seen(None, ours)])
    assert outcome == WriteOutcome(overtaken=(key("taken"),))
    held = table.get([key("free"), key("taken")])
    assert held == {key_id(key("free")): free, key_id(key("taken")): theirs}


def test_an_item_that_is_as_it_was_seen_is_replaced_and_deleted(table: Table) -> None:
    table.write([EVERY_TYPE], [])
    other = {**key("all"), "v": {"S": "x"}}
    assert table.write_seen([put_seen(EVERY_TYPE, other)]) == WriteOutcome()
    assert table.get([key("all")]) == {key_id(key("all")): other}
    assert table.write_seen([Change(key("all"), other, None)]) == WriteOutcome()
    assert table.get([key("all")]) == {}


def test_an_item_that_is_another_than_was_seen_stays(table: Table) -> None:
    mine, theirs = ({**key("a"), "of": {"S": who}} for who in ("me", "them"))
    table.write([theirs], [])
    assert table.write_seen([put_seen(mine, {**mine, "v": {"N": "2"}})]).overtaken == (key("a"),)
    assert table.write_seen([Change(key("a"), mine, None)]).overtaken == (key("a"),)
    assert table.get([key("a")]) == {key_id(key("a")): theirs}


def test_an_item_that_is_gone_is_neither_put_again_nor_deleted(table: Table) -> None:
    mine = {**key("a"), "v": {"N": "1"}}
    assert table.write_seen([put_seen(mine, {**mine, "v": {"N": "2"}})]).overtaken == (key("a"),)
    assert table.write_seen([Change(key("a"), mine, None)]).overtaken == (key("a"),)
    assert table.get([key("a")]) == {}


MANY: Item = {f"a{n}": {"N": str(n)} for n in range(300)}


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        ({**MANY, "zzz": {"S": "x" * 99}}, {**MANY, "zzz": {"S": "y" * 99}}),
        ({"v": {"N": "1"}, "z": {"S": "x" * 20_000}}, {"v": {"N": "1"}, "z": {"S": "y" * 20_000}}),
        ({"v": {"N": "1"}}, {"v": {"N": "1"}, "of": {"S": "them"}}),
        (MANY, {**MANY, "of": {"B": b"them"}}),
    ],
    ids=["the 301st attribute", "a large attribute", "an attribute that was added", "one added to many"],
)
def test_an_item_that_differs_where_no_condition_looks_stays_too(
    table: Table, mine: Item, theirs: Item
) -> None:
    seen, there = {**key("a"), **mine}, {**key("a"), **theirs}
    table.write([there], [])
    assert table.write_seen([put_seen(seen, {**seen, "new": {"N": "2"}})]) == WriteOutcome(
        overtaken=(key("a"),)
    )
    assert table.get([key("a")]) == {key_id(key("a")): there}
    assert table.write_seen([Change(key("a"), seen, None)]) == WriteOutcome(overtaken=(key("a"),))
    assert table.get([key("a")]) == {key_id(key("a")): there}


def test_an_item_of_many_and_of_large_attributes_is_compared_as_far_as_it_fits(table: Table) -> None:
    many = {f"a{n}": {"N": str(n)} for n in range(400)}
    large = {**key("a"), **many, "z": {"S": "x" * 100_000}}
    table.write([large], [])
    assert table.write_seen([put_seen({**large, "a3": {"N": "4"}}, large)]).overtaken == (key("a"),)
    assert table.write_seen([put_seen(large, {**key("a")})]) == WriteOutcome()


def test_an_item_without_more_than_its_key_is_compared_too(table: Table) -> None:
    table.write([key("a")], [])
    assert table.write_seen([put_seen(key("a"), {**key("a"), "v": {"N": "1"}})]) == WriteOutcome()


def test_of_many_who_want_a_place_at_once_one_takes_it(table: Table) -> None:
    with ThreadPoolExecutor(8) as pool:
        told = [
            pool.submit(table.write_seen, [put_seen(None, {**key("a"), "v": {"N": str(n)}})])
            for n in range(8)
        ]
    refused = [one.result().overtaken for one in told]
    assert refused.count(()) == 1
    assert table.get([key("a")])[key_id(key("a"))]["v"] == {"N": str(refused.index(()))}


def test_a_change_that_is_refused_for_its_item_never_fails_its_neighbours(table: Table) -> None:
    poison = {**key("big"), "v": {"S": "x" * 410_000}}
    outcome = table.write_seen([put_seen(None, one) for one in (numbered(1), poison, numbered(2))])
    assert [(dict(where), reason) for where, reason, _ in outcome.rejected] == [
        (key("big"), FaultReason.TOO_LARGE)
    ]
    assert len(table.get([{"k": numbered(n)["k"]} for n in (1, 2)])) == 2


def test_the_segments_of_a_scan_hold_every_item_once(table: Table) -> None:
    table.write([numbered(n) for n in range(60)], [])
    seen = [one["k"]["S"] for s in range(4) for page in table.scan(s, 4) for one in page.items]
    assert sorted(seen) == [f"{n:05}" for n in range(60)]


def test_a_scan_goes_on_behind_a_key_that_was_deleted_meanwhile(table: Table) -> None:
    table.write([numbered(n) for n in range(30)], [])
    everything = [one for page in table.scan(0, 1) for one in page.items]
    place = {"k": everything[9]["k"]}
    table.write([], [place])
    rest = [one["k"] for page in table.scan(0, 1, start=place) for one in page.items]
    assert rest == [one["k"] for one in everything[10:]]


def test_a_table_that_is_not_there_is_a_table_fault(engine: str, table: Table) -> None:
    if engine == "fake":
        pytest.skip("the fake is always there")
    gone = DynamoTable(table._client, "no-such-table", ("k",), sleep=lambda _: None)  # type: ignore[attr-defined]  # noqa: SLF001
    with pytest.raises(TableFault, match="ResourceNotFoundException"):
        gone.get([key("a")])
    with pytest.raises(TableFault, match="ResourceNotFoundException"):
        gone.write([{**key("a")}], [])
    with pytest.raises(TableFault, match="ResourceNotFoundException"):
        gone.write_seen([put_seen(None, key("a"))])
