"""What counts as a proof, and in which state of the old user it counts."""

from __future__ import annotations

from cutover.users.decision_table import (
    PROVEN,
    SECOND_FACTORS,
    SIGN_IN_ERRORS,
    TEMPORARY,
    UNPROVEN,
    Decision,
    Stop,
    counts,
    decide_challenge,
    decide_error,
    decide_status,
)
from cutover.users.events import Attempt, Source
from cutover.users.names import check_person
from cutover.users.parts import Parts, SecondsLeft, in_time
from cutover.users.ports import Accepted, Challenged, Failed, Profile
from cutover.users.settings import Settings

Proof = Accepted | Challenged | None
"""None: nothing is proven, as when a new password is asked for."""

SIGN_IN_SECONDS = 2.0


def prove(attempt: Attempt, name: str, parts: Parts, seconds_left: SecondsLeft) -> Proof:
    """One attempt on the old pool, by the `name` it knows the person under. Raises Stop."""
    if attempt.source is Source.FORGOT_PASSWORD:
        return None
    in_time(seconds_left, SIGN_IN_SECONDS)
    reply = parts.old.sign_in(name, attempt.password)
    if isinstance(reply, Failed):
        decision = decide_error(SIGN_IN_ERRORS, reply.code, reply.message, reply.http_status)
        if decision is Decision.RESET_REQUIRED and parts.settings.reset_required_comes_over:
            return None
        raise Stop(decision, reply.code)
    if isinstance(reply, Challenged) and not _comes_over(reply.name, parts.settings):
        raise Stop(decide_challenge(reply.name), reply.name)
    return reply


def check(proof: Proof, profile: Profile, settings: Settings) -> None:
    """The profile is of the person who proved the password, and in a state in which that counts."""
    if proof is not None:
        check_person(proof, profile)
    if not profile.enabled:
        raise Stop(Decision.DISABLED)
    challenge = proof.name if isinstance(proof, Challenged) else PROVEN if proof else UNPROVEN
    if not counts(challenge, profile.status):
        raise Stop(_why_not(profile.status), profile.status)
    half_proven = challenge == TEMPORARY and not settings.accept_mfa
    if profile.second_factors and (proof is None or half_proven):
        raise Stop(Decision.MFA_REFUSED)


def _comes_over(challenge: str, settings: Settings) -> bool:
    """Whether whoever got so far gets the reset answer."""
    if challenge == TEMPORARY:
        return settings.reset_temporary_password
    return settings.accept_mfa and challenge in SECOND_FACTORS


def _why_not(status: str) -> Decision:
    """A user who is no user of that challenge's is refused, however good the status is otherwise."""
    decision = decide_status(status)
    return Decision.IDENTITY_MISMATCH if decision is Decision.MIGRATED else decision
