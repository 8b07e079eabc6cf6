"""UpdateUserPool and UpdateUserPoolClient set what is left out back to its default; the emulator does not.

`pages.UPDATE_POOL` and `pages.UPDATE_CLIENT`: "If you don't provide a value for an attribute, Amazon Cognito
sets it to its default value". The real service keeps at least some; this is the harder case.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cutover.rehearsal.front.forward import Reply, refusal

POOL_DEFAULTS: dict[str, Any] = {
    "AccountRecoverySetting": {},
    "AdminCreateUserConfig": {"AllowAdminCreateUserOnly": False},
    "AutoVerifiedAttributes": [],
    "DeletionProtection": "INACTIVE",
    "DeviceConfiguration": {},
    "EmailConfiguration": {},
    "EmailVerificationMessage": "",
    "EmailVerificationSubject": "",
    "LambdaConfig": {},
    "MfaConfiguration": "OFF",
    "Policies": {
        "PasswordPolicy": {
            "MinimumLength": 8,
            "RequireUppercase": True,
            "RequireLowercase": True,
            "RequireNumbers": True,
            "RequireSymbols": True,
            "TemporaryPasswordValidityDays": 7,
        }
    },
    "SmsAuthenticationMessage": "",
    "SmsConfiguration": {},
    "SmsVerificationMessage": "",
    "UserAttributeUpdateSettings": {},
    "UserPoolAddOns": {},
    "UserPoolTags": {},
    "VerificationMessageTemplate": {},
}
CLIENT_DEFAULTS: dict[str, Any] = {
    "AccessTokenValidity": None,
    "AllowedOAuthFlows": [],
    "AllowedOAuthFlowsUserPoolClient": False,
    "AllowedOAuthScopes": [],
    "AnalyticsConfiguration": None,
    "AuthSessionValidity": 3,
    "CallbackURLs": [],
    "DefaultRedirectURI": "",
    "EnablePropagateAdditionalUserContextData": False,
    "EnableTokenRevocation": True,
    "ExplicitAuthFlows": ["ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_CUSTOM_AUTH"],
    "IdTokenValidity": None,
    "LogoutURLs": [],
    "PreventUserExistenceErrors": "LEGACY",
    "ReadAttributes": [],
    "RefreshTokenValidity": 30,
    "SupportedIdentityProviders": [],
    "TokenValidityUnits": {},
    "WriteAttributes": [],
}
_NEVER_EMPTY = {"SmsConfiguration": "SnsCallerArn", "UserPoolAddOns": "AdvancedSecurityMode"}
_LEGACY_FLOWS = {"ADMIN_NO_SRP_AUTH", "CUSTOM_AUTH_FLOW_ONLY", "USER_PASSWORD_AUTH"}


def pool_update(data: Mapping[str, Any]) -> dict[str, Any] | Reply:
    """The update with every omitted field at its default, or what the real service refuses in it."""
    for name, member in _NEVER_EMPTY.items():
        if name in data and not data[name].get(member):
            return refusal("InvalidParameterException", f"{name} needs {member}")
    config = data.get("AdminCreateUserConfig") or {}
    policy = (data.get("Policies") or {}).get("PasswordPolicy") or {}
    if "UnusedAccountValidityDays" in config and "TemporaryPasswordValidityDays" in policy:
        # https://github.com/aws/aws-sdk-js/issues/3817
        text = (
            "Please use TemporaryPasswordValidityDays in PasswordPolicy instead of UnusedAccountValidityDays"
        )
        return refusal("InvalidParameterException", text)
    if not set(
        (data.get("UserAttributeUpdateSettings") or {}).get("AttributesRequireVerificationBeforeUpdate") or ()
    ) <= set(data.get("AutoVerifiedAttributes") or ()):
        text = "AttributesRequireVerificationBeforeUpdate must be auto-verified attributes"
        return refusal("InvalidParameterException", text)
    return {**POOL_DEFAULTS, **data}


def client_update(data: Mapping[str, Any]) -> dict[str, Any] | Reply:
    """As `pool_update`. Old and new names of flows do not mix: `pages.UPDATE_CLIENT`."""
    flows = set(data.get("ExplicitAuthFlows") or ())
    if flows & _LEGACY_FLOWS and any(flow.startswith("ALLOW_") for flow in flows):
        return refusal("InvalidParameterException", "ExplicitAuthFlows mixes ALLOW_ and legacy values")
    return {**CLIENT_DEFAULTS, **data}


def without_empties(description: Mapping[str, Any]) -> dict[str, Any]:
    """A pool or client as the real service describes it: what was never set is absent, where the emulator
    says `{}`, `[]` or `""`."""
    return {name: value for name, value in description.items() if value not in ({}, [], "", None)}
