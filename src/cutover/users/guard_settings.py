"""What the sign-up guard is told beside what the trigger is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cutover.users.environment import choice, optional
from cutover.users.settings import Settings, read_settings
from cutover.users.sign_ups import GUARD_TEXT


@dataclass(frozen=True)
class GuardSettings:
    users: Settings
    allow_on_outage: bool = False
    chained_arn: str | None = None
    """The PreSignUp function that the pool had before, which runs after the guard."""


def read_guard_settings(environ: Mapping[str, str]) -> GuardSettings:
    """Raises UsageError, naming the variable, for a setting that is missing or cannot be understood."""
    return GuardSettings(
        users=read_settings(environ),
        allow_on_outage=choice(environ, "GUARD_ON_OUTAGE", no="refuse", yes="allow"),
        chained_arn=optional(environ, "CHAINED_PRE_SIGN_UP_ARN"),
    )


def read_guard_text(environ: Mapping[str, str]) -> str:
    """What a refused sign-up is told. It is read by itself: a wrong setting elsewhere must not change it."""
    return optional(environ, "GUARD_TEXT") or GUARD_TEXT
