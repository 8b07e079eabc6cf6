"""The UpdateUserPoolClient request that changes the flows of an app client and carries everything else over.

AWS documents that an input which is left out is set to its default value:
https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UpdateUserPoolClient.html
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from cutover.control.app_clients import DEFAULT_FLOWS
from cutover.control.pool_ports import Settings, SettingsModel

CLIENT_NOT_CARRIED = frozenset({"ClientSecret", "ClientType", "CreationDate", "LastModifiedDate"})
"""What a description holds and UpdateUserPoolClient cannot set."""
PASSWORD_FLOW = "ALLOW_USER_PASSWORD_AUTH"  # noqa: S105 - the name of a flow
REFRESH_FLOW = "ALLOW_REFRESH_TOKEN_AUTH"
FLOWS = "ExplicitAuthFlows"
_CONTEXT = "EnablePropagateAdditionalUserContextData"
_CUSTOM_ONLY = "CUSTOM_AUTH_FLOW_ONLY"
_LEGACY = {
    "ADMIN_NO_SRP_AUTH": "ALLOW_ADMIN_USER_PASSWORD_AUTH",
    "USER_PASSWORD_AUTH": PASSWORD_FLOW,
    _CUSTOM_ONLY: "ALLOW_CUSTOM_AUTH",
}
"""Names of older app clients, which AWS does not take beside those that begin with ALLOW_."""


@dataclass(frozen=True)
class ClientState:
    """A live app client at one moment, as DescribeUserPoolClient has it but for its secret, which is dropped
    where it is read. `has_secret` says whether there was one."""

    settings: Settings
    has_secret: bool = False

    @property
    def id(self) -> str:
        return str(self.settings["ClientId"])

    @property
    def name(self) -> str:
        return str(self.settings.get("ClientName", ""))

    @property
    def flows(self) -> tuple[str, ...] | None:
        """None where the description names none."""
        flows = self.settings.get(FLOWS)
        return tuple(flows) if flows else None

    @property
    def view(self) -> dict[str, Any]:
        """For comparing: to name no flows is to name those that a client then has, and context data that is
        not propagated may be named or not."""
        named = {name: value for name, value in self.settings.items() if name != _CONTEXT or value}
        return {**named, FLOWS: list(self.flows or DEFAULT_FLOWS)}

    @property
    def rotates(self) -> bool:
        """Whether its refresh tokens rotate: it may then not have the flow for refreshing.
        https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-refresh-token.html
        """
        return (self.settings.get("RefreshTokenRotation") or {}).get("Feature") == "ENABLED"


def takes_passwords(state: ClientState) -> bool:
    return bool({PASSWORD_FLOW, "USER_PASSWORD_AUTH"} & set(state.flows or ()))


def flows_with_password(state: ClientState) -> tuple[str, ...]:
    """The client's flows with the password flow: what it could do before it still can.

    A client that names no flows has three; one that names older ones has these three and the named, but for
    one that is for custom flows only.
    """
    named = set(state.flows or ())
    if named & _LEGACY.keys():
        unnamed = {REFRESH_FLOW} if _CUSTOM_ONLY in named else set(DEFAULT_FLOWS)
        flows = {_LEGACY.get(flow, flow) for flow in named} | unnamed
    else:
        flows = named or set(DEFAULT_FLOWS)
    if state.rotates and REFRESH_FLOW not in named:
        flows -= {REFRESH_FLOW}
    return tuple(sorted(flows | {PASSWORD_FLOW}))


def client_request(
    state: ClientState, pool_id: str, flows: Sequence[str] | None, model: SettingsModel
) -> dict[str, Any]:
    """`state` as a request in which `flows` are the client's (None: it names none)."""
    inputs = {
        name: deepcopy(value)
        for name, value in state.settings.items()
        if name in model.inputs
        and value is not None
        and not (name in model.never_empty and value in ({}, [], ""))
    }
    if not state.has_secret and not inputs.get(_CONTEXT):
        inputs.pop(_CONTEXT, None)  # a client without a secret may not name it
    inputs.pop(FLOWS, None)
    return {**inputs, **({FLOWS: list(flows)} if flows else {}), "UserPoolId": pool_id}


def client_view_with(state: ClientState, flows: Sequence[str] | None) -> dict[str, Any]:
    """What a description should be, to compare with, once `flows` are set."""
    return {**state.view, FLOWS: list(flows or DEFAULT_FLOWS)}
