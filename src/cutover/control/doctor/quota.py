"""The quota of sign-ins that the pools of one account and Region share."""

from __future__ import annotations

from collections.abc import Iterator

from cutover.control.doctor.facts import DoctorFacts
from cutover.control.doctor.findings import Finding

PER_SECOND = 120
"""UserAuthentication by default, of all pools of an account in a Region together; the account's own may have
been raised. https://docs.aws.amazon.com/cognito/latest/developerguide/quotas.html"""
NEAR = 0.5
"""From this share of the quota on, a busy hour is likely to meet it."""


def check(facts: DoctorFacts) -> Iterator[Finding]:
    if facts.old is None or facts.new is None or not all(facts.old.place):
        return
    shared = facts.old.place == facts.new.place
    if facts.peak is None:
        if shared:
            yield Finding(
                "quota_shared",
                "both pools share the quota of UserAuthentication",
                f"they are in one account and Region ({PER_SECOND} a second unless it was raised); a sign-in "
                "that brings somebody over counts twice. How many sign-ins there are, no metric says",
                "see the account's number in Service Quotas",
            )
        return
    each = 2 if shared else 1
    expected = facts.peak * each
    text = (
        f"at their most, {facts.peak:.1f} sign-ins a second were asked of the old pool in the last days; "
        f"if all of them came over, that is {expected:.1f} of {PER_SECOND} a second"
    )
    if expected >= PER_SECOND * NEAR:
        yield Finding(
            "quota_near",
            text,
            "the quota of UserAuthentication is shared by all pools of an account in a Region",
            "have it raised in Service Quotas, or begin with a small share of the users (RolloutPercent)",
            data={"peak": facts.peak, "expected": expected, "quota": PER_SECOND},
        )
    elif shared:
        yield Finding(
            "quota_shared",
            text,
            "both pools share that quota: a sign-in that brings somebody over counts twice",
            data={"peak": facts.peak, "expected": expected, "quota": PER_SECOND},
        )
