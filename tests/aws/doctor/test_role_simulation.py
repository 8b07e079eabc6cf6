"""IAM's simulation of calls; its replies are of the shape that the SDK's model has."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from cutover.aws.role_simulation import denied_calls
from tests.aws.cloud import AWS

ROLE = "arn:aws:iam::123456789012:role/migrate"
TABLE = "arn:aws:dynamodb:eu-west-1:123456789012:table/ledger"


def result(action: str, decision: str) -> dict[str, str]:
    return {"EvalActionName": action, "EvalResourceName": TABLE, "EvalDecision": decision}


def simulated(*pages: dict[str, Any]) -> tuple[tuple[str, str, str], ...]:
    client = AWS.client("iam")
    asked = {
        "PolicySourceArn": ROLE,
        "ActionNames": ["dynamodb:PutItem", "dynamodb:UpdateItem"],
        "ResourceArns": [TABLE],
    }
    with Stubber(client) as stubber:
        for number, page in enumerate(pages):
            more = {"Marker": f"m{number - 1}"} if number else {}
            stubber.add_response("simulate_principal_policy", page, {**asked, **more})
        found = denied_calls(client, ROLE, [(("dynamodb:PutItem", "dynamodb:UpdateItem"), (TABLE,))])
        stubber.assert_no_pending_responses()
    return found


def test_what_is_allowed_is_not_mentioned() -> None:
    assert simulated({"EvaluationResults": [result("dynamodb:PutItem", "allowed")]}) == ()


def test_what_is_denied_is_named_with_the_decision_on_any_page() -> None:
    first = {
        "EvaluationResults": [result("dynamodb:PutItem", "implicitDeny")],
        "IsTruncated": True,
        "Marker": "m0",
    }
    second = {"EvaluationResults": [result("dynamodb:UpdateItem", "explicitDeny")]}
    assert simulated(first, second) == (
        ("dynamodb:PutItem", TABLE, "implicitDeny"),
        ("dynamodb:UpdateItem", TABLE, "explicitDeny"),
    )


def test_a_caller_who_may_not_simulate_is_told_so() -> None:
    client = AWS.client("iam")
    stubber = Stubber(client)
    stubber.add_client_error("simulate_principal_policy", "AccessDenied")
    with stubber, pytest.raises(ClientError, match="AccessDenied"):
        denied_calls(client, ROLE, [(("dynamodb:PutItem",), (TABLE,))])
