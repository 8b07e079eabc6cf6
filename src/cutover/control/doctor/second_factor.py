"""What becomes of second factors: the old pool's setting, the new pool's, and the stack's policy."""

from __future__ import annotations

from collections.abc import Iterator

from cutover.control.doctor.facts import DoctorFacts, PoolFacts
from cutover.control.doctor.findings import Finding


def check(facts: DoctorFacts) -> Iterator[Finding]:
    if facts.old is None or facts.new is None:
        return
    old, new = _setting(facts.old), _setting(facts.new)
    accepts = facts.deployment.parameter("MfaPolicy") == "accept"
    if old == "ON" and not accepts:
        yield Finding(
            "second_factor_refuses_all",
            "nobody will come over: the old pool asks everybody for a second factor",
            "the stack's parameter MfaPolicy is refuse, and there a password alone is not enough",
            "deploy with MfaPolicy accept: people come over and then set a new password by a code",
        )
    elif old == "OPTIONAL" and not accepts:
        yield Finding(
            "second_factor_refused",
            "old users who have a second factor will not come over",
            "the stack's parameter MfaPolicy is refuse",
            "deploy with MfaPolicy accept, or tell these people how to come over",
        )
    if old != "OFF" and accepts and new == "OFF":
        yield Finding(
            "second_factor_dropped",
            "people with a second factor come over to a pool that asks for none",
            "the new pool's MfaConfiguration is OFF",
            "switch it on, at least to OPTIONAL",
        )
    if new == "ON":
        yield Finding(
            "second_factor_asked",
            "the new pool asks everybody for a second factor: people set one up at their first sign-in",
            "secrets of authenticator apps and passkeys cannot be moved",
            "tell people beforehand",
        )


def _setting(pool: PoolFacts) -> str:
    """`OFF`, `OPTIONAL` or `ON`."""
    return str(pool.state.mfa.get("MfaConfiguration") or pool.settings.get("MfaConfiguration") or "OFF")
