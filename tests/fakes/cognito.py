"""A user pool service in this process, stricter than AWS was seen to be: it resets what an update leaves out.

The calls come from a real boto3 client, so the SDK's own validation, encoding and parsing are part of a test.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import boto3
from botocore import xform_name
from botocore.awsrequest import AWSResponse
from botocore.config import Config

REGION = "eu-west-1"
ACCOUNT = "123456789012"
POOL_ID = f"{REGION}_strict1"
POOL_ARN = f"arn:aws:cognito-idp:{REGION}:{ACCOUNT}:userpool/{POOL_ID}"

RESET: dict[str, Any] = {
    "Policies": {"PasswordPolicy": {"MinimumLength": 8, "TemporaryPasswordValidityDays": 7}},
    "LambdaConfig": {},
    "AdminCreateUserConfig": {"AllowAdminCreateUserOnly": False, "UnusedAccountValidityDays": 7},
    "EmailConfiguration": {"EmailSendingAccount": "COGNITO_DEFAULT"},
    "MfaConfiguration": "OFF",
    "DeletionProtection": "INACTIVE",
    "UserPoolTier": "ESSENTIALS",
    "UserPoolTags": {},
    "VerificationMessageTemplate": {"DefaultEmailOption": "CONFIRM_WITH_CODE"},
}
"""What stands in a description after an update that left the input out; the others are then absent."""


class AwsError(Exception):
    def __init__(self, code: str, message: str = "") -> None:
        super().__init__(code)
        self.code, self.message = code, message


def a_pool(**settings: Any) -> dict[str, Any]:
    """A description of a pool with these settings."""
    return {
        "Id": POOL_ID,
        "Name": "customers",
        "Arn": POOL_ARN,
        "CreationDate": 1700000000.0,
        "LastModifiedDate": 1700000000.0,
        "EstimatedNumberOfUsers": 3,
        "SchemaAttributes": [attribute("email"), attribute("custom:old_sub", Mutable=False)],
        **deepcopy(RESET),
        **settings,
    }


def attribute(name: str, **more: Any) -> dict[str, Any]:
    return {"Name": name, "AttributeDataType": "String", "Mutable": True, "Required": False, **more}


class Cognito:
    """One pool. `before[operation]` holds what happens right before each next call of it."""

    def __init__(self, pool: dict[str, Any] | None = None) -> None:
        self.pool = a_pool() if pool is None else pool
        self.mfa: dict[str, Any] = {"MfaConfiguration": self.pool.get("MfaConfiguration", "OFF")}
        self.clients: dict[str, dict[str, Any]] = {}
        self.providers: dict[str, dict[str, Any]] = {}
        self.users: list[dict[str, Any]] = []
        self.page = 60
        self.shows_both_names = False
        """Whether a pre token generation trigger is described under both of its names, however it was set."""
        self.before: dict[str, list[Callable[[], None]]] = defaultdict(list)
        self.after: dict[str, list[Callable[[], None]]] = defaultdict(list)
        self.calls: list[tuple[str, dict[str, Any]]] = []

    def client(self) -> Any:
        once = Config(retries={"total_max_attempts": 1})
        client = boto3.client("cognito-idp", region_name=REGION, config=once)
        client.meta.events.register("before-send.cognito-identity-provider", self._answer)
        return client

    def sent(self, operation: str) -> list[dict[str, Any]]:
        return [parameters for name, parameters in self.calls if name == operation]

    def _answer(self, request: Any, **_: Any) -> AWSResponse:
        operation = request.headers["X-Amz-Target"].decode().split(".")[-1]
        parameters = json.loads(request.body)
        self.calls.append((operation, parameters))
        try:
            _next(self.before[operation])
            reply = getattr(self, f"_{xform_name(operation)}")(parameters)
            _next(self.after[operation])
        except AwsError as error:
            return response(request.url, 400, {"__type": error.code, "message": error.message})
        return response(request.url, 200, reply)

    def _describe_user_pool(self, asked: dict[str, Any]) -> dict[str, Any]:
        return {"UserPool": self._own(asked)}

    def _get_user_pool_mfa_config(self, asked: dict[str, Any]) -> dict[str, Any]:
        self._own(asked)
        return self.mfa

    def _update_user_pool(self, asked: dict[str, Any]) -> dict[str, Any]:
        pool = self._own(asked)
        inputs = {name: value for name, value in asked.items() if name != "UserPoolId"}
        _refuse_traps(inputs)
        kept = {name: value for name, value in pool.items() if name in FIXED}
        updated = {**deepcopy(RESET), **kept, **inputs}
        updated["Name"] = updated.pop("PoolName", "reset")
        _mirror(updated)
        if self.shows_both_names:
            _show_both_names(updated["LambdaConfig"])
        pool.clear()
        pool.update(updated)
        pool["LastModifiedDate"] += 1
        return {}

    def _add_custom_attributes(self, asked: dict[str, Any]) -> dict[str, Any]:
        for row in asked["CustomAttributes"]:
            self._own(asked)["SchemaAttributes"].append({**row, "Name": f"custom:{row['Name']}"})
        return {}

    def _list_user_pool_clients(self, asked: dict[str, Any]) -> dict[str, Any]:
        rows = [{"ClientId": name, "UserPoolId": self.pool["Id"]} for name in self.clients]
        return self._page("UserPoolClients", rows, "NextToken", asked)

    def _describe_user_pool_client(self, asked: dict[str, Any]) -> dict[str, Any]:
        return {"UserPoolClient": {"ClientId": asked["ClientId"], **self._own_client(asked)}}

    def _update_user_pool_client(self, asked: dict[str, Any]) -> dict[str, Any]:
        client = self._own_client(asked)
        inputs = {name: value for name, value in asked.items() if name not in ("UserPoolId", "ClientId")}
        _refuse_client_traps(inputs, has_secret="ClientSecret" in client)
        kept = {name: value for name, value in client.items() if name in CLIENT_FIXED}
        client.clear()
        client.update({**deepcopy(CLIENT_RESET), **kept, **inputs})
        return {"UserPoolClient": {"ClientId": asked["ClientId"], **client}}

    def _own_client(self, asked: dict[str, Any]) -> dict[str, Any]:
        try:
            return self.clients[asked["ClientId"]]
        except KeyError:
            raise AwsError("ResourceNotFoundException", "User pool client does not exist.") from None

    def _list_identity_providers(self, asked: dict[str, Any]) -> dict[str, Any]:
        rows = [{"ProviderName": name, "ProviderType": "OIDC"} for name in self.providers]
        return self._page("Providers", rows, "NextToken", asked)

    def _describe_identity_provider(self, asked: dict[str, Any]) -> dict[str, Any]:
        name = asked["ProviderName"]
        return {"IdentityProvider": {"ProviderName": name, "AttributeMapping": self.providers[name]}}

    def _list_users(self, asked: dict[str, Any]) -> dict[str, Any]:
        return self._page("Users", self.users, "PaginationToken", asked)

    def _own(self, asked: dict[str, Any]) -> dict[str, Any]:
        if asked["UserPoolId"] != self.pool["Id"]:
            raise AwsError("ResourceNotFoundException", "User pool does not exist.")
        return self.pool

    def _page(self, name: str, rows: list[Any], token: str, asked: dict[str, Any]) -> dict[str, Any]:
        start = int(asked.get(token, 0))
        end = start + self.page
        more = {token: str(end)} if end < len(rows) else {}
        return {name: rows[start:end], **more}


FIXED = (
    *("AliasAttributes", "Arn", "CreationDate", "CustomDomain", "Domain", "EstimatedNumberOfUsers", "Id"),
    *("LastModifiedDate", "SchemaAttributes", "Status", "UsernameAttributes", "UsernameConfiguration"),
)
"""What no update of a pool can change."""


CLIENT_RESET: dict[str, Any] = {
    "ClientName": "reset",
    "RefreshTokenValidity": 30,
    "TokenValidityUnits": {},
    "AllowedOAuthFlowsUserPoolClient": False,
    "EnableTokenRevocation": True,
    "AuthSessionValidity": 3,
}
"""What stands in an app client's description after an update that left the input out."""


