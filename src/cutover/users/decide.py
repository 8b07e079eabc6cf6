"""The migration trigger's algorithm, on one screen.

Somebody signs in (or asks for a new password) under a name that the new pool does not know. The old pool is
asked once; only a yes without reservations makes a confirmed user. The offer is in the ledger, and its
reminder in the queue, before Cognito is answered: a lost answer can be given again, and whoever was
confirmed never comes back through the old pool.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from cutover.users import events
from cutover.users.attributes import Carried, carry
from cutover.users.decision_table import (
    PROFILE_ERRORS,
    SECOND_FACTORS,
    SIGN_IN_ERRORS,
    Decision,
    Stop,
    decide_challenge,
    decide_error,
    decide_status,
)
from cutover.users.events import Attempt, Source
from cutover.users.ledger_rows import Offer, State
from cutover.users.names import Target, check_person, named_by, target
from cutover.users.ports import (
    Accepted,
    Challenged,
    Clock,
    Failed,
    Ledger,
    NewPool,
    OldPool,
    Profile,
    Reminders,
)
from cutover.users.settings import Settings
from cutover.users.settle import FIRST_DELAY
from cutover.users.write_rights import Rights, admissible

Proof = Accepted | Challenged | None
"""None: nothing was proven, as when a new password is asked for."""

LONGEST_PASSWORD = 256
SIGN_IN_SECONDS = 2.0
PROFILE_SECONDS = 1.0
OFFER_SECONDS = 0.5
"""Less than this left of the budget, and the step is not begun: Cognito would not wait for its end."""


@dataclass(frozen=True)
class Parts:
    """What the decision is made with. `seconds_left` is what remains of Cognito's five."""

    settings: Settings
    old: OldPool
    new: NewPool
    ledger: Ledger
    reminders: Reminders
    clock: Clock


@dataclass(frozen=True)
class Outcome:
    """A decision; `response` is Cognito's answer, None where the event goes back untouched."""

    decision: Decision
    response: dict[str, Any] | None = None
    cause: str = ""
    dropped: int = 0
    """How many attributes stayed behind."""


def decide(attempt: Attempt, parts: Parts, seconds_left: Callable[[], float]) -> Outcome:
    """Decide about one attempt. Never raises for what the world answered; see `Outcome.decision`."""
    try:
        _admit(attempt, parts.settings)
        proof = _prove(attempt, parts, seconds_left)
        profile = _profile(attempt, parts, seconds_left)
        _check(profile, proof)
        return _offer(attempt, proof, profile, parts, seconds_left)
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


def _prove(attempt: Attempt, parts: Parts, seconds_left: Callable[[], float]) -> Proof:
    """One attempt on the old pool; returns only where it proved the password, or half of it."""
    if attempt.source is Source.FORGOT_PASSWORD:
        return None
    if not 0 < len(attempt.password) <= LONGEST_PASSWORD:
        raise Stop(Decision.WRONG_PASSWORD)
    _in_time(seconds_left, SIGN_IN_SECONDS)
    reply = parts.old.sign_in(attempt.name, attempt.password)
    if isinstance(reply, Failed):
        raise Stop(decide_error(SIGN_IN_ERRORS, reply.code, reply.message, reply.http_status), reply.code)
    if isinstance(reply, Challenged) and not (parts.settings.accept_mfa and reply.name in SECOND_FACTORS):
        raise Stop(decide_challenge(reply.name), reply.name)
    return reply


def _profile(attempt: Attempt, parts: Parts, seconds_left: Callable[[], float]) -> Profile:
    """Asked once more where no answer came and time allows: unlike a sign-in, reading twice harms nobody."""
    _in_time(seconds_left, PROFILE_SECONDS)
    reply = parts.old.profile(attempt.name)
    if isinstance(reply, Failed) and _profile_error(reply) is Decision.OLD_POOL_UNAVAILABLE:
        _in_time(seconds_left, PROFILE_SECONDS)
        reply = parts.old.profile(attempt.name)
    if isinstance(reply, Failed):
        raise Stop(_profile_error(reply), reply.code)
    return reply


