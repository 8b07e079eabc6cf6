"""The application's own trigger function is called once, and fails as it would have failed for Cognito."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.exceptions import ReadTimeoutError
from botocore.stub import Stubber

from cutover.aws.chained_function import LEAST, ChainedFunction, chained_function
from cutover.aws.session import Aws
from cutover.users.chained import UNAVAILABLE_TEXT, UNREADABLE_TEXT, ChainedFailure

ARN = "arn:aws:lambda:eu-central-1:123456789012:function:claims:live"
EVENT = {"userName": "ann", "response": {}}
ANSWER = {**EVENT, "response": {"claimsOverrideDetails": {"claimsToSuppress": ["email"]}}}


def answering(payload: bytes, **fields: Any) -> ChainedFunction:
    """What a function answers that was called as expected."""
    client = boto3.client("lambda", region_name="eu-central-1")
    stubber = Stubber(client)
    reply = {"StatusCode": 200, "Payload": io.BytesIO(payload), **fields}
    stubber.add_response("invoke", reply, {"FunctionName": ARN, "Payload": json.dumps(EVENT).encode()})
    stubber.activate()
    return ChainedFunction(client, ARN)


def failing(make: Callable[[Stubber], None]) -> ChainedFunction:
    client = boto3.client("lambda", region_name="eu-central-1")
    stubber = Stubber(client)
    make(stubber)
    stubber.activate()
    return ChainedFunction(client, ARN)


def failure(function: ChainedFunction, seconds_left: float = 3.0) -> str:
    with pytest.raises(ChainedFailure) as failed:
        function.invoke(EVENT, seconds_left)
    assert failed.value.__suppress_context__ or failed.value.__context__ is None
    return str(failed.value)


def test_it_gets_the_event_and_its_answer_comes_back() -> None:
    assert answering(json.dumps(ANSWER).encode()).invoke(EVENT, 3.0) == ANSWER


def test_what_it_raised_is_said_in_its_own_words() -> None:
    raised = json.dumps({"errorType": "Error", "errorMessage": "Not from this network."}).encode()
    assert failure(answering(raised, FunctionError="Unhandled")) == "Not from this network."


@pytest.mark.parametrize("payload", [b"", b"null", b"{}", b'{"errorMessage": 7}', b'{"errorMessage": ""}'])
def test_an_error_without_words_gets_ours(payload: bytes) -> None:
    assert failure(answering(payload, FunctionError="Unhandled")) == UNAVAILABLE_TEXT


@pytest.mark.parametrize("payload", [b"", b"null", b"[]", b'"ok"', b"{"])
def test_an_answer_that_is_no_event_is_refused(payload: bytes) -> None:
    assert failure(answering(payload)) == UNREADABLE_TEXT


@pytest.mark.parametrize(
    "code", ["AccessDeniedException", "ResourceNotFoundException", "TooManyRequestsException"]
)
def test_a_function_that_cannot_be_called_fails_with_one_text(code: str) -> None:
    function = failing(lambda stubber: stubber.add_client_error("invoke", code, f"about {ARN}"))
    assert failure(function) == UNAVAILABLE_TEXT


def test_a_function_that_does_not_answer_fails_with_one_text() -> None:
    class Silent:
        def invoke(self, **_: Any) -> None:
            raise ReadTimeoutError(endpoint_url="https://lambda")

    assert failure(ChainedFunction(Silent(), ARN)) == UNAVAILABLE_TEXT


def test_a_call_that_cannot_end_in_time_is_not_begun() -> None:
    assert failure(failing(lambda _: None), LEAST / 2) == UNAVAILABLE_TEXT


def test_it_is_called_in_its_own_region_and_never_twice() -> None:
    client = chained_function(Aws(region="eu-west-1"), ARN)._client  # noqa: SLF001
    assert client.meta.region_name == "eu-central-1"
    assert client.meta.config.retries["total_max_attempts"] == 1
