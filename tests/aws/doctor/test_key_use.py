"""Whether the functions' roles may use the tables' keys; the replies are of the SDK model's shape."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from cutover.aws.key_use import key_decisions
from cutover.control.doctor.facts import FunctionFacts
from tests.aws.cloud import AWS

ROLE = "arn:aws:iam::123456789012:role/mirror"
KEY = "arn:aws:kms:eu-west-1:123456789012:key/0a1b"
FUNCTION = FunctionFacts("MirrorTable", live={"Role": ROLE})


def asked(key: str = KEY, region: str = "eu-west-1") -> dict[str, Any]:
    values = {"kms:ViaService": f"dynamodb.{region}.amazonaws.com", "kms:CallerAccount": "123456789012"}
    return {
        "PolicySourceArn": ROLE,
        "ActionNames": ["kms:Decrypt"],
        "ResourceArns": [key],
        "ContextEntries": [
            {"ContextKeyName": name, "ContextKeyValues": [value], "ContextKeyType": "string"}
            for name, value in values.items()
        ],
    }


def result(decision: str, key: str = KEY) -> dict[str, Any]:
    row = {"EvalActionName": "kms:Decrypt", "EvalResourceName": key, "EvalDecision": decision}
    return {"EvaluationResults": [row]}


def test_each_key_is_simulated_once_as_used_through_dynamodb_of_its_region() -> None:
    client, other = AWS.client("iam"), KEY.replace("eu-west-1", "us-east-1")
    with Stubber(client) as stubber:
        stubber.add_response("simulate_principal_policy", result("implicitDeny"), asked())
        stubber.add_response("simulate_principal_policy", result("allowed", other), asked(other, "us-east-1"))
        found = key_decisions(client, [FUNCTION], [KEY, other, KEY])
        stubber.assert_no_pending_responses()
    assert found == (("MirrorTable", KEY, "kms:Decrypt", "implicitDeny"),)


def test_the_caller_is_of_the_roles_account_whosever_the_key_is() -> None:
    client, theirs = AWS.client("iam"), KEY.replace("123456789012", "444455556666")
    with Stubber(client) as stubber:
        stubber.add_response("simulate_principal_policy", result("allowed", theirs), asked(theirs))
        assert key_decisions(client, [FUNCTION], [theirs]) == ()


def test_a_function_whose_role_is_unknown_is_left_out() -> None:
    client = AWS.client("iam")
    with Stubber(client):
        assert key_decisions(client, [FunctionFacts("MirrorTable")], [KEY]) == ()


def test_a_caller_who_may_not_simulate_is_told_so() -> None:
    client = AWS.client("iam")
    stubber = Stubber(client)
    stubber.add_client_error("simulate_principal_policy", "AccessDenied")
    with stubber, pytest.raises(ClientError, match="AccessDenied"):
        key_decisions(client, [FUNCTION], [KEY])
