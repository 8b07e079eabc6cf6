"""Calling the function that a pool names as a trigger, through Lambda's Invoke API."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError, ConnectTimeoutError, ReadTimeoutError

ANSWER_SECONDS = 5
TRIES = 3
"""`pages.TRIGGERS`: a function answers within 5 seconds, or is called again where the call can be repeated,
three times in all. An error that the function raises is not repeated."""
COGNITO_PRINCIPAL = "cognito-idp.amazonaws.com"


NO_CLIENT = "CLIENT_ID_NOT_APPLICABLE"
"""What stands for the app client in an administrator's call; seen in real events, no page says it."""


class TriggerFailed(Exception):
    """It could not be called, raised, or took too long."""


class TriggerRaised(TriggerFailed):
    """It raised; `message` is the text of its error, which Cognito shows to whoever called."""

    def __init__(self, message: str) -> None:
        super().__init__("the function raised")
        self.message = message


def migration_event(
    source: str, pool: Mapping[str, Any], client_id: str, name: str, request: Mapping[str, Any]
) -> dict[str, Any]:
    """`pages.MIGRATION_TRIGGER`; that absent members are sent as null was seen in real events
    (https://github.com/aws-powertools/powertools-lambda-typescript/pull/3729)."""
    response = {
        "userAttributes": None,
        "forceAliasCreation": None,
        "enableSMSMFA": None,
        "finalUserStatus": None,
        "messageAction": None,
        "desiredDeliveryMediums": None,
    }
    asked = {"userAttributes": None, "validationData": None, **request}
    return {**_common(source, pool, client_id, name), "request": asked, "response": response}


def sign_up_event(
    source: str, pool: Mapping[str, Any], client_id: str, name: str, request: Mapping[str, Any]
) -> dict[str, Any]:
    """`pages.SIGN_UP_TRIGGER`; `request` holds userAttributes, validationData and clientMetadata, of which
    the last is absent where the caller sent none."""
    response = {"autoConfirmUser": False, "autoVerifyEmail": False, "autoVerifyPhone": False}
    return {**_common(source, pool, client_id, name), "request": dict(request), "response": response}


def _common(source: str, pool: Mapping[str, Any], client_id: str, name: str) -> dict[str, Any]:
    """`pages.TRIGGERS`: what every trigger's event has."""
    return {
        "version": "1",
        "triggerSource": source,
        "region": str(pool["Id"]).split("_", 1)[0],
        "userPoolId": pool["Id"],
        "userName": name,
        "callerContext": {"awsSdkVersion": "aws-sdk-unknown-unknown", "clientId": client_id},
    }


def call(functions: Any, arn: str, pool_arn: str, event: Mapping[str, Any]) -> object:
    """The `response` of the function's answer. `functions` is a Lambda client whose reads end after
    ANSWER_SECONDS and which repeats nothing itself. Raises TriggerFailed."""
    if not may_invoke(functions, arn, pool_arn):
        raise TriggerFailed("the function's policy does not let Cognito in")
    for _ in range(TRIES):
        try:
            answer = functions.invoke(FunctionName=arn, Payload=json.dumps(event).encode())
        except (ReadTimeoutError, ConnectTimeoutError):
            continue
        except ClientError as error:
            raise TriggerFailed(error.response["Error"]["Code"]) from error
        return _response_of(answer)
    raise TriggerFailed(f"no answer in {TRIES} tries of {ANSWER_SECONDS} seconds")


def _response_of(answer: Mapping[str, Any]) -> object:
    payload = answer["Payload"].read()
    try:
        returned = json.loads(payload)
    except ValueError as error:
        raise TriggerFailed("the answer is not JSON") from error
    if answer.get("FunctionError"):
        raise TriggerRaised(str(returned.get("errorMessage", "")) if isinstance(returned, dict) else "")
    if not isinstance(returned, dict):
        raise TriggerFailed("the answer is not an object")
    return returned.get("response")


def may_invoke(functions: Any, arn: str, pool_arn: str) -> bool:
    """`pages.MIGRATION_ERRORS`: without a permission for Cognito's principal nothing is migrated."""
    try:
        policy = json.loads(functions.get_policy(FunctionName=arn)["Policy"])
    except ClientError:
        return False
    return any(_admits(statement, pool_arn) for statement in policy["Statement"])


def _admits(statement: Mapping[str, Any], pool_arn: str) -> bool:
    if statement.get("Effect") != "Allow" or statement.get("Principal") not in (
        COGNITO_PRINCIPAL,
        {"Service": COGNITO_PRINCIPAL},
    ):
        return False
    wanted = {"aws:SourceArn": pool_arn, "aws:SourceAccount": pool_arn.split(":")[4]}
    tests = statement.get("Condition", {})
    pairs = {name.lower(): value for test in tests.values() for name, value in test.items()}
    return all(pairs.get(name.lower(), value) == value for name, value in wanted.items())
