"""What the real mirror makes of the steps that TABLES declares, from the environment to the target."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from cutover.aws.session import Aws
from cutover.aws.sub_map import open_transform
from cutover.aws.table_pairs import open_pair
from cutover.tables.pairs import parse_pairs
from cutover.tables.ports import Item, Key
from cutover.users.ledger_rows import new_sub_key, user_key
from tests.fakes.ledger_table import create_ledger
from tests.handlers.table_world import REGION, LambdaContext, World, table_world
from tests.tables.keyed import sub

ARN = "arn:aws:dynamodb:us-east-1:123456789012:table/notes/stream/2026-11-20T09:00:00.000"
OLD, NEW = sub(1), sub(0xA1)


def forward(item: Item) -> Item:
    return {**item, "text": {"S": item["text"]["S"].upper()}}


def place(key: Key) -> Item:
    return {"id": {"S": f"{key['owner']['S']}/{key['n']['N']}"}}


def back(target: Item) -> Item:
    owner, _, n = target["id"]["S"].rpartition("/")
    return {"owner": {"S": owner}, "n": {"N": n}}


class Notes:
    """Tables `notes` (owner, n) and `notes-new` (id or user, n), beside the world's own."""

    def __init__(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        self.world = world
        self._monkeypatch = monkeypatch

    def make(self, *keys: tuple[str, str], **pair: Any) -> None:
        for name, schema in (("notes", (("owner", "S"), ("n", "N"))), ("notes-new", keys)):
            self.world._make(name, schema)
        pairs = [{"source": "notes", "target": "notes-new", **pair}]
        self._monkeypatch.setenv("TABLES", json.dumps(pairs))

    def put(self, owner: str, n: int, text: str) -> Any:
        item = {"owner": {"S": owner}, "n": {"N": str(n)}, "text": {"S": text}}
        self.world.dynamodb.put_item(TableName="notes", Item=item)
        return self._mirror("INSERT", owner, n, NewImage=item)

    def delete(self, owner: str, n: int) -> Any:
        self.world.dynamodb.delete_item(TableName="notes", Key={"owner": {"S": owner}, "n": {"N": str(n)}})
        return self._mirror("REMOVE", owner, n)

    def _mirror(self, what: str, owner: str, n: int, **images: Any) -> Any:
        key = {"owner": {"S": owner}, "n": {"N": str(n)}}
        body = {"Keys": key, "SequenceNumber": "1", **images}
        record = {"eventName": what, "dynamodb": body, "eventSourceARN": ARN}
        return self.world.mirror({"Records": [record]}, LambdaContext())

    def over(self, ledger: Any, table: str) -> None:
        """The user comes over."""
        row = {"old_sub": OLD, "new_sub": NEW, "state": "confirmed"}
        typed = {name: {"S": value} for name, value in row.items()}
        ledger.put_item(TableName=table, Item={**user_key(OLD), **typed})
        ledger.put_item(TableName=table, Item={**new_sub_key(NEW), "old_sub": {"S": OLD}})

    def target(self) -> list[Item]:
        return self.world.items("notes-new")


@pytest.fixture
def notes(monkeypatch: pytest.MonkeyPatch) -> Iterator[Notes]:
    with table_world(monkeypatch) as world:
        yield Notes(world, monkeypatch)


def test_renames_drops_and_a_function_are_done_without_more_code(notes: Notes) -> None:
    notes.make(
        ("user", "S"),
        ("n", "N"),
        rename={"owner": "user", "text": "body"},
        transform="tests.handlers.test_mirror_transforms:forward",
    )
    assert notes.put("ann", 1, "hello") == {"batchItemFailures": []}
    assert notes.target() == [{"user": {"S": "ann"}, "n": {"N": "1"}, "body": {"S": "HELLO"}}]
    notes.delete("ann", 1)
    assert notes.target() == []


def test_a_key_function_gives_the_target_keys_of_its_own(notes: Notes) -> None:
    notes.make(
        ("id", "S"),
        key="tests.handlers.test_mirror_transforms:place",
        inverse="tests.handlers.test_mirror_transforms:back",
        drop=["owner", "n"],
    )
    notes.put("ann", 1, "hello")
    notes.put("ann", 1, "again")
    assert notes.target() == [{"id": {"S": "ann/1"}, "text": {"S": "again"}}]
    notes.delete("ann", 1)
    assert notes.target() == []


def test_a_note_waits_for_its_user_and_goes_under_the_new_sub(notes: Notes) -> None:
    notes.make(("owner", "S"), ("n", "N"), subs=["owner"])
    assert notes.put(OLD, 1, "hello") == {"batchItemFailures": []}
    assert notes.target() == []
    assert notes.world.waiting() == (0, 0)
    notes.over(notes.world.dynamodb, notes.world.ledger)
    notes.put(OLD, 1, "again")
    assert notes.target() == [{"owner": {"S": NEW}, "n": {"N": "1"}, "text": {"S": "again"}}]


def test_the_map_may_be_another_stack_s_in_another_region(
    notes: Notes, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = boto3.client("dynamodb", region_name="eu-central-1")
    create_ledger(there, "people-ledger")
    arn = there.describe_table(TableName="people-ledger")["Table"]["TableArn"]
    notes.make(("owner", "S"), ("n", "N"), subs=["owner"])
    monkeypatch.setenv("SUB_MAP_TABLE", arn)
    notes.over(there, "people-ledger")
    notes.put(OLD, 1, "hello")
    assert [one["owner"] for one in notes.target()] == [{"S": NEW}]


def test_a_pair_whose_keys_cannot_fit_copies_nothing_and_fails_its_batch(notes: Notes) -> None:
    notes.make(("user", "S"), ("n", "N"), rename={"text": "body"})
    assert notes.put("ann", 1, "hello") == {"batchItemFailures": [{"itemIdentifier": "1"}]}
    assert notes.target() == []


def test_tables_of_other_keys_open_where_the_pair_says_how_they_go_together(notes: Notes) -> None:
    notes.make(("user", "S"), ("n", "N"))
    (pair,) = parse_pairs('[{"source": "notes", "target": "notes-new", "rename": {"owner": "user"}}]')
    source, target = open_pair(pair, Aws(region=REGION))
    assert (source.key_names, target.key_names) == (("owner", "n"), ("user", "n"))


def test_an_inverse_is_held_to_the_keys_of_the_real_source(notes: Notes) -> None:
    """What an inverse makes of the target's own items is read in the source, a slice at a time."""
    notes.make(("id", "S"))
    here = "tests.handlers.test_mirror_transforms"
    names = {"source": "notes", "target": "notes-new", "key": f"{here}:place", "inverse": f"{here}:back"}
    (pair,) = parse_pairs(json.dumps([names]))
    source, target = open_pair(pair, Aws(region=REGION))
    transform = open_transform(pair, source, target, Aws(region=REGION), "")
    assert transform.source_key({"id": {"S": "ann/1"}}) == {"owner": {"S": "ann"}, "n": {"N": "1"}}
    assert transform.source_key({"id": {"S": "/1"}}) is None
