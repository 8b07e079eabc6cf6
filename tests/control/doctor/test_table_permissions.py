"""Whether the stack's parameters name exactly the tables of its pairs, and its roles may use their keys."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from cutover.control.doctor.findings import Severity
from cutover.control.doctor.table_facts import KeyFacts, TablesView
from cutover.tables.pairs import TableRef
from tests.control.doctor.healthy_tables import ARN, TARGET, VIEW, codes, facts, only, view

KEY = "arn:aws:kms:eu-west-1:123456789012:key/0a1b"
ROLE = "arn:aws:iam::999999999999:role/theirs"
SIDES = [("Source", "orders"), ("Target", "orders-new")]


@pytest.mark.parametrize(("side", "table"), SIDES)
def test_a_table_that_a_parameter_does_not_name_is_an_error(side: str, table: str) -> None:
    parameters = {f"{side}TableArns": f"{ARN}/other"}
    found = facts(**parameters)
    assert codes(found) == ["table_not_permitted", "table_of_no_pair"]
    assert only(found, "table_not_permitted").data["table"] == f"{ARN}/{table}"
    assert only(found, "table_of_no_pair").data["table"] == f"{ARN}/other"


@pytest.mark.parametrize(("side", "table"), SIDES)
def test_a_table_that_a_role_reaches_needs_no_permission_of_the_stack(side: str, table: str) -> None:
    parameters = {f"{side}TableArns": "", f"{side}RoleArn": ROLE}
    assert codes(facts(**parameters)) == []


def test_a_surplus_table_is_not_judged_while_one_could_not_be_read() -> None:
    unread: dict[str, Any] = {"source": None}
    assert codes(facts(view(**unread))) == []


@pytest.mark.parametrize(
    ("decision", "code", "severity", "fix"),
    [
        ("implicitDeny", "key_not_in_policies", Severity.WARNING, "see that the key's policy allows it"),
        ("explicitDeny", "key_denied", Severity.ERROR, "take the denial out"),
    ],
)
def test_what_iam_says_of_a_key_is_told_apart(decision: str, code: str, severity: Severity, fix: str) -> None:
    decisions = (("MirrorTable", KEY, "kms:Decrypt", decision),)
    found = only(facts(tables=TablesView((VIEW,), "eu-west-1", decisions)), code)
    assert found.severity is severity
    assert found.fix.startswith(fix)
    assert found.data == {"function": "MirrorTable", "key": KEY, "action": "kms:Decrypt"}


@pytest.mark.parametrize(
    ("customer", "role", "expected"),
    [(True, ROLE, ["key_of_a_role"]), (None, ROLE, ["key_of_a_role"]), (False, ROLE, []), (True, "", [])],
)
def test_a_key_behind_a_role_is_named_because_nobody_can_simulate_it(
    customer: bool | None, role: str, expected: list[str]
) -> None:
    pair = view(target=replace(TARGET, key=KeyFacts(KEY, customer)))
    assert codes(facts(pair, TargetRoleArn=role)) == expected


def test_a_table_of_another_account_than_its_role_is_an_error() -> None:
    far = replace(VIEW, pair=replace(VIEW.pair, source=TableRef(f"{ARN}/orders")))
    assert "account_differs" not in codes(facts(far))
    found = only(facts(far, SourceRoleArn=ROLE), "account_differs")
    assert found.data["side"] == "source"
