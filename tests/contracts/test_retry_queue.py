"""One contract for the retry queue: the fake, moto and the local stack keep it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import boto3
import pytest
from moto import mock_aws

from cutover.aws.retry_queue import RetryQueue
from cutover.tables.parking import NotParked, Park, RetryMessage, parse
from tests.fakes.tables import FakeQueue

MESSAGE = RetryMessage("old=new", "forward", 2, ({"k": {"B": b"\x00\xff"}},), 12.5, "unsettled")


@dataclass
class Subject:
    park: Park
    seen: Callable[[], list[RetryMessage]]
    """The messages whose delay has passed."""
    break_it: Callable[[], None]


def fake() -> Subject:
    queue = FakeQueue()

    def fill() -> None:
        queue.full = True

    return Subject(queue.park, lambda: [message for message, delay in queue.parked if not delay], fill)


def real(client: Any, name: str) -> Subject:
    url = client.create_queue(QueueName=name)["QueueUrl"]

    def seen() -> list[RetryMessage]:
        found = client.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        return [parse(message["Body"]) for message in found]

    return Subject(RetryQueue(client, url).park, seen, lambda: client.delete_queue(QueueUrl=url))


@pytest.fixture(params=["fake", "moto", pytest.param("local_stack", marks=pytest.mark.local_stack)])
def subject(request: pytest.FixtureRequest, unique: Callable[[str], str]) -> Iterator[Subject]:
    if request.param == "fake":
        yield fake()
    elif request.param == "moto":
        with mock_aws():
            yield real(boto3.client("sqs", region_name="eu-west-1"), unique("retry"))
    else:
        url = request.getfixturevalue(request.param)
        yield real(boto3.client("sqs", region_name="us-east-1", endpoint_url=url), unique("retry"))


def test_a_parked_message_comes_back_as_it_was(subject: Subject) -> None:
    subject.park(MESSAGE, 0)
    assert subject.seen() == [MESSAGE]


def test_a_delayed_message_is_not_seen_yet(subject: Subject) -> None:
    subject.park(replace(MESSAGE, reason="ambiguous"), 900)
    assert subject.seen() == []


def test_a_queue_that_takes_nothing_says_so(subject: Subject) -> None:
    subject.break_it()
    with pytest.raises(NotParked):
        subject.park(MESSAGE, 0)