def a_client(**settings: Any) -> dict[str, Any]:
    """A description of an app client with these settings; None takes one out."""
    described = {**deepcopy(CLIENT_RESET), "ClientName": "web", "CreationDate": 1.0, **deepcopy(settings)}
    return {name: value for name, value in described.items() if value is not None}


CLIENT_FIXED = ("ClientSecret", "CreationDate")


def _refuse_client_traps(inputs: dict[str, Any], *, has_secret: bool) -> None:
    flows = inputs.get("ExplicitAuthFlows", ())
    newer = [flow for flow in flows if flow.startswith("ALLOW_")]
    rotates = inputs.get("RefreshTokenRotation", {}).get("Feature") == "ENABLED"
    refusals = {
        "Legacy flows cannot be assigned beside those that begin with ALLOW_": (
            bool(newer) and len(newer) < len(flows)
        ),
        "Context data needs a client with a secret": (
            "EnablePropagateAdditionalUserContextData" in inputs and not has_secret
        ),
        "Refresh tokens that rotate exclude ALLOW_REFRESH_TOKEN_AUTH": (
            rotates and "ALLOW_REFRESH_TOKEN_AUTH" in flows
        ),
    }
    for message, refused in refusals.items():
        if refused:
            raise AwsError("InvalidParameterException", message)


