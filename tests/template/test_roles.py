"""What each function may do, statement by statement; `test_permissions` shows that it does all of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.template.expanding import TEMPLATE
from tests.template.permissions import AWS_ALONE, PERMISSIONS

WITHOUT_RESOURCE = {"ListMappings"}
"""https://docs.aws.amazon.com/service-authorization/latest/reference/list_awslambda.html"""
FUNCTIONS = sorted({function for function, _ in PERMISSIONS})


def _statements(node: Any) -> Iterator[dict[str, Any]]:
    """Every statement of a policy, those of both branches of a condition too."""
    if isinstance(node, list):
        for part in node:
            yield from _statements(part)
    elif "Fn::If" in node:
        yield from _statements(node["Fn::If"][1:])
    elif "Sid" in node:
        yield node


def _role(resources: dict[str, Any], function: str) -> list[dict[str, Any]]:
    (policy,) = resources[f"{function}Role"]["Properties"]["Policies"]
    return list(_statements(policy["PolicyDocument"]["Statement"]))


def _actions(statement: dict[str, Any]) -> set[str]:
    action = statement["Action"]
    return set([action] if isinstance(action, str) else action)


def _texts(node: Any) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict):
        for value in node.values():
            yield from _texts(value)
    elif isinstance(node, list):
        for value in node:
            yield from _texts(value)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_role_holds_what_is_listed_and_nothing_else(resources: dict[str, Any], function: str) -> None:
    held = {(function, row["Sid"]): _actions(row) for row in _role(resources, function)}
    assert held == {key: set(actions) for key, actions in PERMISSIONS.items() if key[0] == function}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_role_names_no_action_by_pattern(resources: dict[str, Any], function: str) -> None:
    assert not [action for row in _role(resources, function) for action in _actions(row) if "*" in action]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_role_names_its_resources(resources: dict[str, Any], function: str) -> None:
    """`*` may end the name of an object or a stream; it never stands for a table, a queue or a pool."""
    rows = [row for row in _role(resources, function) if row["Sid"] not in WITHOUT_RESOURCE]
    starred = {text for row in rows for text in _texts(row["Resource"]) if "*" in text}
    assert starred <= {"${FailureBucket.Arn}/*", "${ExportBucketArn}/*", "/stream/*,", "/stream/*"}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_only_lambda_takes_a_role(resources: dict[str, Any], function: str) -> None:
    (trust,) = resources[f"{function}Role"]["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    assert trust == {
        "Effect": "Allow",
        "Principal": {"Service": "lambda.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }


def test_a_role_of_another_account_takes_the_place_of_our_own_access(resources: dict[str, Any]) -> None:
    statements = resources["MirrorTableRole"]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"]
    chosen = [row["Fn::If"] for row in statements if "Fn::If" in row]
    told = {(condition, there["Sid"], here.get("Sid")) for condition, there, here in chosen}
    assert told >= {
        ("HasSourceRole", "EnterSourceAccount", "ReadSourceTables"),
        ("HasTargetRole", "EnterTargetAccount", "WriteTargetTables"),
    }


def test_what_aws_alone_uses_stands_in_the_documentation_with_its_page() -> None:
    text = (TEMPLATE.parent / "docs/deploying.md").read_text(encoding="utf-8")
    assert [sid for sid, page in AWS_ALONE.items() if f"({page})" not in text] == []
