"""Whose tokens these are, and of which groups.

The pool itself handed them over TLS in reply to our call: nothing is verified.
"""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any


def subject(*tokens: object) -> str | None:
    """The `sub` that all of these JWTs name, absent ones aside; None for none, or where they disagree."""
    subs = {_sub(token) for token in tokens if token}
    return subs.pop() if len(subs) == 1 else None


def groups(id_token: object) -> frozenset[str]:
    """The groups that an ID token names; none where it is no token or the claim is no list of names.

    Source: https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-id-token.html
    """
    named = _claims(id_token).get("cognito:groups")
    if not isinstance(named, list) or not all(isinstance(name, str) and name for name in named):
        return frozenset()
    return frozenset(named)


def _sub(token: object) -> str | None:
    sub = _claims(token).get("sub")
    return sub if isinstance(sub, str) and sub else None


def _claims(token: object) -> dict[str, Any]:
    """Empty for what is no token."""
    parts = token.split(".") if isinstance(token, str) else []
    if len(parts) != 3:
        return {}
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (binascii.Error, ValueError):
        return {}
    return claims if isinstance(claims, dict) else {}
