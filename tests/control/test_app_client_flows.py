"""The password flow for an app client: what is sent, what is taken back, and what is left."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError

from cutover.control.attach import attach
from cutover.control.client_plan import plan_client
from cutover.control.client_settings import ClientState, flows_with_password
from cutover.control.detach import detach
from cutover.control.ledger_rows import AttachState
from cutover.errors import CutoverError, DifferencesFound, InterlockRefused
from tests.control.attaching import raising, run
from tests.control.pools import Bench, bench
from tests.fakes.cognito import AwsError, a_client

DEFAULT = ["ALLOW_CUSTOM_AUTH", "ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH"]
PASSWORD = "ALLOW_USER_PASSWORD_AUTH"
WEB: dict[str, Any] = {
    "ClientSecret": "the-clients-secret",
    "ExplicitAuthFlows": ["ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH"],
    "CallbackURLs": ["https://shop.example/back"],
    "RefreshTokenValidity": 7,
    "EnablePropagateAdditionalUserContextData": True,
}


def with_client(**settings: Any) -> Bench:
    on = bench()
    on.service.clients["web"] = a_client(**{**WEB, **settings})
    return on


def on_attach(on: Bench) -> None:
    state = on.client("web").describe()
    assert state is not None
    run(on, flow_clients=(state,))


def off(on: Bench) -> None:
    detach(on.detach_plan(), on.detach_ports())


def flows(on: Bench) -> list[str]:
    return sorted(on.service.clients["web"].get("ExplicitAuthFlows", ()))


def state(**settings: Any) -> ClientState:
    return ClientState({"ClientId": "web", **settings})


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (None, DEFAULT),
        (["ALLOW_USER_SRP_AUTH"], ["ALLOW_USER_SRP_AUTH"]),
        (["ADMIN_NO_SRP_AUTH"], [*DEFAULT, "ALLOW_ADMIN_USER_PASSWORD_AUTH"]),
        (["CUSTOM_AUTH_FLOW_ONLY"], ["ALLOW_CUSTOM_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]),
        (["ALLOW_USER_AUTH", "ALLOW_NEW_FLOW"], ["ALLOW_USER_AUTH", "ALLOW_NEW_FLOW"]),
    ],
)
def test_a_client_keeps_every_flow_that_it_had_under_its_newer_name(
    before: list[str] | None, after: list[str]
) -> None:
    asked = {} if before is None else {"ExplicitAuthFlows": before}
    assert set(flows_with_password(state(**asked))) == {*after, PASSWORD}


def test_a_client_whose_refresh_tokens_rotate_gets_no_flow_for_refreshing() -> None:
    assert "ALLOW_REFRESH_TOKEN_AUTH" not in flows_with_password(
        state(RefreshTokenRotation={"Feature": "ENABLED"})
    )


@pytest.mark.parametrize("named", [PASSWORD, "USER_PASSWORD_AUTH"])
def test_a_client_that_takes_passwords_already_needs_nothing(named: str) -> None:
    assert plan_client(state(ExplicitAuthFlows=[named])).changes == ()


def test_the_flow_goes_in_and_every_other_setting_stays() -> None:
    on = with_client()
    on_attach(on)
    assert flows(on) == sorted([*WEB["ExplicitAuthFlows"], PASSWORD])
    assert {**on.service.clients["web"], "ExplicitAuthFlows": []} == {
        **a_client(**WEB),
        "ExplicitAuthFlows": [],
    }


@pytest.mark.parametrize("before", [["ALLOW_USER_SRP_AUTH"], ["ADMIN_NO_SRP_AUTH"], None])
def test_detach_puts_the_flows_back_as_they_were(before: list[str] | None) -> None:
    on = with_client(ExplicitAuthFlows=before)
    on_attach(on)
    off(on)
    assert flows(on) == sorted(before or ())


@pytest.mark.parametrize("absent", ["ReadAttributes", "WriteAttributes"])
def test_a_list_that_is_not_there_is_not_sent(absent: str) -> None:
    on = with_client()
    on_attach(on)
    assert absent not in on.service.sent("UpdateUserPoolClient")[0]


def test_context_data_is_not_named_for_a_client_without_a_secret() -> None:
    on = with_client(EnablePropagateAdditionalUserContextData=False, ClientSecret=None)
    on_attach(on)
    assert "EnablePropagateAdditionalUserContextData" not in on.service.sent("UpdateUserPoolClient")[0]


def test_the_clients_secret_is_in_no_plan_snapshot_row_or_request() -> None:
    on = with_client()
    found = on.client("web").describe()
    assert found is not None
    plan = on.attach_plan(flow_clients=(found,))
    attach(plan, on.attach_ports())
    written = [plan.as_json(), repr(plan), on.kept, on.ledger.snapshots, on.service.calls]
    written += [row.row() for row in on.ledger.saved]
    assert "the-clients-secret" not in json.dumps(written, default=str)


def test_the_snapshot_holds_the_client_too() -> None:
    on = with_client()
    on_attach(on)
    assert on.kept[0]["UserPoolClients"][0]["CallbackURLs"] == WEB["CallbackURLs"]


def test_a_pool_that_is_attached_already_can_still_get_a_client() -> None:
    on = with_client()
    run(on)
    on_attach(on)
    assert PASSWORD in flows(on)
    assert len(on.service.sent("UpdateUserPool")) == 1


def test_a_second_client_leaves_the_first_ones_note_alone() -> None:
    on = with_client()
    on_attach(on)
    on.service.clients["app"] = a_client(**WEB)
    second = on.client("app").describe()
    assert second is not None
    run(on, flow_clients=(second,))
    off(on)
    assert [PASSWORD in client["ExplicitAuthFlows"] for client in on.service.clients.values()] == [
        False,
        False,
    ]


def test_flows_that_somebody_changed_meanwhile_are_left_and_reported() -> None:
    on = with_client()
    on_attach(on)
    on.service.clients["web"]["ExplicitAuthFlows"].append("ALLOW_USER_AUTH")
    plan = on.detach_plan()
    detach(plan, on.detach_ports())
    assert PASSWORD in flows(on)
    assert [left.id for left in plan.clients_left] == ["web"]


def test_a_client_that_has_its_flows_back_already_is_not_reported() -> None:
    on = with_client()
    on_attach(on)
    on.service.clients["web"]["ExplicitAuthFlows"] = WEB["ExplicitAuthFlows"]
    plan = on.detach_plan()
    assert (plan.clients, plan.clients_left) == ((), ())


def test_a_client_that_is_gone_does_not_keep_the_pool_attached() -> None:
    on = with_client()
    on_attach(on)
    on.service.clients.clear()
    off(on)
    assert on.ledger.attachment is not None
    assert on.ledger.attachment.state is AttachState.DETACHED


def test_a_change_between_plan_and_update_refuses_and_leaves_no_note() -> None:
    on = with_client()
    found = on.client("web").describe()
    assert found is not None
    plan = on.attach_plan(flow_clients=(found,))
    on.service.clients["web"]["CallbackURLs"] = ["https://theirs.example"]
    with pytest.raises(InterlockRefused) as refused:
        attach(plan, on.attach_ports())
    assert (refused.value.interlock, on.service.sent("UpdateUserPoolClient")) == ("client_changed", [])
    assert on.ledger.attachment is not None
    assert (on.ledger.attachment.state, on.ledger.attachment.clients) == (AttachState.ATTACHED, {})


def test_what_somebody_changes_right_after_the_update_is_kept_and_our_flow_is_taken_out() -> None:
    on = with_client()
    on.service.after["UpdateUserPoolClient"].append(
        lambda: on.service.clients["web"].update(CallbackURLs=["https://theirs.example"])
    )
    with pytest.raises(DifferencesFound, match="as planned"):
        on_attach(on)
    assert PASSWORD not in flows(on)
    assert on.service.clients["web"]["CallbackURLs"] == ["https://theirs.example"]


def test_a_lost_reply_of_an_update_that_was_done_is_not_repeated() -> None:
    on = with_client()
    on.service.after["UpdateUserPoolClient"].append(raising(ReadTimeoutError(endpoint_url="https://aws")))
    on_attach(on)
    assert (PASSWORD in flows(on), len(on.service.sent("UpdateUserPoolClient"))) == (True, 1)


def test_a_setting_of_a_client_that_the_sdk_does_not_know_refuses() -> None:
    on = with_client(Novelty={"On": True})
    with pytest.raises(InterlockRefused) as refused:
        on.client("web").describe()
    assert (refused.value.interlock, refused.value.cause.split(":")[0]) == ("unknown_setting", "Novelty")


def test_settings_that_aws_does_not_take_back_leave_no_note() -> None:
    on = with_client()
    on.service.before["UpdateUserPoolClient"].append(raising(AwsError("InvalidParameterException", "urls")))
    with pytest.raises(CutoverError, match="does not take"):
        on_attach(on)
    assert on.ledger.attachment is not None
    assert on.ledger.attachment.clients == {}


def test_a_detach_that_was_stopped_between_pool_and_client_is_brought_to_its_end() -> None:
    on = with_client()
    on_attach(on)
    on.service.before["UpdateUserPoolClient"] += [raising(AwsError("AccessDeniedException"))]
    with pytest.raises(CutoverError):
        off(on)
    assert on.ledger.attachment is not None
    assert on.ledger.attachment.state is AttachState.DETACHING
    off(on)
    assert (PASSWORD in flows(on), on.ledger.attachment.state) == (False, AttachState.DETACHED)
