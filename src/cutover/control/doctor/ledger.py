"""What the guard's reservation index knows."""

from __future__ import annotations

from collections.abc import Iterator

from cutover.control.doctor.facts import DoctorFacts
from cutover.control.doctor.findings import Finding

OLD_AFTER_DAYS = 14
_DAY = 86_400


def check(facts: DoctorFacts) -> Iterator[Finding]:
    attached = facts.attachment is not None and facts.attachment.open
    if not facts.index_read or not (attached and facts.guarded):
        return
    index = facts.index
    if index is None:
        yield Finding(
            "index_missing",
            "the sign-up guard has no reservation index",
            "attach builds it; each sign-up now depends on the old pool's answer alone",
            "build it: run attach again",
            ("attach",),
        )
    elif index.built_at is None:
        yield Finding(
            "index_building",
            "the reservation index is not complete",
            f"it was begun {_days(facts.at - index.started_at)} ago and never finished",
            "run attach again: it goes on where it was",
            ("attach",),
        )
    elif facts.at - index.built_at > OLD_AFTER_DAYS * _DAY:
        yield Finding(
            "index_old",
            f"the reservation index is {_days(facts.at - index.built_at)} old",
            "users who are newer than it are looked up in the old pool, one call a sign-up",
            "build it anew: run attach again",
            ("attach",),
        )


def _days(seconds: int) -> str:
    return f"{seconds // _DAY} days" if seconds >= 2 * _DAY else f"{max(seconds, 0) // 3600} hours"
