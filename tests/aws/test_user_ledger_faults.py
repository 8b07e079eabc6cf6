"""What the ledger's adapter does about transactions that run into each other, and about faults."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import boto3
import pytest
from botocore.exceptions import ReadTimeoutError
from botocore.stub import Stubber

from cutover.aws.user_ledger import PAUSE, TRIES, UserLedger
from cutover.users.decision_table import Decision, Stop
from cutover.users.ledger_rows import Offer, State, UserRow

OFFER = Offer("old-1", "ann", "username", True, "eu-west-1_new", State.OFFERED, "sign_in", 1000)

ROW = UserRow("old-1", State.CONFIRMED, "ann", "username", True, "eu-west-1_new", 1000, 1000, new_sub="n")


@dataclass
class Stubbed:
    stubber: Stubber
    ledger: UserLedger
    pauses: list[float] = field(default_factory=list)

    def cancelled(self, *codes: str, **first: Any) -> None:
        reasons: list[dict[str, Any]] = [{"Code": code} for code in codes]
        reasons[0] |= first
        self.stubber.add_client_error(
            "transact_write_items",
            "TransactionCanceledException",
            modeled_fields={"CancellationReasons": reasons},
        )

    def done(self) -> None:
        self.stubber.add_response("transact_write_items", {})


@pytest.fixture
def stubbed() -> Iterator[Stubbed]:
    client = boto3.client("dynamodb", region_name="eu-west-1")
    pauses: list[float] = []
    with Stubber(client) as stubber:
        yield Stubbed(stubber, UserLedger(client, "ledger", sleep=pauses.append), pauses)
        stubber.assert_no_pending_responses()


def stopped(ledger: UserLedger) -> Stop:
    with pytest.raises(Stop) as stop:
        ledger.offer(OFFER)
    return stop.value


def test_a_conflict_with_another_try_of_the_same_click_is_tried_again(stubbed: Stubbed) -> None:
    stubbed.cancelled("TransactionConflict", "None")
    stubbed.done()
    stubbed.ledger.offer(OFFER)
    assert stubbed.pauses == [PAUSE]


def test_conflicts_without_end_are_a_fault(stubbed: Stubbed) -> None:
    for _ in range(TRIES):
        stubbed.cancelled("TransactionConflict", "None")
    assert stopped(stubbed.ledger).decision is Decision.MISCONFIGURED


def test_a_failed_condition_counts_before_a_conflict(stubbed: Stubbed) -> None:
    stubbed.cancelled("TransactionConflict", "ConditionalCheckFailed")
    assert stopped(stubbed.ledger).decision is Decision.NAME_COLLISION


@pytest.mark.parametrize(
    ("item", "decision"),
    [
        ({"state": {"S": "confirmed"}}, Decision.ALREADY_MIGRATED),
        ({"state": {"S": "imported"}}, Decision.ALREADY_MIGRATED),
        ({"state": {"S": "offered"}}, Decision.NAME_COLLISION),
        ({"state": {"S": "a state of next year"}}, Decision.ALREADY_MIGRATED),
        ({}, Decision.ALREADY_MIGRATED),
    ],
    ids=str,
)
def test_the_row_in_the_way_says_why(stubbed: Stubbed, item: dict[str, Any], decision: Decision) -> None:
    stubbed.cancelled("ConditionalCheckFailed", "None", Item=item)
    assert stopped(stubbed.ledger).decision is decision


@pytest.mark.parametrize("code", ["ThrottlingError", "ValidationError", "ProvisionedThroughputExceeded"])
def test_any_other_cancellation_is_a_fault(stubbed: Stubbed, code: str) -> None:
    stubbed.cancelled(code, "None")
    assert stopped(stubbed.ledger).decision.is_fault


@pytest.mark.parametrize(
    "code", ["AccessDeniedException", "ResourceNotFoundException", "InternalServerError"]
)
def test_an_error_is_a_fault_that_names_its_code_alone(stubbed: Stubbed, code: str) -> None:
    stubbed.stubber.add_client_error("transact_write_items", code, "about arn:aws:dynamodb:ann")
    stop = stopped(stubbed.ledger)
    assert (stop.decision, stop.cause) == (Decision.MISCONFIGURED, f"ledger {code}")


def test_a_lost_reply_is_a_fault() -> None:
    class Silent:
        def transact_write_items(self, **_: Any) -> None:
            raise ReadTimeoutError(endpoint_url="https://dynamodb")

    assert stopped(UserLedger(Silent(), "ledger", sleep=lambda _: None)).cause == "ledger ReadTimeoutError"


def test_a_row_that_cannot_be_read_is_a_fault(stubbed: Stubbed) -> None:
    stubbed.stubber.add_client_error("get_item", "AccessDeniedException")
    with pytest.raises(Stop):
        stubbed.ledger.row("old-1")


@pytest.mark.parametrize(
    ("operation", "call"),
    [
        ("update_item", lambda ledger: ledger.count_unproven("pool", 7200, 5)),
        ("get_item", lambda ledger: ledger.first_owner("pool", "name", "ann")),
        ("transact_write_items", lambda ledger: ledger.release(ROW, 4000)),
    ],
    ids=["count", "owner", "release"],
)
def test_what_the_ledger_does_not_answer_is_a_fault(
    stubbed: Stubbed, operation: str, call: Callable[[UserLedger], object]
) -> None:
    stubbed.stubber.add_client_error(operation, "InternalServerError", "about ann")
    with pytest.raises(Stop) as stop:
        call(stubbed.ledger)
    assert (stop.value.decision, stop.value.cause) == (Decision.MISCONFIGURED, "ledger InternalServerError")


def test_a_released_row_in_the_way_of_a_proven_offer_says_that_the_user_came_over(stubbed: Stubbed) -> None:
    item = {"state": {"S": "reset_offered"}, "released_at": {"N": "1"}}
    stubbed.cancelled("ConditionalCheckFailed", "None", Item=item)
    assert stopped(stubbed.ledger).decision is Decision.ALREADY_MIGRATED


def test_a_reminder_that_cannot_be_remembered_is_a_fault(stubbed: Stubbed) -> None:
    stubbed.stubber.add_client_error("update_item", "AccessDeniedException")
    with pytest.raises(Stop):
        stubbed.ledger.remember_reminder("old-1", 1)
