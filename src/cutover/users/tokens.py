"""Whose tokens these are. The pool itself handed them over TLS in reply to our call: nothing is verified."""

from __future__ import annotations

import base64
import binascii
import json


def subject(*tokens: object) -> str | None:
    """The `sub` that all of these JWTs name, absent ones aside; None for none, or where they disagree."""
    subs = {_sub(token) for token in tokens if token}
    return subs.pop() if len(subs) == 1 else None


def _sub(token: object) -> str | None:
    parts = token.split(".") if isinstance(token, str) else []
    if len(parts) != 3:
        return None
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (binascii.Error, ValueError):
        return None
    sub = claims.get("sub") if isinstance(claims, dict) else None
    return sub if isinstance(sub, str) and sub else None
