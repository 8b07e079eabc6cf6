"""What a target refuses for its keys; the rules are held against DynamoDB Local."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from cutover.tables.ports import Item
from cutover.tables.target_rules import LARGEST_ITEM, IndexRule, TargetRules, misfits
from tests import dynamodb_local

RULES = TargetRules(
    (("pk", "S"), ("sk", "N")),
    (
        IndexRule("by-mail", (("mail", "S"), ("at", "N"))),
        IndexRule("by-raw", (("raw", "B"), ("word", "S"))),
        IndexRule("local", (("pk", "S"), ("word", "S")), local=True),
    ),
)
KEY: Item = {"pk": {"S": "a"}, "sk": {"N": "1"}}

REFUSED: dict[str, tuple[Item, tuple[str, str, str]]] = {
    "own key of another type": ({"pk": {"N": "1"}}, ("", "pk", "is of type N, not S")),
    "own key empty": ({"pk": {"S": ""}}, ("", "pk", "is empty")),
    "own key too long": ({"pk": {"S": "x" * 2049}}, ("", "pk", "is longer than 2048 bytes")),
    "index key of another type": ({"mail": {"N": "1"}}, ("by-mail", "mail", "is of type N, not S")),
    "index key NULL": ({"mail": {"NULL": True}}, ("by-mail", "mail", "is of type NULL, not S")),
    "index key empty": ({"mail": {"S": ""}}, ("by-mail", "mail", "is empty")),
    "index key too long": ({"mail": {"S": "é" * 1025}}, ("by-mail", "mail", "is longer than 2048 bytes")),
    "index sort key of another type": (
        {"mail": {"S": "m"}, "at": {"S": "1"}},
        ("by-mail", "at", "is of type S, not N"),
    ),
    "index sort key alone of another type": ({"at": {"S": "1"}}, ("by-mail", "at", "is of type S, not N")),
    "binary index key empty": ({"raw": {"B": b""}}, ("by-raw", "raw", "is empty")),
    "local index key empty": ({"word": {"S": ""}}, ("local", "word", "is empty")),
    "local index key too long": ({"word": {"S": "x" * 1025}}, ("local", "word", "is longer than 1024 bytes")),
}
TAKEN: dict[str, Item] = {
    "no index key at all": {},
    "half an index key": {"mail": {"S": "m"}},
    "every index key": {
        "mail": {"S": "m"},
        "at": {"N": "0"},
        "raw": {"B": b"\x00"},
        "word": {"S": "w"},
    },
    "keys as long as may be": {"pk": {"S": "x" * 2048}, "word": {"S": "x" * 1024}, "mail": {"S": "é" * 1024}},
}


@pytest.mark.parametrize(("change", "misfit"), REFUSED.values(), ids=REFUSED)
def test_a_key_that_does_not_fit_is_named_with_its_index(change: Item, misfit: tuple[str, str, str]) -> None:
    found = [(one.index, one.attribute, one.why) for one in misfits({**KEY, **change}, RULES)]
    assert misfit in found


@pytest.mark.parametrize("change", TAKEN.values(), ids=TAKEN)
def test_a_key_that_fits_or_is_absent_is_no_misfit(change: Item) -> None:
    assert list(misfits({**KEY, **change}, RULES)) == []


def test_a_missing_key_of_the_table_is_a_misfit() -> None:
    found = [(one.index, one.attribute, one.why) for one in misfits({"pk": {"S": "a"}}, RULES)]
    assert found == [("", "sk", "is missing")]


@pytest.fixture(scope="module")
def local() -> Iterator[Any]:
    with dynamodb_local.running() as url:
        client = boto3.client("dynamodb", region_name=dynamodb_local.REGION, endpoint_url=url)
        types = {"pk": "S", "sk": "N", "mail": "S", "at": "N", "raw": "B", "word": "S"}
        everything = {"Projection": {"ProjectionType": "ALL"}}
        indexes = {
            local: [
                {"IndexName": index.name, "KeySchema": schema(index.keys), **everything}
                for index in RULES.indexes
                if index.local is local
            ]
            for local in (False, True)
        }
        client.create_table(
            TableName="target",
            KeySchema=schema(RULES.keys),
            AttributeDefinitions=[{"AttributeName": n, "AttributeType": t} for n, t in types.items()],
            BillingMode="PAY_PER_REQUEST",
            GlobalSecondaryIndexes=indexes[False],
            LocalSecondaryIndexes=indexes[True],
        )
        yield client


def schema(keys: tuple[tuple[str, str], ...]) -> list[dict[str, str]]:
    kinds = ("HASH", "RANGE")
    return [{"AttributeName": name, "KeyType": kind} for (name, _), kind in zip(keys, kinds, strict=False)]


@pytest.mark.slow
@pytest.mark.dynamodb_local
@pytest.mark.skipif(dynamodb_local.why_not() is not None, reason=str(dynamodb_local.why_not()))
class TestAgainstDynamoDbLocal:
    @pytest.mark.parametrize("change", [change for change, _ in REFUSED.values()], ids=REFUSED)
    def test_the_table_refuses_what_the_rules_call_a_misfit(self, local: Any, change: Item) -> None:
        with pytest.raises(ClientError, match="ValidationException"):
            local.put_item(TableName="target", Item={**KEY, **change})

    @pytest.mark.parametrize("change", TAKEN.values(), ids=TAKEN)
    def test_the_table_takes_what_the_rules_take(self, local: Any, change: Item) -> None:
        local.put_item(TableName="target", Item={**KEY, **change})

    def test_the_largest_item_is_taken_and_one_byte_more_is_refused(self, local: Any) -> None:
        taken = LARGEST_ITEM - len("pkaskv") - 2
        local.put_item(TableName="target", Item={**KEY, "v": {"S": "x" * taken}})
        with pytest.raises(ClientError, match="size"):
            local.put_item(TableName="target", Item={**KEY, "v": {"S": "x" * (taken + 1)}})
