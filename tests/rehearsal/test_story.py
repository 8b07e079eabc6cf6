"""How the story is told, and how its people knock at the door."""

from __future__ import annotations

import base64
import io
import json
import random
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from rich.console import Console

from cutover.cli.rehearse import DEFAULT_SEED
from cutover.rehearsal.story.door import TRIES, Door, claims_of
from cutover.rehearsal.story.narrator import Narrator
from cutover.rehearsal.story.stage import latecomer_of
from cutover.rehearsal.world.people import make_people

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


def token(**claims: object) -> str:
    body = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    return f"head.{body}.signature"


def test_what_both_tokens_of_a_sign_in_say(door_that_says: Callable[..., Door]) -> None:
    tokens = {"IdToken": token(sub="1"), "AccessToken": token(scope="s")}
    answer = door_that_says(reply(200, {"AuthenticationResult": tokens})).sign_in("ann", "secret")
    assert claims_of(answer) == ({"sub": "1"}, {"scope": "s"})


def test_a_code_that_nobody_was_sent_is_not_typed_in(door_that_says: Callable[..., Door]) -> None:
    answer = door_that_says(refused("LimitExceededException", "")).reset("ann", "123456", "secret")
    assert answer.status == 400


@pytest.mark.parametrize("people", [60, 220])
def test_the_groups_of_who_comes_late_are_others_groups_too(people: int) -> None:
    everybody = make_people(people, "canary", random.Random(DEFAULT_SEED))
    late = latecomer_of(everybody)
    others = {team for person in everybody if person is not late for team in person.teams}
    assert late.teams
    assert set(late.teams) <= others


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
