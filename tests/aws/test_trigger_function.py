"""The trigger's function as Lambda describes it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from cutover.aws.trigger_function import read_trigger
from cutover.errors import CutoverError

ARN = "arn:aws:lambda:eu-west-1:123456789012:function:migrate"


class Functions:
    """Answers with these states in turn; without a policy there is none."""

    def __init__(self, *states: str, policy: dict[str, Any] | None = None) -> None:
        self.states, self.policy = list(states), policy
        self.asked: list[dict[str, str]] = []

    def get_function_configuration(self, **_: str) -> dict[str, str]:
        if not self.states:
            raise ClientError({"Error": {"Code": "ResourceNotFoundException"}}, "GetFunctionConfiguration")
        return {"State": self.states.pop(0) if len(self.states) > 1 else self.states[0]}

    def get_policy(self, **asked: str) -> dict[str, str]:
        self.asked.append(asked)
        if self.policy is None:
            raise ClientError({"Error": {"Code": "ResourceNotFoundException"}}, "GetPolicy")
        return {"Policy": json.dumps(self.policy)}


def test_a_function_that_was_just_deployed_is_waited_for() -> None:
    slept: list[float] = []
    found = read_trigger(Functions("Pending", "Pending", "Active"), f"{ARN}:live", sleep=slept.append)
    assert (found.state, len(slept)) == ("Active", 2)


def test_the_wait_has_an_end() -> None:
    slept: list[float] = []
    assert read_trigger(Functions("Pending"), f"{ARN}:live", sleep=slept.append).state == "Pending"
    assert len(slept) == 30


def test_the_policy_is_that_of_the_alias() -> None:
    functions = Functions("Active", policy={"Statement": []})
    assert read_trigger(functions, f"{ARN}:live", sleep=lambda _: None).policy == {"Statement": []}
    assert functions.asked == [{"FunctionName": ARN, "Qualifier": "live"}]


def test_a_function_without_a_policy_has_none() -> None:
    assert read_trigger(Functions("Active"), f"{ARN}:live", sleep=lambda _: None).policy is None


def test_a_function_that_is_gone_is_an_error_with_a_way_out() -> None:
    with pytest.raises(CutoverError, match="does not exist") as missing:
        read_trigger(Functions(), f"{ARN}:live", sleep=lambda _: None)
    assert missing.value.next_command == "make deploy"
