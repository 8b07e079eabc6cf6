"""Who may sign up while people come over, and whose names are then at stake."""

from __future__ import annotations

from collections.abc import Iterator

from cutover.control.doctor.facts import DoctorFacts, PoolFacts
from cutover.control.doctor.findings import Finding, of_refusal
from cutover.control.takeover_checks import OldSignUp, changeable_names, refuse_old_sign_up


def check(facts: DoctorFacts) -> Iterator[Finding]:
    if facts.new is not None and open_to_all(facts.new) and not facts.guarded:
        yield Finding(
            "sign_up_unguarded",
            "anybody may sign up in the new pool, and no guard of ours is attached",
            "a stranger can take an old user's name, e-mail or phone number before its owner comes over",
            "attach the sign-up guard, or close self sign-up of the new pool (AllowAdminCreateUserOnly)",
            ("attach", "--dry-run"),
        )
    if facts.old is not None:
        open_old = refuse_old_sign_up(OldSignUp(open_to_all(facts.old)))
        if open_old:
            yield of_refusal(open_old)
    if facts.new is not None and facts.new.clients is not None:
        yield from (of_refusal(one) for one in changeable_names(facts.new.settings, facts.new.clients))


def open_to_all(pool: PoolFacts) -> bool:
    return not (pool.settings.get("AdminCreateUserConfig") or {}).get("AllowAdminCreateUserOnly", False)
