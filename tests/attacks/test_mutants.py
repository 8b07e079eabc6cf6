"""The machine can fail: a rule of each invariant, broken by another part handed over, is caught."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from moto import mock_aws

from cutover.aws.user_parts import Migration
from cutover.handlers import migrate_user
from cutover.users.decision_table import Decision, Stop
from cutover.users.ledger_rows import Offer, UserRow
from cutover.users.ports import Accepted, Challenged, Failed, OldPool, Profile, SignInReply
from tests.attacks.machine import Attack
from tests.attacks.setups import LEGACY
from tests.attacks.world import Deployment
from tests.canary import PASSWORD

HUNT = settings(
    max_examples=150,
    stateful_step_count=30,
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


class Part:
    """A real part, of which a subclass breaks one word."""

    def __init__(self, real: Any) -> None:
        self._real = real

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


def old_pool(mutant: Callable[[OldPool], Any]) -> Deployment:
    return Deployment(
        migration=lambda made: replace(made, parts=replace(made.parts, old=mutant(made.parts.old)))
    )


def ledger(mutant: Callable[[Any], Any]) -> Deployment:
    return Deployment(
        migration=lambda made: replace(made, parts=replace(made.parts, ledger=mutant(made.parts.ledger)))
    )


class BelievesAChallenge(Part):
    def sign_in(self, name: str, password: str) -> SignInReply:
        reply = self._real.sign_in(name, password)
        if not isinstance(reply, Challenged):
            return reply
        shown = self._real.profile(name)
        return Accepted(shown.sub) if isinstance(shown, Profile) else reply


class BelievesAnyPassword(Part):
    def sign_in(self, name: str, password: str) -> SignInReply:
        shown = self._real.profile(name)
        return Accepted(shown.sub) if isinstance(shown, Profile) else self._real.sign_in(name, password)


class CallsEverythingVerified(Part):
    def profile(self, name: str) -> Profile | Failed:
        shown = self._real.profile(name)
        if isinstance(shown, Failed):
            return shown
        return replace(shown, attributes={**shown.attributes, "email_verified": "true"})


class OverlooksWhoIsDisabled(Part):
    def profile(self, name: str) -> Profile | Failed:
        shown = self._real.profile(name)
        return shown if isinstance(shown, Failed) else replace(shown, enabled=True)


class ForgetsWhoIsConfirmed(Part):
    def row(self, old_sub: str) -> UserRow | None:
        row = self._real.row(old_sub)
        return row if row is not None and row.open else None

    def offer(self, offer: Offer) -> None:
        try:
            self._real.offer(offer)
        except Stop as stop:
            if stop.decision is not Decision.ALREADY_MIGRATED:
                raise


class ForgetsAReleaseIsToAReset(ForgetsWhoIsConfirmed):
    def row(self, old_sub: str) -> UserRow | None:
        row = self._real.row(old_sub)
        return row if row is None or row.done else None


class BindsNoName(Part):
    """Whoever was offered under one name may be offered under another too."""

    def row(self, old_sub: str) -> UserRow | None:
        row = self._real.row(old_sub)
        return None if row is not None and row.open else row

    def offer(self, offer: Offer) -> None:
        try:
            self._real.offer(offer)
        except Stop as stop:
            if stop.decision is not Decision.NAME_COLLISION:
                raise


class ConfirmsBeforeAnybodyIsThere(Part):
    """One phase: a lost answer locks its owner out."""

    def offer(self, offer: Offer) -> None:
        self._real.offer(offer)
        row = self._real.row(offer.old_sub)
        self._real.confirm(row, f"never-made-{offer.old_sub}", offer.offered_at)


class TakesAnybodyForTheOffered(Part):
    """Settling that does not look whose profile it is."""

    def profile(self, name: str) -> Profile | None:
        shown = self._real.profile(name)
        return shown and replace(shown, attributes=_WithAnySub(shown.attributes))


class _WithAnySub(dict[str, str]):
    def get(self, key: str, default: Any = None) -> Any:
        return _Anything() if key == LEGACY else super().get(key, default)


class _Anything(str):
    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return 0


class ReservesNothing(Part):
    def read(self, new_pool: str, wanted: Any) -> list[Any]:
        return []

    def named(self, name: str) -> None:
        return None

    def having(self, attribute: str, value: str) -> Iterator[Any]:
        yield from ()


def _blind(parts: Any) -> Any:
    return replace(parts, index=ReservesNothing(parts.index), old=ReservesNothing(parts.old))


def tells_names(made: Migration) -> Migration:
    return replace(made, label=lambda name: name)


def tells_passwords(made: Migration) -> Migration:
    """Into the world's ear alone: the run's own search for the canary would find it first."""

    def label(name: str) -> str:
        sys.stdout.write(PASSWORD)
        return made.label(name)

    return replace(made, label=label)


def answers_a_refusal_with_a_word(event: Any, context: Any, make: Any) -> Any:
    answer = migrate_user.handler(event, context, make)
    if not answer["response"].get("userAttributes"):
        return {**answer, "response": {**answer["response"], "reason": "wrong password"}}
    return answer


def raises_what_went_wrong(event: Any, context: Any, make: Any) -> Any:
    try:
        return migrate_user.handler(event, context, make)
    except Exception as fault:
        raise ValueError(f"the old pool did not answer for {event['userName']}") from fault


MUTANTS: Mapping[str, tuple[Deployment, str]] = {
    "a password is logged": (Deployment(migration=tells_passwords), "a password was told"),
    "a name is logged": (Deployment(migration=tells_names), "a user's name was told"),
    "a challenge counts as a yes": (old_pool(BelievesAChallenge), "came over wrongly"),
    "any password counts": (old_pool(BelievesAnyPassword), "came over wrongly"),
    "every address counts as verified": (old_pool(CallsEverythingVerified), "came over wrongly"),
    "who is disabled asks for a new password": (old_pool(OverlooksWhoIsDisabled), "came over wrongly"),
    "a confirmed user is offered again": (ledger(ForgetsWhoIsConfirmed), "came over again"),
    "a released user comes over with the old password": (
        ledger(ForgetsAReleaseIsToAReset),
        "came over without a reset",
    ),
    "a second name makes a second user": (ledger(BindsNoName), "two new profiles"),
    "a lost answer counts as a user": (ledger(ConfirmsBeforeAnybodyIsThere), "is locked out"),
    "a stranger's profile is confirmed": (
        Deployment(
            settling=lambda made: replace(
                made, look=replace(made.look, new=TakesAnybodyForTheOffered(made.look.new))
            )
        ),
        "a stranger was confirmed",
    ),
    "the guard sees no reservation": (
        Deployment(guarding=lambda made: replace(made, parts=_blind(made.parts))),
        "a stranger has",
    ),
    "a refusal says why": (Deployment(migrate=answers_a_refusal_with_a_word), "a refusal is not"),
    "a fault says what went wrong": (Deployment(migrate=raises_what_went_wrong), "did not answer for"),
}


WHERE: Mapping[str, dict[str, tuple[str, ...]]] = {
    "a challenge counts as a yes": {"kinds": ("authenticator", "temporary password")},
    "a second name makes a second user": {"setups": ("mail aliases to names",)},
    "a released user comes over with the old password": {"setups": ("names to names",)},
    "a stranger's profile is confirmed": {"setups": ("names to names",)},
}
"""Pools and people among whom a rule counts, where it counts among few: a hunt is short."""


@pytest.fixture(autouse=True)
def _ledger() -> Iterator[None]:
    with mock_aws():
        yield


@pytest.mark.slow
@pytest.mark.parametrize("mutant", sorted(MUTANTS))
def test_a_broken_rule_is_caught(mutant: str) -> None:
    deployment, complaint = MUTANTS[mutant]
    machine = type("Broken", (Attack,), {"deployment": deployment, **WHERE.get(mutant, {})})
    with pytest.raises(AssertionError, match=complaint):
        run_state_machine_as_test(machine, settings=HUNT)
