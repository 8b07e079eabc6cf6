"""The old pool: one sign-in attempt, one profile, its rules and what its app clients may write."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from cutover.aws.cached import Cached
from cutover.aws.client_rights import ClientRights
from cutover.aws.cognito_replies import AWS_ERRORS, failed, passes, profile_of, rules_of
from cutover.users.decision_table import FAULT_ERRORS, Stop, decide_error
from cutover.users.ports import Accepted, Challenged, Failed, PoolRules, Profile, SignInReply
from cutover.users.tokens import groups, subject

RULES_MAX_AGE = 300.0
"""Seconds. Most rules are fixed when a pool is created; an added attribute is seen within five minutes."""
STRICTEST = PoolRules()
"""Of a pool that may not be described: it signs in by user names alone and tells their case apart."""


class CognitoOldPool:
    """`client` makes one attempt a call; `secret` gives the app client's secret, or None."""

    def __init__(
        self,
        client: Any,
        pool_id: str,
        client_id: str,
        *,
        secret: Callable[[], str | None],
        clock: Callable[[], float],
    ) -> None:
        self._client = client
        self._pool_id = pool_id
        self._client_id = client_id
        self._secret = secret
        self._rules = Cached(self._read_rules, max_age=RULES_MAX_AGE, clock=clock)
        self._rights = ClientRights(client, pool_id, clock=clock)

    def sign_in(self, name: str, password: str) -> SignInReply:
        """Exactly one AdminInitiateAuth: a second one would feed the old pool's lockout."""
        parameters = {"USERNAME": name, "PASSWORD": password}
        secret = self._secret()
        if secret is not None:
            parameters["SECRET_HASH"] = secret_hash(secret, name, self._client_id)
        try:
            reply = self._client.admin_initiate_auth(
                UserPoolId=self._pool_id,
                ClientId=self._client_id,
                AuthFlow="ADMIN_USER_PASSWORD_AUTH",
                AuthParameters=parameters,
            )
        except AWS_ERRORS as error:
            return failed(error)
        return _sign_in_reply(reply)

    def profile(self, name: str) -> Profile | Failed:
        try:
            return profile_of(self._client.admin_get_user(UserPoolId=self._pool_id, Username=name))
        except AWS_ERRORS as error:
            return failed(error)

    def rules(self) -> PoolRules:
        return self._rules.get()

    def write_rights(self) -> Iterator[frozenset[str] | None]:
        return self._rights.read()

    def _read_rules(self) -> PoolRules:
        try:
            return rules_of(self._client.describe_user_pool(UserPoolId=self._pool_id)["UserPool"])
        except AWS_ERRORS as error:
            if not passes(error):
                return STRICTEST
            fault = failed(error)
            decision = decide_error(FAULT_ERRORS, fault.code, fault.message, fault.http_status)
        raise Stop(decision, f"old pool {fault.code}")


def secret_hash(secret: str, username: str, client_id: str) -> str:
    """Source: https://docs.aws.amazon.com/cognito/latest/developerguide/signing-up-users-in-your-app.html
    (`username` exactly as it stands in AuthParameters)."""
    digest = hmac.digest(secret.encode(), (username + client_id).encode(), hashlib.sha256)
    return base64.b64encode(digest).decode()


def _sign_in_reply(reply: Mapping[str, Any]) -> SignInReply:
    """A challenge counts before tokens; a reply without either accepts nobody."""
    name = reply.get("ChallengeName")
    if name:
        parameters = reply.get("ChallengeParameters") or {}
        return Challenged(str(name), parameters.get("USER_ID_FOR_SRP") or None)
    tokens = reply.get("AuthenticationResult") or {}
    id_token = tokens.get("IdToken")
    return Accepted(subject(id_token, tokens.get("AccessToken")), groups(id_token))
