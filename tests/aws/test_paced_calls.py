"""Calls keep their pace, wait where AWS says so, say it, and never repeat a write whose reply was lost."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from cutover.aws.paced_calls import PacedCalls

THROTTLED = ClientError({"Error": {"Code": "TooManyRequestsException"}}, "ListUsers")
LOST = ReadTimeoutError(endpoint_url="https://aws")


class Scripted:
    """A client whose one operation answers in turn."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.requests: list[dict[str, Any]] = []

    def list_users(self, **parameters: Any) -> Any:
        self.requests.append(parameters)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


class Clock:
    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def calls(client: Scripted, clock: Clock, said: list[str], per_second: float = 2.0) -> PacedCalls:
    return PacedCalls(
        client,
        per_second=per_second,
        say=said.append,
        clock=lambda: clock.now,
        sleep=clock.sleep,
        rng=lambda: 1.0,
    )


def test_calls_are_spread_evenly() -> None:
    clock = Clock()
    paced = calls(Scripted({}, {}, {}), clock, [])
    for _ in range(3):
        paced.read("list_users")
    assert clock.slept == [0.5, 0.5]


def test_idle_time_is_not_made_up_for() -> None:
    clock = Clock()
    paced = calls(Scripted({}, {}, {}), clock, [])
    clock.now = 60.0
    for _ in range(3):
        paced.read("list_users")
    assert clock.slept == [0.5, 0.5]


def test_a_throttled_call_waits_longer_each_time_and_says_so() -> None:
    clock, said = Clock(), list[str]()
    calls(Scripted(THROTTLED, THROTTLED, {}), clock, said, per_second=1e9).read("list_users")
    assert [second for second in clock.slept if second > 1] == [2.0, 4.0]
    assert len(said) == 2
    assert "TooManyRequestsException" in said[0]


def test_throttling_without_end_is_an_error() -> None:
    client = Scripted(*[THROTTLED] * 9)
    with pytest.raises(ClientError):
        calls(client, Clock(), []).read("list_users")
    assert len(client.requests) == 6


def test_a_read_whose_reply_was_lost_is_repeated() -> None:
    assert calls(Scripted(LOST, {"ok": 1}), Clock(), []).read("list_users") == {"ok": 1}


def test_a_write_whose_reply_was_lost_is_not() -> None:
    client = Scripted(LOST, {})
    with pytest.raises(ReadTimeoutError):
        calls(client, Clock(), []).write("list_users")
    assert len(client.requests) == 1


def test_a_listing_ends_with_the_token_and_not_with_an_empty_page() -> None:
    client = Scripted({"Users": [1], "T": "a"}, {"Users": [], "T": "b"}, {"Users": [2]})
    assert list(calls(client, Clock(), []).pages("list_users", "Users", "T", Limit=60)) == [1, 2]
    assert client.requests == [{"Limit": 60}, {"Limit": 60, "T": "a"}, {"Limit": 60, "T": "b"}]


def test_a_write_that_must_follow_a_look_is_not_repeated() -> None:
    client = Scripted(THROTTLED, {})
    with pytest.raises(ClientError):
        calls(client, Clock(), []).write_once("list_users")
    assert len(client.requests) == 1
