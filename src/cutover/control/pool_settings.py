"""The UpdateUserPool request that changes some triggers and carries everything else over.

AWS documents that an input which is left out is set to its default value, and was seen doing so for some
inputs and not for others, so everything that a description holds is sent back:
https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UpdateUserPool.html
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from cutover.control.pool_ports import PoolState, Settings, SettingsModel
from cutover.control.trigger_set import Entries, canonical, merged

NOT_CARRIED = frozenset(
    {
        "AliasAttributes",
        "Arn",
        "CreationDate",
        "CustomDomain",
        "Domain",
        "EmailConfigurationFailure",
        "EstimatedNumberOfUsers",
        "Id",
        "LastModifiedDate",
        "Name",
        "SchemaAttributes",
        "SmsConfigurationFailure",
        "Status",
        "UsernameAttributes",
        "UsernameConfiguration",
    }
)
"""What a description holds and UpdateUserPool cannot set: fixed at creation, set elsewhere, or computed."""

_INVITATION_DAYS = "AdminCreateUserConfig.UnusedAccountValidityDays"
_LEGACY_MESSAGE = "EmailVerificationMessage"


@dataclass(frozen=True)
class LeftOut:
    """A setting of the description that AWS does not take beside another one."""

    path: str
    reason: str


@dataclass(frozen=True)
class Request:
    """The inputs of UpdateUserPool, and which settings they cannot hold."""

    inputs: dict[str, Any]
    left_out: tuple[LeftOut, ...]

    @property
    def incomparable(self) -> frozenset[str]:
        """The paths that may come out otherwise than they were read."""
        mirror = {_INVITATION_DAYS} if _temporary_days(self.inputs) is not None else set()
        return frozenset({*mirror, *(left.path for left in self.left_out)})


def request_with(state: PoolState, edit: Entries, model: SettingsModel) -> Request:
    """`state` as an UpdateUserPool request in which `edit` is applied to the triggers.

    LambdaConfig is replaced as a whole by AWS, so it holds all the other triggers, and it is sent even when
    it is empty: leaving it out must not decide whether our triggers stay.
    """
    kept = {name: deepcopy(value) for name, value in state.settings.items() if name in model.inputs}
    left_out = [*_invitation_days(kept), *_message_of_the_other_option(kept)]
    inputs = {name: value for name, value in kept.items() if not _drop_empty(name, value, model.never_empty)}
    inputs["LambdaConfig"] = merged(state.triggers, edit)
    _drop_empty("LambdaConfig", inputs["LambdaConfig"], model.never_empty)
    inputs["UserPoolId"] = state.pool_id
    if state.settings.get("Name"):
        inputs["PoolName"] = state.settings["Name"]
    return Request(inputs, tuple(left_out))


def view_with(state: PoolState, edit: Entries) -> dict[str, Any]:
    """What a description should be, to compare with, once `edit` is applied to the triggers."""
    return {**state.view, "LambdaConfig": canonical(merged(state.triggers, edit))}


def _invitation_days(kept: dict[str, Any]) -> list[LeftOut]:
    """A description has the same days twice, and a request with both is refused:
    https://github.com/aws/aws-sdk-js/issues/3817"""
    invitation = kept.get("AdminCreateUserConfig") or {}
    if _temporary_days(kept) is None or "UnusedAccountValidityDays" not in invitation:
        return []
    del invitation["UnusedAccountValidityDays"]
    return [
        LeftOut(
            _INVITATION_DAYS,
            "AWS takes TemporaryPasswordValidityDays of the password policy in its place",
        )
    ]


def _temporary_days(kept: Settings) -> int | None:
    policy = (kept.get("Policies") or {}).get("PasswordPolicy") or {}
    days: int | None = policy.get("TemporaryPasswordValidityDays")
    return days


def _message_of_the_other_option(kept: dict[str, Any]) -> list[LeftOut]:
    """A request with the message by code and the message by link is refused:
    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UpdateUserPool.html"""
    template = kept.get("VerificationMessageTemplate") or {}
    if not (template.get("EmailMessage") and template.get("EmailMessageByLink")):
        return []
    by_link = template.get("DefaultEmailOption") == "CONFIRM_WITH_LINK"
    name = "EmailMessage" if by_link else "EmailMessageByLink"
    reason = f"AWS takes one message, that of {template.get('DefaultEmailOption', 'CONFIRM_WITH_CODE')}"
    dropped = template.pop(name)
    left_out = [LeftOut(f"VerificationMessageTemplate.{name}", reason)]
    if by_link and kept.get(_LEGACY_MESSAGE) == dropped:
        del kept[_LEGACY_MESSAGE]
        left_out.append(LeftOut(_LEGACY_MESSAGE, "it mirrors the message by code"))
    return left_out


def _drop_empty(path: str, value: Any, never_empty: frozenset[str]) -> bool:
    """Empties `value` of what may not be sent empty; True where nothing of it may be sent at all."""
    if isinstance(value, dict):
        for name in [
            name for name, inner in value.items() if _drop_empty(f"{path}.{name}", inner, never_empty)
        ]:
            del value[name]
    return value is None or (path in never_empty and value in ({}, [], ""))
