"""Events through the settling handler, on moto's EventBridge, read by a rule with a queue."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from cutover.aws.event_bus import EventBridgeBus
from cutover.users.decision_table import Stop
from tests.fakes.migration import LEGACY, NEW, NEW_SUB, OLD, SUB, Migration, client, migration
from tests.fakes.scripted_cognito import error, user

HINT = {"v": 1, "old_sub": SUB, "attempt": 0}
DONE = {"batchItemFailures": []}
COMES_BACK = {"batchItemFailures": [{"itemIdentifier": "m0"}]}


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[Migration]:
    """Ann was created, and everything that the bus `people` gets goes into a queue."""
    with migration(monkeypatch) as made:
        made.trigger()
        made.messages()
        profile = {"created": time.time(), LEGACY.replace(":", "__"): SUB}
        made.cognito.on("AdminGetUser", user("ann", NEW_SUB, **profile), NEW)
        queue = client("sqs").create_queue(QueueName="heard")["QueueUrl"]
        arn = client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]
        events = client("events")
        events.create_event_bus(Name="people")
        events.put_rule(Name="all", EventBusName="people", EventPattern=json.dumps({"source": ["cutover"]}))
        target = {"Id": "queue", "Arn": arn["QueueArn"]}
        events.put_targets(Rule="all", EventBusName="people", Targets=[target])
        made.setting(EVENT_BUS="people")
        yield made


def heard() -> list[dict[str, Any]]:
    queue = client("sqs").get_queue_url(QueueName="heard")["QueueUrl"]
    messages = client("sqs").receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", [])
    return [json.loads(message["Body"]) for message in messages]


def test_the_bus_hears_of_a_confirmed_user(world: Migration) -> None:
    assert world.settle(HINT) == DONE
    (event,) = heard()
    assert (event["source"], event["detail-type"]) == ("cutover", "User confirmed")
    assert event["detail"] == {"old_sub": SUB, "new_sub": NEW_SUB, "old_pool": OLD, "new_pool": NEW}
    assert world.user_row()["event_sent"] == NEW_SUB


def test_it_hears_once(world: Migration) -> None:
    world.settle(HINT, HINT)
    world.settle(HINT)
    assert len(heard()) == 1


def test_it_hears_nothing_of_a_user_who_is_not_confirmed(world: Migration) -> None:
    world.cognito.on("AdminGetUser", error("UserNotFoundException"), NEW)
    world.settle(HINT)
    assert heard() == []


def test_without_a_bus_nobody_is_told(world: Migration) -> None:
    world.setting(EVENT_BUS="")
    assert world.settle(HINT) == DONE
    assert "event_sent" not in world.user_row()


def test_groups_that_fail_do_not_hold_the_event_up(world: Migration) -> None:
    world.cognito.on("AdminListGroupsForUser", error("TooManyRequestsException"), OLD)
    assert world.settle(HINT) == COMES_BACK
    assert len(heard()) == 1


def test_an_event_that_fails_does_not_hold_the_groups_up(world: Migration) -> None:
    """A service that nobody has: the call does not get through."""
    world.setting(AWS_ENDPOINT_URL_EVENTBRIDGE="http://127.0.0.1:9")
    assert world.settle(HINT) == COMES_BACK
    row = world.user_row()
    assert row["state"] == "confirmed"
    assert "groups_done" in row
    assert "event_sent" not in row


def test_an_entry_that_the_bus_refuses_is_a_fault() -> None:
    events = boto3.client("events", region_name="eu-west-1")
    reply = {"FailedEntryCount": 1, "Entries": [{"ErrorCode": "InternalFailure", "ErrorMessage": "x"}]}
    with Stubber(events) as stubber:
        stubber.add_response("put_events", reply)
        with pytest.raises(Stop, match="event bus InternalFailure"):
            EventBridgeBus(events, "people").put({"old_sub": SUB})
