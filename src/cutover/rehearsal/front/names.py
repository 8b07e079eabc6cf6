"""Names without case: `pages.CASE`.

In a pool whose UsernameConfiguration says CaseSensitive=false, names are lower-cased before anything looks at
them, the events of triggers included. The emulator keeps names as they are typed, so the front folds them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_USERNAME_FILTER = re.compile(r'^("?username"?\s*\^?=\s*)"(.*)"$')


def folds(pool: Mapping[str, Any] | None) -> bool:
    return bool(pool) and (pool or {}).get("UsernameConfiguration", {}).get("CaseSensitive") is False


def folded(data: Mapping[str, Any]) -> dict[str, Any]:
    """The request with every name in it in lower case."""
    out = dict(data)
    if isinstance(out.get("Username"), str):
        out["Username"] = out["Username"].lower()
    for holder in ("AuthParameters", "ChallengeResponses"):
        parameters = out.get(holder)
        if isinstance(parameters, dict) and isinstance(parameters.get("USERNAME"), str):
            out[holder] = {**parameters, "USERNAME": parameters["USERNAME"].lower()}
    if isinstance(out.get("Filter"), str):
        out["Filter"] = _USERNAME_FILTER.sub(
            lambda found: f'{found[1]}"{found[2].lower()}"', out["Filter"].strip()
        )
    return out
