"""The PreTokenGeneration event: for whom tokens are about to be made, and what we add to the answer.

Version 1 changes the ID token (and the groups of both), versions 2 and 3 either token.
Source: https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-pre-token-generation.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

V1, V2 = "claimsOverrideDetails", "claimsAndScopeOverrideDetails"
_ADD = "claimsToAddOrOverride"
_GROUPS = "groupOverrideDetails"


@dataclass(frozen=True)
class TokenRequest:
    """A user of the new pool gets tokens. `new_sub` is empty where no user does (client credentials)."""

    pool_id: str
    new_sub: str
    username: str = field(repr=False)
    attributes: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True)
class Claims:
    """What the ledger knows of a user: the old sub, and the groups that they are not in yet."""

    old_sub: str = ""
    groups: frozenset[str] = frozenset()


NO_CLAIMS = Claims()


def read_token_request(event: object) -> TokenRequest:
    """The event in our words; whatever is missing or of another type is empty."""
    attributes = {
        name: value
        for name, value in _map(_map(event, "request"), "userAttributes").items()
        if isinstance(value, str)
    }
    return TokenRequest(
        pool_id=_text(event, "userPoolId"),
        new_sub=attributes.get("sub", ""),
        username=_text(event, "userName"),
        attributes=attributes,
    )


def add_claims(event: Mapping[str, Any], response: object, claims: Claims, claim: str | None) -> object:
    """`response` with ours added to it. What it says already counts more, so that the application's own
    function has the last word: over a claim of the same name, and over the groups where it names any."""
    if claims == NO_CLAIMS or not (response is None or isinstance(response, Mapping)):
        return response
    answer = dict(response or {})
    member = V2 if _is_v2(event) else V1
    details = answer.get(member)
    if not (details is None or isinstance(details, Mapping)):
        return response
    ours = dict(details or {})
    if claim and claims.old_sub:
        _name_old_sub(ours, member, {claim: claims.old_sub})
    if claims.groups and _GROUPS not in ours:
        ours[_GROUPS] = _groups(event, claims.groups)
    return {**answer, member: ours} if ours != (details or {}) else response


def _is_v2(event: Mapping[str, Any]) -> bool:
    """Versions 2 and 3 bring the scopes and an answer of the wider form, whatever their number says."""
    answer, request = _map(event, "response"), _map(event, "request")
    return V2 in answer or "scopes" in request or str(event.get("version", "1")) not in {"", "1"}


def _name_old_sub(details: dict[str, Any], member: str, ours: Mapping[str, str]) -> None:
    if member == V1:
        details[_ADD] = {**ours, **_map(details, _ADD)}
        return
    for token in ("idTokenGeneration", "accessTokenGeneration"):
        generation = _map(details, token)
        details[token] = {**generation, _ADD: {**ours, **_map(generation, _ADD)}}


def _groups(event: Mapping[str, Any], names: frozenset[str]) -> dict[str, Any]:
    """Those that the user is in, then ours. The roles stay those of the groups that the user is in."""
    found = _map(event, "request").get("groupConfiguration")
    if isinstance(found, list):  # as AWS's page shows it; real events hold an object
        found = found[0] if found else {}
    shown = found if isinstance(found, Mapping) else {}
    current = {name: value for name, value in shown.items() if value is not None}
    held = [name for name in current.get("groupsToOverride") or () if isinstance(name, str)]
    return {**current, "groupsToOverride": [*held, *sorted(names - set(held))]}


def _map(node: object, name: str) -> Mapping[str, Any]:
    value = node.get(name) if isinstance(node, Mapping) else None
    return value if isinstance(value, Mapping) else {}


def _text(node: object, name: str) -> str:
    value = node.get(name) if isinstance(node, Mapping) else None
    return value if isinstance(value, str) else ""
