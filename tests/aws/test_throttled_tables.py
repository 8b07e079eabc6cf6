"""Batches against a table that throttles, by the real writer: its pace settles where the table can follow."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from cutover.aws.dynamo_table import DynamoTable, NoPace, UnitPace
from cutover.tables.pace import Pace
from tests.fakes.clocks import HandClock
from tests.fakes.tables import item

CAPACITY = 100.0


class Throttling:
    """A client whose table takes so many units a second and keeps a second's worth; the rest of a batch comes
    back, and a call that meets nothing left is refused whole."""

    def __init__(self, clock: HandClock) -> None:
        self.clock, self.room, self.filled = clock, CAPACITY, clock.now
        self.written = self.refused = self.calls = 0

    def batch_write_item(self, RequestItems: Any, **_: Any) -> Any:  # noqa: N803 - the SDK's name
        ((table, requests),) = RequestItems.items()
        self.clock.sleep(0.005)
        self.room = min(self.room + (self.clock.now - self.filled) * CAPACITY, CAPACITY)
        self.filled = self.clock.now
        done = min(int(self.room), len(requests))
        self.calls += 1
        self.refused += done < len(requests)
        if not done:
            raise ClientError(
                {"Error": {"Code": "ThrottlingException"}, "ResponseMetadata": {"HTTPStatusCode": 400}},  # type: ignore[typeddict-item]
                "BatchWriteItem",
            )
        self.room -= done
        self.written += done
        return {
            "UnprocessedItems": {table: requests[done:]} if done < len(requests) else {},
            "ConsumedCapacity": [{"TableName": table, "CapacityUnits": float(done)}],
        }


def written_for(seconds: float, clock: HandClock, pace: UnitPace) -> Iterator[Throttling]:
    """The client after each of two stretches of that time."""
    client = Throttling(clock)
    table = DynamoTable(client, "orders", ("k",), pace_write=pace, sleep=clock.sleep, rng=lambda: 0.5)
    batch = [item(f"{number:02}", "v") for number in range(25)]
    for _ in range(2):
        client.written = client.refused = client.calls = 0
        began = clock.now
        while clock.now - began < seconds:
            table.write(batch, [])
        yield client


@pytest.mark.parametrize(
    ("limit", "used", "refused"),
    [(None, 0.75, 0.03), (4000.0, 0.95, 0.10)],
    ids=["no limit", "the limit of a whole table"],
)
def test_a_pace_ends_most_refusals_and_leaves_most_of_the_table_used(
    limit: float | None, used: float, refused: float
) -> None:
    clock = HandClock()
    *_, client = written_for(600, clock, Pace(limit, clock, clock.sleep, of="orders"))
    assert client.written / 600 > used * CAPACITY
    assert client.refused / client.calls < refused


def test_back_off_alone_goes_on_running_into_it() -> None:
    clock = HandClock()
    *_, client = written_for(600, clock, NoPace())
    assert client.refused / client.calls > 0.4
