"""One contract for the ledger as the claims function reads it: the fake, moto and the local stack keep it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass

import boto3
import pytest
from botocore.exceptions import ConnectionClosedError
from botocore.stub import Stubber
from moto import mock_aws

from cutover.aws.claims_ledger import ClaimsLedger as RealClaimsLedger
from cutover.aws.group_ledger import GroupLedger as RealGroupLedger
from cutover.aws.user_ledger import UserLedger
from cutover.users.claims import ClaimsLedger, Known
from cutover.users.decision_table import Stop
from cutover.users.group_ports import GroupLedger
from cutover.users.group_rows import By, GroupRow, Membership
from cutover.users.ledger_rows import Offer, State, UserRow
from cutover.users.ports import Ledger
from tests.fakes.groups import FakeClaimsLedger, FakeGroupLedger
from tests.fakes.ledger import FakeLedger
from tests.fakes.ledger_table import create_ledger

POOL = "eu-west-1_new"
OFFER = Offer(
    "old-1",
    "ann",
    "username",
    False,
    POOL,
    State.OFFERED,
    "sign_in",
    1000,
    "custom:old_sub",
    frozenset({"a"}),
)


@dataclass
class Rows:
    users: Ledger
    groups: GroupLedger
    claims: ClaimsLedger

    def row(self) -> UserRow:
        found = self.users.row("old-1")
        assert found is not None
        return found

    def confirm(self) -> None:
        assert self.users.confirm(self.row(), "new-1", 2000)


def _real(**where: str) -> Rows:
    client = boto3.client("dynamodb", **{"region_name": "us-east-1", **where})
    table = f"ledger-{uuid.uuid4().hex[:8]}"
    create_ledger(client, table)
    return Rows(
        UserLedger(client, table, sleep=lambda _: None),
        RealGroupLedger(client, table, POOL),
        RealClaimsLedger(client, table, POOL),
    )


@pytest.fixture(params=["fake", "moto", pytest.param("local stack", marks=pytest.mark.local_stack)])
def rows(request: pytest.FixtureRequest) -> Iterator[Rows]:
    """One user is offered."""
    if request.param == "moto":
        with mock_aws():
            made = _real()
            made.users.offer(OFFER)
            yield made
        return
    if request.param == "fake":
        users = FakeLedger()
        groups = FakeGroupLedger(users)
        made = Rows(users, groups, FakeClaimsLedger(groups))
    else:
        made = _real(endpoint_url=request.getfixturevalue("local_stack"))
    made.users.offer(OFFER)
    yield made


def test_an_offered_user_is_known_by_the_hint_alone(rows: Rows) -> None:
    assert rows.claims.known("new-1", "old-1") == Known("", Membership(rows.row()))
    assert rows.row().old_groups == {"a"}


def test_a_confirmed_user_is_known_by_the_new_sub(rows: Rows) -> None:
    rows.confirm()
    assert rows.claims.known("new-1", "") == Known("old-1")
    assert rows.claims.known("new-1", "old-1") == Known("old-1", Membership(rows.row()))


def test_a_hint_at_nobody_finds_nobody(rows: Rows) -> None:
    assert rows.claims.known("new-1", "old-2") == Known()


def test_the_progress_of_the_groups_is_seen(rows: Rows) -> None:
    rows.confirm()
    rows.groups.plan(rows.row(), frozenset({"b"}), 3000)
    expected = Membership(rows.row(), planned=True, todo=frozenset({"b"}))
    assert rows.claims.known("new-1", "old-1").hinted == rows.claims.membership("old-1") == expected


def test_nobodys_membership_is_none(rows: Rows) -> None:
    assert rows.claims.membership("old-2") is None


def test_the_groups_that_have_a_row_are_found(rows: Rows) -> None:
    rows.groups.map_group("a", "b")
    assert rows.claims.groups(["a", "c"]) == {"a": GroupRow("a", "b", By.MAPPED)}


class TestFaults:
    def test_keys_that_were_left_unread_are_a_fault(self) -> None:
        client = boto3.client("dynamodb", region_name="us-east-1")
        left = {"ledger": {"Keys": [{"pk": {"S": "newsub#new-1"}, "sk": {"S": "map"}}]}}
        with Stubber(client) as stubber:
            stubber.add_response("batch_get_item", {"Responses": {}, "UnprocessedKeys": left})
            with pytest.raises(Stop):
                RealClaimsLedger(client, "ledger", POOL).known("new-1", "")

    @pytest.mark.parametrize("code", ["ProvisionedThroughputExceededException", "AccessDeniedException"])
    def test_an_error_is_a_fault(self, code: str) -> None:
        client = boto3.client("dynamodb", region_name="us-east-1")
        with Stubber(client) as stubber:
            stubber.add_client_error("batch_get_item", code)
            with pytest.raises(Stop, match=code):
                RealClaimsLedger(client, "ledger", POOL).membership("old-1")

    def test_a_connection_that_was_closed_meanwhile_is_opened_once_more(self) -> None:
        class Closed:
            calls = 0

            def batch_get_item(self, **_: object) -> dict[str, dict[str, list[object]]]:
                self.calls += 1
                if self.calls == 1:
                    raise ConnectionClosedError(endpoint_url="https://dynamodb")
                return {"Responses": {"ledger": []}}

        closed = Closed()
        assert RealClaimsLedger(closed, "ledger", POOL).known("new-1", "") == Known()
        assert closed.calls == 2
