"""A reply that is no JSON of DynamoDB's (a page of a proxy, a body cut off) is a lost reply to a table."""

from __future__ import annotations

import io
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse

from cutover.aws.dynamo_table import DynamoTable
from cutover.aws.session import Aws
from cutover.aws.table_pairs import table_client
from cutover.tables.ports import Change, Item, TableFault
from cutover.tables.tuning import Tuning
from tests.fakes.tables import item, key

QUICK = Tuning(throttle_attempts=3)


def answered(body: bytes) -> Any:
    """A client of tables, each of whose calls is done and answered by `body`."""
    client = table_client(Aws(region="eu-west-1"))

    def answer(request: Any, **_: Any) -> AWSResponse:
        raw = io.BytesIO(body)
        raw.stream = lambda *_, **__: [body]  # type: ignore[attr-defined]
        return AWSResponse(request.url, 200, {}, raw)

    client.meta.events.register("before-send.dynamodb", answer)
    return client


@pytest.fixture(params=[b"<html>welcome</html>", b'{"Responses": {"t": ['])
def table(request: Any) -> DynamoTable:
    client = answered(request.param)
    return DynamoTable(client, "t", ("k",), sleep=lambda _: None, rng=lambda: 0.0, tuning=QUICK)


def test_a_write_with_such_a_reply_may_have_been_done(table: DynamoTable) -> None:
    outcome = table.write([item("a", "1")], [key("b")])
    assert (outcome.ambiguous, outcome.rejected) == ((key("a"), key("b")), ())


@pytest.mark.parametrize("wanted", [item("a", "2"), None], ids=["put", "deletion"])
def test_a_write_of_what_was_seen_with_such_a_reply_may_have_been_done(
    table: DynamoTable, wanted: Item | None
) -> None:
    outcome = table.write_seen([Change(key("a"), item("a", "1"), wanted)])
    assert (outcome.ambiguous, outcome.rejected) == ((key("a"),), ())


def test_a_read_with_such_replies_is_the_table_s_fault(table: DynamoTable) -> None:
    with pytest.raises(TableFault):
        table.get([key("a")])
    with pytest.raises(TableFault):
        next(table.scan(0, 1))
