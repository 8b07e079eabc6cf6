"""Calling the functions that a pool names: five seconds, three tries, lost answers: `pages.TRIGGERS`.

A function is a Python callable here, `function(event, context)`, found by the ARN that the pool names.
"""

from __future__ import annotations

import copy
import json
from collections import deque
from collections.abc import Callable
from enum import Enum, auto
from typing import Any

from cutover.rehearsal.front.trigger import ANSWER_SECONDS, TRIES, TriggerFailed
from tests.fakes.migration import Context
from tests.simulator.faults import AwsError
from tests.simulator.pool import Client, Pool

Event = dict[str, Any]
Function = Callable[[Event, Any], Any]


class Fate(Enum):
    """What becomes of one try of a migration trigger. "Cognito might or might not create the user": a client
    that sees an error cannot tell, so both are played."""

    ANSWERED = auto()
    UNREACHED = auto()
    """The function never ran; Cognito tries again."""
    LATE = auto()
    """The function ran, its answer came after five seconds; Cognito tries again."""
    FORGOTTEN = auto()
    """The answer came, nobody was created, the client sees an error."""
    UNSEEN = auto()
    """The answer came, the user was created, the client sees an error."""


class Functions:
    """`fates` are those of the next tries; without one a try is answered."""

    def __init__(self) -> None:
        self.by_arn: dict[str, Function] = {}
        self.fates: deque[Fate] = deque()
        self.events: list[Event] = []
        """What was sent, in order."""

    def migrate(self, arn: str, event: Event) -> tuple[object, Fate]:
        """The answer's `response` and what becomes of it. Raises TriggerFailed."""
        for _ in range(TRIES):
            fate = self.fates.popleft() if self.fates else Fate.ANSWERED
            if fate is Fate.UNREACHED:
                continue
            answer = self.call(arn, event)
            if fate is not Fate.LATE:
                return answer.get("response"), fate
        raise TriggerFailed(f"no answer in {TRIES} tries of {ANSWER_SECONDS} seconds")

    def call(self, arn: str, event: Event) -> Event:
        """The answer, as JSON carries it. Raises TriggerFailed where the function raises."""
        if arn not in self.by_arn:
            raise TriggerFailed("no such function")
        sent = json.loads(json.dumps(event))
        self.events.append(copy.deepcopy(sent))
        try:
            answer = json.loads(json.dumps(self.by_arn[arn](sent, Context(ANSWER_SECONDS))))
        except AssertionError:
            raise
        except Exception as error:
            raise TriggerFailed(str(error)) from error
        if not isinstance(answer, dict):
            raise TriggerFailed("Unrecognizable lambda output")
        return answer


def sign_up_event(
    source: str, pool: Pool, client: Client, username: str, attributes: dict[str, str], asked: dict[str, Any]
) -> Event:
    """`pages.PRE_SIGN_UP`."""
    validation = {row["Name"]: row.get("Value", "") for row in asked.get("ValidationData") or ()}
    return {
        **_envelope(source, pool, client, username),
        "request": {
            "userAttributes": dict(attributes),
            "validationData": validation or None,
            "clientMetadata": asked.get("ClientMetadata"),
        },
        "response": {"autoConfirmUser": False, "autoVerifyEmail": False, "autoVerifyPhone": False},
    }


def pre_sign_up(functions: Functions, pool: Pool, event: Event) -> dict[str, Any]:
    """The response of the pool's PreSignUp function, `{}` where it has none. Raises UserLambdaValidation."""
    arn = pool.setting("LambdaConfig").get("PreSignUp")
    if not arn:
        return {}
    try:
        response = functions.call(arn, event).get("response")
    except TriggerFailed as failed:
        raise AwsError("UserLambdaValidationException", f"PreSignUp failed with error {failed}.") from failed
    return response if isinstance(response, dict) else {}


def token_event(source: str, pool: Pool, client: Client, user: Any, version: str) -> Event:
    """`pages.PRE_TOKEN`."""
    groups = {"groupsToOverride": sorted(user.groups), "iamRolesToOverride": [], "preferredRole": None}
    request: dict[str, Any] = {
        "userAttributes": {
            "sub": user.sub,
            "cognito:user_status": user.status,
            **user.attributes,
        },
        "groupConfiguration": groups,
    }
    if version != "V1_0":
        request["scopes"] = ["aws.cognito.signin.user.admin"]
    answer = "claimsOverrideDetails" if version == "V1_0" else "claimsAndScopeOverrideDetails"
    return {
        **_envelope(source, pool, client, user.username),
        "version": {"V1_0": "1", "V2_0": "2"}[version],
        "request": request,
        "response": {answer: None},
    }


def _envelope(source: str, pool: Pool, client: Client, username: str) -> Event:
    return {
        "version": "1",
        "triggerSource": source,
        "region": pool.id.split("_", maxsplit=1)[0],
        "userPoolId": pool.id,
        "userName": username,
        "callerContext": {"awsSdkVersion": "aws-sdk-unknown-unknown", "clientId": client.get("ClientId", "")},
    }
