"""The stack, its functions and its ledger as doctor judges them."""

from __future__ import annotations

from typing import Any

import pytest

from cutover.control.deployment import Deployment
from cutover.control.doctor.facts import DoctorFacts, FunctionFacts, IndexFacts
from cutover.control.ledger_rows import AttachState
from cutover.control.pool_ports import TriggerFunction
from cutover.control.trigger_plan import StackTriggers
from cutover.control.trigger_set import MIGRATION
from tests.control.attaching import attached
from tests.control.doctor.healthy import NOW, OUTPUTS, PARAMETERS, codes, healthy, only
from tests.control.pools import TRIGGER

DAY = 86_400


def with_function(**facts: Any) -> DoctorFacts:
    return healthy(functions=(FunctionFacts("MigrateUser", **facts),))


@pytest.mark.parametrize("status", ["UPDATE_IN_PROGRESS", "ROLLBACK_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"])
def test_a_stack_that_is_not_whole_is_an_error(status: str) -> None:
    facts = healthy(deployment=Deployment("app", PARAMETERS, OUTPUTS, status))
    assert codes(facts) == ["stack_unfinished"]


def test_an_attached_stack_without_protection_is_named() -> None:
    assert codes(healthy(protected=False)) == ["stack_unprotected"]


def test_before_attach_the_stack_needs_no_protection() -> None:
    detached = attached(state=AttachState.DETACHED)
    assert "stack_unprotected" not in codes(healthy(protected=False, attachment=detached))


def test_an_alias_that_is_behind_names_what_differs() -> None:
    facts = with_function(live={"Timeout": 3, "CodeSha256": "x"}, latest={"Timeout": 5, "CodeSha256": "x"})
    assert only(facts, "alias_behind").reason.startswith("Timeout of $LATEST")


def test_what_is_empty_and_what_is_absent_do_not_differ() -> None:
    assert codes(with_function(live={"Layers": []}, latest={"VpcConfig": {}})) == []


def test_a_missing_alias_is_an_error() -> None:
    assert codes(with_function(latest={}, alias_found=False)) == ["alias_missing"]


def test_an_alias_with_weights_is_named() -> None:
    assert codes(with_function(live={}, latest={}, weights={"7": 0.1})) == ["alias_split"]


def test_a_call_that_the_simulation_denies_is_an_error_of_its_own() -> None:
    denied = (
        ("sqs:SendMessage", "arn:queue", "implicitDeny"),
        ("dynamodb:PutItem", "arn:table", "explicitDeny"),
    )
    assert codes(with_function(denied=denied)) == ["permission_denied", "permission_denied"]


def test_a_function_that_cognito_may_not_invoke_is_an_error() -> None:
    nobody = StackTriggers({MIGRATION: TriggerFunction(TRIGGER, "Active", "", None)})
    assert codes(healthy(triggers=nobody)) == ["no_invoke_permission"]


@pytest.mark.parametrize(
    ("index", "expected"),
    [
        (None, ["index_missing"]),
        (IndexFacts(NOW - 3600, None), ["index_building"]),
        (IndexFacts(NOW - 30 * DAY, NOW - 29 * DAY), ["index_old"]),
        (IndexFacts(NOW - DAY, NOW - DAY), []),
    ],
)
def test_the_guard_needs_a_whole_and_fresh_index(index: IndexFacts | None, expected: list[str]) -> None:
    assert codes(healthy(index=index, index_read=True)) == expected


def test_an_index_that_could_not_be_read_is_not_missing() -> None:
    assert codes(healthy(index=None, index_read=False)) == []
