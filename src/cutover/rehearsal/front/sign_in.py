"""Sign-ins with a password and forgotten passwords, as far as the emulator answers them otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cutover.rehearsal.front.clients import flow_error, hides_existence, secret_error, secret_hash
from cutover.rehearsal.front.forward import Reply, Request, Upstream, refusal
from cutover.rehearsal.front.migration import Migration
from cutover.rehearsal.front.names import folded, folds
from cutover.rehearsal.front.pools import Pools, attributes_of

PASSWORD_FLOWS = {
    "InitiateAuth": {"USER_PASSWORD_AUTH"},
    "AdminInitiateAuth": {"ADMIN_USER_PASSWORD_AUTH", "ADMIN_NO_SRP_AUTH"},
}


class SignIn:
    def __init__(self, pools: Pools, migration: Migration) -> None:
        self._pools = pools
        self._migration = migration

    def initiate(self, request: Request, upstream: Upstream, pool: Mapping[str, Any]) -> Reply:
        """InitiateAuth and AdminInitiateAuth. An SRP hides the password, so only the password flows migrate:
        `pages.MIGRATION_IMPORT`."""
        data = request.json()
        client = self._pools.client(str(pool["Id"]), str(data.get("ClientId")))
        flow = str(data.get("AuthFlow"))
        refused = self._migration.uninvited(pool, "PreTokenGeneration")
        if refused:
            return refused
        if client is None or flow not in PASSWORD_FLOWS[str(request.cognito_action)]:
            return upstream.send(request.with_json(folded(data)) if folds(pool) else request)
        given = data.get("AuthParameters") or {}
        name = str(given.get("USERNAME", ""))
        refused = flow_error(client, flow) or secret_error(client, name, given.get("SECRET_HASH"))
        if refused:
            return refused
        name = name.lower() if folds(pool) else name
        user = self._pools.user(str(pool["Id"]), name)
        if user is None:
            refused = self._migration.of_sign_in(
                pool,
                str(client["ClientId"]),
                name,
                str(given.get("PASSWORD", "")),
                data.get("ClientMetadata"),
            )
            if refused:
                return refused
        parameters = {**given, "USERNAME": name}
        if client.get("ClientSecret"):
            parameters["SECRET_HASH"] = secret_hash(client, name)
        reply = upstream.send(request.with_json({**data, "AuthParameters": parameters}))
        return _as_cognito(reply, client, user)

    def forgot(self, request: Request, upstream: Upstream, pool: Mapping[str, Any]) -> Reply:
        """ForgotPassword: `pages.FORGOT_PASSWORD`."""
        data = request.json()
        client = self._pools.client(str(pool["Id"]), str(data.get("ClientId")))
        name = str(data.get("Username", ""))
        if client is None:
            return upstream.send(request)
        refused = secret_error(client, name, data.get("SecretHash"))
        if refused:
            return refused
        name = name.lower() if folds(pool) else name
        if self._pools.user(str(pool["Id"]), name) is None:
            refused = self._migration.of_forgotten_password(
                pool, str(client["ClientId"]), name, data.get("ClientMetadata")
            )
        user = self._pools.user(str(pool["Id"]), name)
        refused = refused or (_cannot_reset(user) if user else None)
        if refused:
            return refused
        out = {**data, "Username": name}
        if client.get("ClientSecret"):
            out["SecretHash"] = secret_hash(client, name)
        return upstream.send(request.with_json(out))


def _cannot_reset(user: Mapping[str, Any]) -> Reply | None:
    """`pages.FORGOT_PASSWORD`: neither a verified phone number nor a verified e-mail.

    That disabled users and temporary passwords are refused stands in no page; these are the service's texts.
    """
    if not user.get("Enabled", True):
        return refusal("NotAuthorizedException", "User is disabled.")
    if user.get("UserStatus") == "FORCE_CHANGE_PASSWORD":
        return refusal("NotAuthorizedException", "User password cannot be reset in the current state.")
    attributes = attributes_of(user["UserAttributes"])
    if "true" not in (attributes.get("email_verified"), attributes.get("phone_number_verified")):
        text = "Cannot reset password for the user as there is no registered/verified email or phone_number"
        return refusal("InvalidParameterException", text)
    return None


def _as_cognito(reply: Reply, client: Mapping[str, Any], user: Mapping[str, Any] | None) -> Reply:
    """A client that hides existence hides a required reset too (`pages.EXISTENCE_ERRORS`); a challenge names
    the user by his real name, whatever alias he typed (`pages.INITIATE_AUTH`, USER_ID_FOR_SRP). The emulator
    calls the function of `pages.TOKEN_TRIGGER` itself, and fails as a whole where that does."""
    if reply.status >= 500:
        return refusal("UserLambdaValidationException", "PreTokenGeneration failed with error.")
    answer = reply.json()
    if answer.get("__type") == "PasswordResetRequiredException" and hides_existence(client):
        return refusal("NotAuthorizedException", "Incorrect username or password.")
    parameters = answer.get("ChallengeParameters") or {}
    if user is None or "USER_ID_FOR_SRP" not in parameters:
        return reply
    return reply.with_json(
        {**answer, "ChallengeParameters": {**parameters, "USER_ID_FOR_SRP": user["Username"]}}
    )