def _profile_error(reply: Failed) -> Decision:
    return decide_error(PROFILE_ERRORS, reply.code, reply.message, reply.http_status)


def _check(profile: Profile, proof: Proof) -> None:
    """The profile is of the person who proved the password, and in a state in which that counts."""
    if proof is not None:
        check_person(proof, profile)
    if not profile.enabled:
        raise Stop(Decision.DISABLED)
    decision = decide_status(profile.status)
    resettable = proof is None and decision is Decision.RESET_REQUIRED
    if decision is not Decision.MIGRATED and not resettable:
        raise Stop(decision, profile.status)
    if proof is None and profile.second_factors:
        raise Stop(Decision.MFA_REFUSED)


def _offer(
    attempt: Attempt, proof: Proof, profile: Profile, parts: Parts, seconds_left: Callable[[], float]
) -> Outcome:
    old, new, settings = parts.old.rules, parts.new.rules(), parts.settings
    named = named_by(attempt.name, profile, old, new)
    name = target(attempt.name, named, profile, old, new)
    carried = carry(
        profile,
        renames=settings.attribute_map,
        legacy_sub=settings.legacy_sub,
        old=old,
        new=new,
        admit=lambda names: admissible(
            names,
            lambda: _while_time(parts.new.write_rights(attempt.client_id), seconds_left),
            lambda: _while_time(parts.old.write_rights(), seconds_left),
        ),
    )
    proven = isinstance(proof, Accepted)
    if not proven and not carried.verified_contact:
        raise Stop(Decision.ATTRIBUTES_REFUSED, "nothing verified to send a code to")
    if name.needs and not carried.attributes.get(name.needs):
        raise Stop(Decision.ATTRIBUTES_REFUSED, f"sign-in name {name.needs} stays behind")
    _in_time(seconds_left, OFFER_SECONDS)
    parts.ledger.offer(_offered(attempt, proof, profile, name, carried, parts))
    parts.reminders.remind(profile.sub, 0, FIRST_DELAY)
    answer = dict(carried.attributes)
    if name.answered_username is not None:
        answer["username"] = name.answered_username
    response = events.proven(answer) if proven else events.reset(answer)
    return Outcome(Decision.MIGRATED, response, dropped=len(carried.dropped))


def _offered(
    attempt: Attempt, proof: Proof, profile: Profile, name: Target, carried: Carried, parts: Parts
) -> Offer:
    return Offer(
        old_sub=profile.sub,
        target_name=name.name,
        target_by=name.by,
        case_sensitive=name.case_sensitive,
        new_pool=parts.settings.new_pool_id,
        state=State.OFFERED if isinstance(proof, Accepted) else State.RESET_OFFERED,
        source=str(attempt.source),
        offered_at=int(parts.clock()),
        carried_sub_in=carried.old_sub_in,
        old_groups=_own_groups(proof, parts.settings.old_pool_id),
    )


def _own_groups(proof: Proof, old_pool: str) -> frozenset[str]:
    """The proven groups, but for the `<pool id>_<provider>` that Cognito makes for federated users.

    Source: https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-user-groups.html
    """
    groups = proof.groups if isinstance(proof, Accepted) else frozenset()
    return frozenset(name for name in groups if not name.startswith(f"{old_pool}_"))


def _while_time(clients: Iterator[Rights], seconds_left: Callable[[], float]) -> Iterator[Rights]:
    """A pool with very many clients is read over several sign-ins, each going on where the last stopped."""
    for rights in clients:
        yield rights
        _in_time(seconds_left, PROFILE_SECONDS)


def _in_time(seconds_left: Callable[[], float], needed: float) -> None:
    if seconds_left() < needed:
        raise Stop(Decision.OLD_POOL_UNAVAILABLE, "out of time")
