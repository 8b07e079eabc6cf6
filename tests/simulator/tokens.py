"""Tokens: unsigned JWTs whose claims are those that readers of this project look at: `pages.TOKENS`."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from typing import Any

from cutover.rehearsal.front.trigger import TriggerFailed
from tests.simulator.faults import AwsError
from tests.simulator.pool import Client, Pool, User
from tests.simulator.triggers import Functions, token_event

SECONDS = 3600


@dataclass
class Tokens:
    """Every access token that was issued, and whose it is."""

    functions: Functions
    holders: dict[str, tuple[Pool, Client, User]] = field(default_factory=dict)

    def issue(self, pool: Pool, client: Client, user: User, now: float) -> dict[str, Any]:
        """An AuthenticationResult; the pool's PreTokenGeneration function has its say."""
        number = len(self.holders)
        groups = {"cognito:groups": sorted(user.groups)} if user.groups else {}
        common: dict[str, Any] = {
            "sub": user.sub,
            "iat": int(now),
            "exp": int(now) + SECONDS,
            "jti": number,
            **groups,
        }
        claims = {
            "id": {
                **common,
                "token_use": "id",
                "aud": client["ClientId"],
                "cognito:username": user.username,
                **user.attributes,
            },
            "access": {
                **common,
                "token_use": "access",
                "client_id": client["ClientId"],
                "username": user.username,
            },
        }
        self._override(pool, client, user, claims)
        access = jwt(claims["access"])
        self.holders[access] = (pool, client, user)
        return {
            "IdToken": jwt(claims["id"]),
            "AccessToken": access,
            "RefreshToken": f"refresh-{number}",
            "ExpiresIn": SECONDS,
            "TokenType": "Bearer",
        }

    def holder(self, access: str) -> tuple[Pool, Client, User]:
        """Raises NotAuthorizedException for a token of nobody, or of somebody deleted or disabled."""
        found = self.holders.get(access)
        if found is None or found[2] not in found[0].users:
            raise AwsError("NotAuthorizedException", "Invalid Access Token")
        if not found[2].enabled:
            raise AwsError("NotAuthorizedException", "User is disabled.")
        return found

    def _override(self, pool: Pool, client: Client, user: User, claims: dict[str, dict[str, Any]]) -> None:
        config = pool.setting("LambdaConfig")
        versioned = config.get("PreTokenGenerationConfig") or {}
        arn = versioned.get("LambdaArn") or config.get("PreTokenGeneration")
        if not arn:
            return
        version = versioned.get("LambdaVersion", "V1_0")
        event = token_event("TokenGeneration_Authentication", pool, client, user, version)
        try:
            response = self.functions.call(arn, event).get("response") or {}
        except TriggerFailed as failed:
            text = f"PreTokenGeneration failed with error {failed}."
            raise AwsError("UserLambdaValidationException", text) from failed
        for token, wanted in _wanted(version, response).items():
            claims[token].update(wanted.get("claimsToAddOrOverride") or {})
            for name in wanted.get("claimsToSuppress") or ():
                claims[token].pop(name, None)
        override = next(iter(response.values()), None) or {}
        groups = (override.get("groupOverrideDetails") or {}).get("groupsToOverride")
        if groups is not None:
            for token in claims.values():
                token["cognito:groups"] = groups


def _wanted(version: str, response: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """V1 speaks of the ID token alone, V2 of both: `pages.PRE_TOKEN`."""
    if version == "V1_0":
        return {"id": response.get("claimsOverrideDetails") or {}}
    both = response.get("claimsAndScopeOverrideDetails") or {}
    return {"id": both.get("idTokenGeneration") or {}, "access": both.get("accessTokenGeneration") or {}}


def jwt(claims: dict[str, Any]) -> str:
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"eyJhbGciOiJub25lIn0.{payload}.c2ln"


def claims_of(token: str) -> dict[str, Any]:
    payload = token.split(".")[1]
    return dict(json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))))
