"""Sign-ups and administrators' creations, with the pool's PreSignUp function before them.

`pages.SIGN_UP_TRIGGER`. The emulator calls that function too, without the client's metadata and whatever the
function's policy says; its own call is silenced (`rehearsal.emulator_main`). No page says whether a name that
is taken is noticed before the function is asked: here the function is asked first.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cutover.rehearsal.front.clients import secret_error
from cutover.rehearsal.front.forward import Reply, Request, Upstream, refusal
from cutover.rehearsal.front.pools import Attributes, Pools, attributes_of, pairs_of
from cutover.rehearsal.front.trigger import NO_CLIENT, TriggerFailed, TriggerRaised, call, sign_up_event

SIGN_UP = "PreSignUp_SignUp"
ADMIN_CREATE_USER = "PreSignUp_AdminCreateUser"
_VERIFIES = {"autoVerifyEmail": "email", "autoVerifyPhone": "phone_number"}


class SignUps:
    """`functions` is the Lambda client of `trigger.call`."""

    def __init__(self, pools: Pools, functions: Any) -> None:
        self._pools = pools
        self._functions = functions

    def sign_up(self, request: Request, upstream: Upstream, pool: Mapping[str, Any]) -> Reply:
        """A pool whose users only administrators create takes no sign-up: `pages.ADMIN_CREATE_CONFIG`."""
        if (pool.get("AdminCreateUserConfig") or {}).get("AllowAdminCreateUserOnly"):
            return refusal("NotAuthorizedException", "SignUp is not permitted for this user pool")
        data = request.json()
        client_id, name = str(data.get("ClientId")), str(data.get("Username", ""))
        client = self._pools.client(str(pool["Id"]), client_id)
        refused = secret_error(client, name, data.get("SecretHash")) if client else None
        asked = refused or self._asked_about(SIGN_UP, pool, client_id, data)
        if isinstance(asked, Reply):
            return asked
        reply = upstream.send(request)
        return self._with_overrides(reply, pool, data, asked) if reply.ok else reply

    def admin_create_user(self, request: Request, upstream: Upstream, pool: Mapping[str, Any]) -> Reply:
        """An invitation that is sent again (RESEND) creates nobody: `pages.ADMIN_CREATE_USER`."""
        data = request.json()
        if data.get("MessageAction") != "RESEND":
            asked = self._asked_about(ADMIN_CREATE_USER, pool, NO_CLIENT, data)
            if isinstance(asked, Reply):
                return asked
        return upstream.send(request)

    def refused_in_migration(
        self, pool: Mapping[str, Any], client_id: str, name: str, attributes: Attributes, metadata: object
    ) -> Reply | None:
        """That a migration asks PreSignUp follows from `pages.INITIATE_AUTH` (ClientMetadata of a sign-in
        goes to it) and was met in https://foxy.io/blog/using-migration-and-pre-signup-triggers-with-aws-cognito;
        no page names the source. Confirming and verifying of its own is ignored."""
        sent = {"Username": name, "UserAttributes": pairs_of(attributes), "ClientMetadata": metadata}
        asked = self._asked_about(ADMIN_CREATE_USER, pool, client_id, sent)
        return asked if isinstance(asked, Reply) else None

    def _asked_about(
        self, source: str, pool: Mapping[str, Any], client_id: str, data: Mapping[str, Any]
    ) -> Mapping[str, Any] | Reply:
        """The function's response, empty where the pool has none; or what the caller reads of its refusal.

        A thread shows the text (https://github.com/aws-amplify/amplify-flutter/pull/1051); no page does.
        """
        arn = (pool.get("LambdaConfig") or {}).get("PreSignUp")
        if not arn:
            return {}
        event = sign_up_event(source, pool, client_id, str(data.get("Username", "")), _asked(data))
        try:
            response = call(self._functions, arn, str(pool["Arn"]), event)
        except TriggerRaised as error:
            text = f"PreSignUp failed with error {error.message}."
            return refusal("UserLambdaValidationException", text)
        except TriggerFailed as error:
            return refusal("UnexpectedLambdaException", f"PreSignUp invocation failed: {error}.")
        return response if isinstance(response, Mapping) else {}

    def _with_overrides(
        self, reply: Reply, pool: Mapping[str, Any], data: Mapping[str, Any], response: Mapping[str, Any]
    ) -> Reply:
        who = {"UserPoolId": str(pool["Id"]), "Username": str(data.get("Username"))}
        own = attributes_of(data.get("UserAttributes") or [])
        verified = {
            f"{contact}_verified": "true"
            for flag, contact in _VERIFIES.items()
            if response.get(flag) is True and contact in own
        }
        if verified:
            self._pools.cognito.admin_update_user_attributes(**who, UserAttributes=pairs_of(verified))
        if response.get("autoConfirmUser") is not True:
            return reply
        self._pools.cognito.admin_confirm_sign_up(**who)
        kept = {name: value for name, value in reply.json().items() if name != "CodeDeliveryDetails"}
        return reply.with_json({**kept, "UserConfirmed": True})


def _asked(data: Mapping[str, Any]) -> dict[str, Any]:
    """The event's `request` of a call's parameters."""
    asked: dict[str, Any] = {
        "userAttributes": attributes_of(data.get("UserAttributes") or []),
        "validationData": attributes_of(data["ValidationData"]) if data.get("ValidationData") else None,
    }
    if data.get("ClientMetadata"):
        asked["clientMetadata"] = data["ClientMetadata"]
    return asked
