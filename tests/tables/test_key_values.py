"""Keys that a function makes: what DynamoDB would not take is that item's fault, and nobody else's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from cutover.tables.converge import converge
from cutover.tables.ports import FaultReason, Item
from cutover.tables.target_rules import TargetRules, misfits
from cutover.tables.transform import Transform
from tests.dynamodb_local import REGION
from tests.fakes.tables import FakeTable, Granted, item, key

TYPES = {"S": (("p", "S"), ("s", "S")), "N": (("p", "N"),), "B": (("p", "B"), ("s", "B"))}
GOOD: list[Any] = [
    {"p": {"S": "x" * 2048}, "s": {"S": "x" * 1024}},
    {"p": {"S": "é" * 1024}, "s": {"S": "é" * 512}},
    {"p": {"B": b"x" * 2048}, "s": {"B": b"x" * 1024}},
    {"p": {"N": "0"}},
    {"p": {"N": "-0.00"}},
    {"p": {"N": "0" * 50 + "1"}},
    {"p": {"N": "1." + "0" * 50}},
    {"p": {"N": "9" * 38}},
    {"p": {"N": "9" * 38 + "0" * 80}},
    {"p": {"N": "9.9E125"}},
    {"p": {"N": "1E-130"}},
]
BAD: list[Any] = [
    {"p": {"S": ""}, "s": {"S": "x"}},
    {"p": {"S": "x"}, "s": {"S": ""}},
    {"p": {"S": "x" * 2049}, "s": {"S": "x"}},
    {"p": {"S": "é" * 1025}, "s": {"S": "x"}},
    {"p": {"S": "x"}, "s": {"S": "x" * 1025}},
    {"p": {"B": b""}, "s": {"B": b"x"}},
    {"p": {"N": "9" * 39}},
    {"p": {"N": "1E126"}},
    {"p": {"N": "1E-131"}},
]


def problem_of(made: Any) -> str:
    kind = next(iter(made["p"]))
    return " ".join(misfit.why for misfit in misfits(made, TargetRules(TYPES[kind])))


@pytest.mark.parametrize("made", GOOD, ids=lambda made: str(made)[:40])
def test_a_key_that_the_table_takes_has_no_problem(made: Any) -> None:
    assert problem_of(made) == ""


@pytest.mark.parametrize("made", BAD, ids=lambda made: str(made)[:40])
def test_a_key_that_the_table_does_not_take_has_one_and_it_names_no_value(made: Any) -> None:
    problem = problem_of(made)
    assert problem
    assert "xxx" not in problem
    assert "999" not in problem


def test_a_key_that_cannot_be_is_a_fault_of_its_own_item_and_its_neighbours_converge() -> None:
    """Such a key would fail the read of all places of its slice."""

    def place(source_key: Item) -> Item:
        return {"p": {"S": source_key["k"]["S"].removeprefix("b")}}

    def back(target: Item) -> Item:
        return {"k": {"S": "b" + target["p"]["S"]}}

    transform = Transform(
        key=place, inverse=back, source_keys=("k",), target_keys=("p",), target_types=(("p", "S"),)
    )
    source, there = FakeTable([item("b", "1"), item("ba", "1")]), FakeTable(key_names=("p",))
    result = converge(
        [key("b"), key("ba")], source=source, target=there, transform=transform, permit=Granted()
    )
    assert result.converged == (key("ba"),)
    assert [(one.key, one.reason) for one in result.faults] == [(key("b"), FaultReason.TRANSFORM)]


@pytest.mark.parametrize("spelling", ["1_000", "12 ", "\t12"])
def test_a_number_that_python_reads_and_the_table_does_not_is_a_fault_of_its_own_item(spelling: str) -> None:
    """As what was a text in the source becomes a number."""
    source = FakeTable([item(spelling, "1"), item("7", "1")])
    there = FakeTable(key_names=("p",))
    transform = Transform(
        key=lambda one: {"p": {"N": one["k"]["S"]}},
        inverse=lambda one: {"k": {"S": one["p"]["N"]}},
        source_keys=("k",),
        target_keys=("p",),
        target_types=(("p", "N"),),
    )
    keys = [key(spelling), key("7")]
    result = converge(keys, source=source, target=there, transform=transform, permit=Granted())
    assert result.converged == (key("7"),)
    assert [(one.key, one.reason) for one in result.faults] == [(key(spelling), FaultReason.TRANSFORM)]


@pytest.mark.parametrize("kind", ["S", "N"])
def test_an_inverse_that_gives_a_key_the_source_does_not_take_names_no_source_item(kind: str) -> None:
    """An item of the target's own may look like anything, and such a key would fail the read of its slice."""
    transform = Transform(
        key=lambda one: {"p": {"S": "b" + one["k"]["S"]}},
        inverse=lambda one: {"k": {"S": one["p"]["S"].removeprefix("b")}},
        source_keys=("k",),
        target_keys=("p",),
        target_types=(("p", "S"),),
        source_types=(("k", kind),),
    )
    assert transform.source_key({"p": {"S": "b"}}) is None
    assert transform.source_key({"p": {"S": "ba"}}) == (key("a") if kind == "S" else None)


@pytest.fixture(params=list(TYPES))
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.mark.dynamodb_local
def test_the_table_says_the_same_of_each_key(
    kind: str, dynamodb_local: str, unique: Callable[[str], str]
) -> None:
    client = boto3.client("dynamodb", endpoint_url=dynamodb_local, region_name=REGION)
    name, types = unique("keys"), TYPES[kind]
    client.create_table(
        TableName=name,
        KeySchema=[
            {"AttributeName": k, "KeyType": t} for (k, _), t in zip(types, ("HASH", "RANGE"), strict=False)
        ],
        AttributeDefinitions=[{"AttributeName": k, "AttributeType": t} for k, t in types],
        BillingMode="PAY_PER_REQUEST",
    )
    refused, codes = [], set()
    for made in [one for one in (*GOOD, *BAD) if kind in one["p"]]:
        try:
            client.batch_get_item(RequestItems={name: {"Keys": [made], "ConsistentRead": True}})
        except ClientError as error:
            codes.add(error.response["Error"]["Code"])
            refused.append(made)
    assert codes == {"ValidationException"}
    assert refused == [one for one in BAD if kind in one["p"]]
