"""How a log line names a user: a short keyed hash, which tells nothing without the key."""

from __future__ import annotations

import hashlib
import hmac

from cutover.users.ledger_rows import name_key

_HEX_DIGITS = 16


def label(key: bytes, name: str) -> str:
    """The label of a name, in any case of its letters."""
    folded = name_key(name, case_sensitive=False)
    return hmac.digest(key, folded.encode(errors="replace"), hashlib.sha256).hex()[:_HEX_DIGITS]
