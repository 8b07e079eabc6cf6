"""The migration trigger's algorithm, on one screen.

Somebody signs in (or asks for a new password) under a name that the new pool does not know. The old pool is
asked once; only a yes without reservations makes a confirmed user. The offer is in the ledger, and its
reminder in the queue, before Cognito is answered: a lost answer can be given again, and whoever came over
once never comes again through the old pool.
"""

from __future__ import annotations

from cutover.users.decision_table import PROFILE_ERRORS, Decision, Stop, decide_error
from cutover.users.events import Attempt, Source
from cutover.users.ledger_rows import FirstOwner, UserRow
from cutover.users.offering import OFFER_SECONDS, Person, make_offer
from cutover.users.old_names import Known, known_as
from cutover.users.parts import Outcome, Parts, SecondsLeft, in_time
from cutover.users.ports import Accepted, Failed, Profile
from cutover.users.proving import SIGN_IN_SECONDS, check, prove
from cutover.users.settings import Settings

__all__ = ["Outcome", "Parts", "decide"]

PROFILE_SECONDS = 1.0


def decide(attempt: Attempt, parts: Parts, seconds_left: SecondsLeft) -> Outcome:
    """Decide about one attempt. Never raises for what the world answered; see `Outcome.decision`."""
    try:
        _admit(attempt, parts.settings)
        in_time(seconds_left, SIGN_IN_SECONDS if attempt.source is Source.SIGN_IN else PROFILE_SECONDS)
        _check_open(parts)
        known = _known_as(attempt, parts)
        proof = prove(attempt, known.name, parts, seconds_left)
        proven_sub = proof.sub if isinstance(proof, Accepted) else None
        row = _standing(proven_sub, parts, seconds_left) if proven_sub else None
        profile = _profile(known.name, parts, seconds_left)
        check(proof, profile, parts.settings)
        known.check(profile)
        if not proven_sub:
            row = _standing(profile.sub, parts, seconds_left)
        return make_offer(attempt, Person(known, proof, profile, row), parts, seconds_left)
    except Stop as stop:
        return Outcome(stop.decision, cause=stop.cause)


def _admit(attempt: Attempt, settings: Settings) -> None:
    foreign_client = settings.allowed_clients and attempt.client_id not in settings.allowed_clients
    if attempt.source is None or attempt.pool_id != settings.new_pool_id or foreign_client:
        raise Stop(Decision.WRONG_POOL)
    if attempt.source is Source.FORGOT_PASSWORD and not settings.forgot_password:
        raise Stop(Decision.NOT_IN_ROLLOUT)
    if not attempt.possible_name:
        raise Stop(Decision.UNKNOWN_USER)
    if attempt.source is Source.SIGN_IN and not attempt.possible_password:
        raise Stop(Decision.WRONG_PASSWORD)


def _check_open(parts: Parts) -> None:
    """A rollout that was open a moment ago is looked at again beside the sign-in, not before it."""
    last = parts.rollout.last()
    if last is None or last.closed:
        parts.rollout.now().check_open()


def _known_as(attempt: Attempt, parts: Parts) -> Known:
    def look(kind: str, key: str) -> FirstOwner | None:
        return parts.ledger.first_owner(parts.settings.new_pool_id, kind, key)

    return known_as(attempt.name, parts.new.rules(), parts.old.rules, look)


def _standing(old_sub: str, parts: Parts, seconds_left: SecondsLeft) -> UserRow | None:
    """Where the person stands in the ledger. Raises Stop for whoever may not come yet, or came over."""
    parts.rollout.now().check(parts.settings.new_pool_id, old_sub)
    in_time(seconds_left, OFFER_SECONDS)
    row = parts.ledger.row(old_sub)
    if row is not None and row.done:
        raise Stop(Decision.ALREADY_MIGRATED)
    return row


def _profile(name: str, parts: Parts, seconds_left: SecondsLeft) -> Profile:
    """Asked once more where no answer came and time allows: unlike a sign-in, reading twice harms nobody."""
    in_time(seconds_left, PROFILE_SECONDS)
    reply = parts.old.profile(name)
    if isinstance(reply, Failed) and _profile_error(reply) is Decision.OLD_POOL_UNAVAILABLE:
        in_time(seconds_left, PROFILE_SECONDS)
        reply = parts.old.profile(name)
    if isinstance(reply, Failed):
        raise Stop(_profile_error(reply), reply.code)
    return reply


def _profile_error(reply: Failed) -> Decision:
    return decide_error(PROFILE_ERRORS, reply.code, reply.message, reply.http_status)
