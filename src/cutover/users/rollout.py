"""Who may come over yet: the operator's share of the users, and the switch that stops everybody.

A person's place in the rollout is a stable hash of the old sub, for it is the one thing that stays the same
whichever name is typed: a name, an e-mail and a phone number of one person get one answer. The price is that
somebody outside the share costs the old pool a sign-in before we know who that is; nothing is read or written
for them beyond it, and a closed rollout (0 percent, or paused) asks the old pool nothing at all. Nobody can
choose a place: subs are made by Cognito. A greater share holds everybody whom the smaller one held.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cutover.users.decision_table import Decision, Stop

EVERYBODY = 100
_PLACES = 1 << 64


@dataclass(frozen=True)
class Rollout:
    """`percent` of the users may come over, unless it is paused: then nobody, and `paused` is the reason."""

    percent: int
    paused: str | None = None

    @property
    def closed(self) -> bool:
        """Nobody may come over, whoever it is."""
        return self.paused is not None or self.percent <= 0

    def check_open(self) -> None:
        """Raises Stop where it is closed."""
        if self.paused is not None:
            raise Stop(Decision.PAUSED)
        if self.closed:
            raise Stop(Decision.NOT_IN_ROLLOUT)

    def check(self, new_pool: str, old_sub: str) -> None:
        """Raises Stop where this person may not come over yet."""
        self.check_open()
        if place(new_pool, old_sub) >= self.percent / EVERYBODY:
            raise Stop(Decision.NOT_IN_ROLLOUT)


def place(new_pool: str, old_sub: str) -> float:
    """Where a person stands between 0 and 1; another migration draws anew."""
    digest = hashlib.sha256(f"{new_pool}#{old_sub}".encode(errors="replace")).digest()
    return int.from_bytes(digest[:8]) / _PLACES


def rollout_key(new_pool: str) -> dict[str, dict[str, str]]:
    return {"pk": {"S": f"control#{new_pool}"}, "sk": {"S": "rollout"}}


def read_rollout(item: Mapping[str, Mapping[str, Any]], percent: int) -> Rollout:
    """The row of a typed attribute map; `percent` is the deployment's, where the row names none."""
    return Rollout(int(item.get("percent", {}).get("N", percent)), item.get("paused", {}).get("S"))
