"""A role's session that ends in the middle: the call is done with the next one, by each of the threads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError, CredentialRetrievalError

from cutover.aws.session import Aws
from cutover.aws.table_faults import Kind, classify
from cutover.aws.table_pairs import table_client
from tests.fakes.ending_sessions import EndingSessions, ending_sessions
from tests.fakes.sts import short_lived_sts

pytestmark = pytest.mark.local_stack

ROLE = "arn:aws:iam::222222222222:role/reader"


@pytest.fixture
def world(local_stack: str) -> Iterator[EndingSessions]:
    with ending_sessions(local_stack) as made:
        yield made


@pytest.fixture
def table(world: EndingSessions, unique: Callable[[str], str]) -> str:
    name = unique("ending")
    Aws(region="us-east-1", endpoint_url=world.url).client("dynamodb").create_table(
        TableName=name,
        AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    return name


@pytest.fixture
def client(world: EndingSessions) -> Any:
    """Of the kind that tables are written by: one attempt."""
    return table_client(Aws(region="us-east-1", endpoint_url=world.url, role_arn=ROLE))


def put(client: Any, table: str, name: str = "a") -> None:
    client.put_item(TableName=table, Item={"k": {"S": name}})


def test_a_call_that_an_ended_session_signed_is_done_with_the_next_one(
    world: EndingSessions, client: Any, table: str
) -> None:
    put(client, table, "a")
    world.ends = lambda number, _: number == 2
    put(client, table, "b")
    assert (world.refused, len(world.sts.assumed)) == (["PutItem"], 2)
    assert client.scan(TableName=table)["Count"] == 2


def test_a_session_that_ends_again_and_again_is_taken_again_and_again(
    world: EndingSessions, client: Any, table: str
) -> None:
    world.ends = lambda number, _: number % 3 == 2
    for number in range(10):
        put(client, table, str(number))
    world.ends = lambda *_: False
    assert client.scan(TableName=table)["Count"] == 10


def test_a_call_is_sent_once_more_and_not_for_ever(world: EndingSessions, client: Any, table: str) -> None:
    world.ends = lambda *_: True
    with pytest.raises(ClientError, match="ExpiredToken") as caught:
        put(client, table)
    assert classify(caught.value) is Kind.TABLE
    assert world.calls == ["PutItem", "PutItem"]


def test_many_threads_that_meet_the_end_take_the_role_once(
    world: EndingSessions, client: Any, table: str
) -> None:
    put(client, table)
    world.ended.update({"ASIA1"})
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: put(client, table, str(number)), range(32)))
    assert len(world.sts.assumed) == 2


def test_a_role_that_may_not_be_taken_again_is_the_table_s_fault(
    world: EndingSessions, client: Any, table: str
) -> None:
    put(client, table)
    world.ends, world.denied = (lambda number, _: number == 2), True
    with pytest.raises(ClientError, match="AssumeRole") as caught:
        put(client, table, "b")
    assert classify(caught.value) is Kind.TABLE
    world.denied = False
    put(client, table, "c")


def test_the_caller_s_own_credentials_cannot_be_renewed_and_nothing_is_sent_twice(
    world: EndingSessions, table: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "ASIAOWN")
    own = table_client(Aws(region="us-east-1", endpoint_url=world.url))
    world.ended.add("ASIAOWN")
    with pytest.raises(ClientError, match="ExpiredToken"):
        put(own, table)
    assert world.calls == ["PutItem"]


def test_credentials_that_have_ended_when_they_come_are_an_error_of_the_sdk_s_kind(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A clock that is hours ahead; a plain RuntimeError would be nobody's."""
    with short_lived_sts(seconds=int(-timedelta(hours=2).total_seconds())) as sts:
        monkeypatch.setenv("AWS_ENDPOINT_URL_STS", sts.url)
        client = Aws(region="us-east-1", role_arn=ROLE).client("dynamodb")
        with pytest.raises(CredentialRetrievalError) as caught:
            client.list_tables()
        assert classify(caught.value) is Kind.TABLE