def _refuse_traps(inputs: dict[str, Any]) -> None:
    template = inputs.get("VerificationMessageTemplate", {})
    lambdas = inputs.get("LambdaConfig", {})
    verified = set(inputs.get("AutoVerifiedAttributes", ()))
    before_update = inputs.get("UserAttributeUpdateSettings", {}).get(
        "AttributesRequireVerificationBeforeUpdate", ()
    )
    password = inputs.get("Policies", {}).get("PasswordPolicy", {})
    versioned = lambdas.get("PreTokenGenerationConfig", {}).get("LambdaArn")
    refusals = {
        "Please use TemporaryPasswordValidityDays in PasswordPolicy instead of UnusedAccountValidityDays": (
            "UnusedAccountValidityDays" in inputs.get("AdminCreateUserConfig", {})
            and "TemporaryPasswordValidityDays" in password
        ),
        "The message is invalid": bool(template.get("EmailMessage") and template.get("EmailMessageByLink")),
        "The legacy message and the template differ": _differ(inputs, template),
        "SnsCallerArn is required": inputs.get("SmsConfiguration") == {},
        "All attributes in AttributesRequireVerificationBeforeUpdate must exist in AutoVerifiedAttributes": (
            not set(before_update) <= verified
        ),
        "A custom sender needs KMSKeyID": (
            bool({"CustomEmailSender", "CustomSMSSender"} & lambdas.keys()) and "KMSKeyID" not in lambdas
        ),
        "PreTokenGeneration and PreTokenGenerationConfig differ": (
            versioned is not None and versioned != lambdas.get("PreTokenGeneration", versioned)
        ),
        "The feature plan does not allow this version": (
            inputs.get("UserPoolTier", RESET["UserPoolTier"]) == "LITE"
            and lambdas.get("PreTokenGenerationConfig", {}).get("LambdaVersion", "V1_0") != "V1_0"
        ),
    }
    for message, refused in refusals.items():
        if refused:
            raise AwsError("InvalidParameterException", message)


def _differ(inputs: dict[str, Any], template: dict[str, Any]) -> bool:
    pairs = (
        ("EmailVerificationMessage", "EmailMessage"),
        ("EmailVerificationSubject", "EmailSubject"),
        ("SmsVerificationMessage", "SmsMessage"),
    )
    return any(legacy in inputs and inputs[legacy] != template.get(new) for legacy, new in pairs)


def _mirror(pool: dict[str, Any]) -> None:
    """What AWS shows twice, and a device configuration, which switches its feature on by being there."""
    days = pool.get("Policies", {}).get("PasswordPolicy", {}).get("TemporaryPasswordValidityDays")
    if days is not None:
        pool.setdefault("AdminCreateUserConfig", {})["UnusedAccountValidityDays"] = days
    if "DeviceConfiguration" in pool:
        pool["DeviceConfiguration"].setdefault("ChallengeRequiredOnNewDevice", False)


def _show_both_names(lambdas: dict[str, Any]) -> None:
    arn = lambdas.get("PreTokenGenerationConfig", {}).get("LambdaArn") or lambdas.get("PreTokenGeneration")
    if arn:
        lambdas.setdefault("PreTokenGeneration", arn)
        lambdas.setdefault("PreTokenGenerationConfig", {"LambdaVersion": "V1_0", "LambdaArn": arn})


def _next(happenings: list[Callable[[], None]]) -> None:
    if happenings:
        happenings.pop(0)()


class _Body:
    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self, *_: Any) -> Any:
        yield self._content


def response(url: str, status: int, body: dict[str, Any]) -> AWSResponse:
    headers = {"content-type": "application/x-amz-json-1.1"}
    return AWSResponse(url, status, headers, _Body(json.dumps(body, default=str).encode()))
