"""How the story is told, and how its people knock at the door."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from rich.console import Console

from cutover.rehearsal.story.door import TRIES, Door
from cutover.rehearsal.story.narrator import Narrator

FAULT = "UserNotFoundException", "Exception migrating user in app client abc"
REFUSAL = "NotAuthorizedException", "Incorrect username or password."


class _Body(io.BytesIO):
    def stream(self) -> Any:
        yield self.read()


def reply(status: int, content: object) -> AWSResponse:
    return AWSResponse("http://door", status, {}, _Body(json.dumps(content).encode()))


def refused(code: str, message: str) -> AWSResponse:
    return reply(400, {"__type": code, "message": message})


@pytest.fixture
def door_that_says() -> Callable[..., Door]:
    def make(*replies: AWSResponse) -> Door:
        client = boto3.client(
            "cognito-idp", region_name="eu-west-1", aws_access_key_id="a", aws_secret_access_key="b"
        )
        left = iter(replies)
        client.meta.events.register("before-send", lambda **_: next(left))
        return Door(lambda _service: client, "app")

    return make


def test_who_meets_a_fault_at_the_door_tries_again(door_that_says: Callable[..., Door]) -> None:
    door = door_that_says(refused(*FAULT), reply(200, {"AuthenticationResult": {}}))
    answer = door.sign_in("ann", "secret")
    assert (answer.tokens, answer.tries) == (True, 2)


def test_who_is_refused_does_not_try_again(door_that_says: Callable[..., Door]) -> None:
    answer = door_that_says(refused(*REFUSAL)).sign_in("ann", "secret")
    assert (answer.tokens, answer.tries) == (False, 1)


def test_a_fault_that_stays_is_the_answer(door_that_says: Callable[..., Door]) -> None:
    answer = door_that_says(*[refused(*FAULT)] * TRIES).sign_in("ann", "secret")
    assert (answer.tokens, answer.tries) == (False, TRIES)


def lines_told(text: str, width: int) -> list[str]:
    file = io.StringIO()
    Narrator(Console(file=file, width=width)).output(text)
    return file.getvalue().splitlines()


def test_what_a_command_printed_is_broken_between_words() -> None:
    assert lines_told("  fix: close the door, then go on", 24) == [
        "    fix: close the door,",
        "      then go on",
    ]


def test_a_word_longer_than_the_screen_stays_whole() -> None:
    assert lines_told("arn:aws:lambda:eu-west-1:1234", 12) == ["  arn:aws:lambda:eu-west-1:1234"]


def test_a_line_that_fits_is_printed_as_it_stands() -> None:
    assert lines_told("a   b", 12) == ["  a   b"]
