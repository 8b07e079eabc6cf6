"""Who may sign up while people come over, and whose names are then at stake."""

from __future__ import annotations

from collections.abc import Iterator

from cutover.control.doctor.facts import DoctorFacts, PoolFacts
from cutover.control.doctor.findings import Finding


def check(facts: DoctorFacts) -> Iterator[Finding]:
    if facts.new is not None and open_to_all(facts.new) and not facts.guarded:
        yield Finding(
            "sign_up_unguarded",
            "anybody may sign up in the new pool, and no guard of ours is attached",
            "a stranger can take an old user's name, e-mail or phone number before its owner comes over",
            "attach the sign-up guard, or close self sign-up of the new pool (AllowAdminCreateUserOnly)",
            ("attach", "--dry-run"),
        )
    if facts.old is not None and open_to_all(facts.old):
        yield Finding(
            "old_sign_up_open",
            "people may still sign up in the old pool",
            "who signs up there is newer than everything that was compared, and has to come over, too",
            "close self sign-up of the old pool (AllowAdminCreateUserOnly) when the new one takes sign-ups",
        )


def open_to_all(pool: PoolFacts) -> bool:
    return not (pool.settings.get("AdminCreateUserConfig") or {}).get("AllowAdminCreateUserOnly", False)
