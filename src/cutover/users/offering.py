"""What Cognito is answered, and what the ledger has to say before it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from cutover.users import events
from cutover.users.attributes import Carried, carry
from cutover.users.decision_table import Decision, Stop
from cutover.users.events import Attempt
from cutover.users.ledger_rows import Offer, State, UserRow, hour_of, name_key
from cutover.users.names import Target, named_by, target
from cutover.users.offered_user import CREATION_WINDOW
from cutover.users.old_names import Known, shareable
from cutover.users.parts import Outcome, Parts, SecondsLeft, in_time
from cutover.users.ports import Accepted, Profile
from cutover.users.proving import Proof
from cutover.users.settle import FIRST_DELAY
from cutover.users.write_rights import Rights, admissible

RIGHTS_SECONDS = 1.0
LOOK_SECONDS = 1.0
OFFER_SECONDS = 0.5
"""Less than this left of the budget, and the step is not begun: Cognito would not wait for its end."""


@dataclass(frozen=True)
class Person:
    """Whom the old pool showed us: how they were named, what they proved, and where they stand."""

    known: Known
    proof: Proof
    profile: Profile
    row: UserRow | None
    """Their row of the ledger; None for somebody of whom it knows nothing yet."""


def make_offer(attempt: Attempt, person: Person, parts: Parts, seconds_left: SecondsLeft) -> Outcome:
    """Offers the person to the new pool. Raises Stop for whoever cannot be offered."""
    old, new, profile = parts.old.rules, parts.new.rules(), person.profile
    named = named_by(attempt.name, profile, old, new, ours=person.known.owner is not None)
    name = target(attempt.name, named, profile, old, new)
    carried = _carried(attempt, profile, parts, seconds_left)
    proven = _counts_as_proven(attempt, person, carried, parts)
    if not proven and not carried.verified_contact:
        raise Stop(Decision.ATTRIBUTES_REFUSED, "nothing verified to send a code to")
    if name.needs and not carried.attributes.get(name.needs):
        raise Stop(Decision.ATTRIBUTES_REFUSED, f"sign-in name {name.needs} stays behind")
    _check_shared(carried, profile, parts)
    offer = _offer(
        attempt, person, name, carried, parts, state=State.OFFERED if proven else State.RESET_OFFERED
    )
    offer = _moved(offer, person.row, parts, seconds_left)
    in_time(seconds_left, OFFER_SECONDS)
    if person.proof is None:
        _count_unproven(person.row, parts)
    parts.ledger.offer(offer)
    parts.reminders.remind(profile.sub, 0, FIRST_DELAY)
    return Outcome(
        Decision.MIGRATED, _answer(name, carried, profile, parts, proven=proven), dropped=len(carried.dropped)
    )


def _carried(attempt: Attempt, profile: Profile, parts: Parts, seconds_left: SecondsLeft) -> Carried:
    return carry(
        profile,
        renames=parts.settings.attribute_map,
        legacy_sub=parts.settings.legacy_sub,
        old=parts.old.rules,
        new=parts.new.rules(),
        admit=lambda names: admissible(
            names,
            lambda: _while_time(parts.new.write_rights(attempt.client_id), seconds_left),
            lambda: _while_time(parts.old.write_rights(), seconds_left),
        ),
    )


def _counts_as_proven(attempt: Attempt, person: Person, carried: Carried, parts: Parts) -> bool:
    """Whether the user is created with the password; else it has to be reset.

    A weak password is kept where nothing verified comes over: without a way to a code it is the only way in.
    """
    if not isinstance(person.proof, Accepted) or (person.row is not None and person.row.reset_only):
        return False
    kept = not parts.settings.reset_weak_password or not carried.verified_contact
    return kept or parts.new.rules().password.takes(attempt.password)


def _answer(
    name: Target, carried: Carried, profile: Profile, parts: Parts, *, proven: bool
) -> dict[str, Any]:
    attributes = dict(carried.attributes)
    if name.answered_username is not None:
        attributes["username"] = name.answered_username
    reached = attributes.get("phone_number_verified") == "true"
    by_sms = profile.by_sms and reached and parts.new.rules().sms_factor
    return (events.proven if proven else events.reset)(attributes, by_sms=by_sms)


def _offer(
    attempt: Attempt, person: Person, name: Target, carried: Carried, parts: Parts, *, state: State
) -> Offer:
    return Offer(
        old_sub=person.profile.sub,
        target_name=name.name,
        target_by=name.by,
        case_sensitive=name.case_sensitive,
        new_pool=parts.settings.new_pool_id,
        state=state,
        source=str(attempt.source),
        offered_at=int(parts.clock()),
        carried_sub_in=carried.old_sub_in,
        old_groups=_own_groups(person.proof, parts.settings.old_pool_id),
    )


def _own_groups(proof: Proof, old_pool: str) -> frozenset[str]:
    """The proven groups, but for the `<pool id>_<provider>` that Cognito makes for federated users.

    Source: https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-user-groups.html
    """
    groups = proof.groups if isinstance(proof, Accepted) else frozenset()
    return frozenset(name for name in groups if not name.startswith(f"{old_pool}_"))


def _check_shared(carried: Carried, profile: Profile, parts: Parts) -> None:
    """What two old users have in common and one new user can have belongs to the one who was created first.

    Once that one came over, the new pool itself knows whose it is by now. Raises Stop `alias_taken`.
    """
    new = parts.new.rules()
    held = [kind for kind in new.sign_in_attributes if carried.attributes.get(kind)]
    for kind in shareable(new, parts.old.rules()) if held else ():
        key = name_key(carried.attributes.get(kind, ""), case_sensitive=False)
        owner = parts.ledger.first_owner(parts.settings.new_pool_id, kind, key) if key else None
        if owner is not None and owner.sub != profile.sub:
            row = parts.ledger.row(owner.sub)
            if row is None or not row.done:
                raise Stop(Decision.ALIAS_TAKEN, kind)


def _moved(offer: Offer, row: UserRow | None, parts: Parts, seconds_left: SecondsLeft) -> Offer:
    """An open offer goes over to another name of the same person once it is plain that nothing came of it.

    Cognito may act on an answer that was lost for as long as it tries; after that a user whom the new pool
    does not show was not created. While one may be there, a second name would be a second account; and so
    would the first name be, if the user was seen there and has given it up since.
    """
    if row is None or not row.open or row.new_pool != offer.new_pool:
        return offer
    if row.seen_sub:
        in_time(seconds_left, LOOK_SECONDS)
        if parts.new.profile(row.seen_sub):
            raise Stop(Decision.ALREADY_MIGRATED, "in the new pool under another name")
    if _key(row) == _key(offer):
        return offer
    in_time(seconds_left, LOOK_SECONDS)
    if parts.clock() <= row.last_offered_at + CREATION_WINDOW or parts.new.profile(row.target_name):
        raise Stop(Decision.NAME_COLLISION, "offered under another name")
    return replace(offer, previous=row)


def _key(named: Offer | UserRow) -> str:
    return name_key(named.target_name, case_sensitive=named.case_sensitive)


def _count_unproven(row: UserRow | None, parts: Parts) -> None:
    """Anybody can have anybody offered a reset. The same person counts once an hour."""
    now = parts.clock()
    if row is not None and row.state == State.RESET_OFFERED and hour_of(row.last_offered_at) == hour_of(now):
        return
    settings = parts.settings
    if not parts.ledger.count_unproven(settings.new_pool_id, int(now), settings.forgot_password_per_hour):
        raise Stop(Decision.CAPPED)


def _while_time(clients: Iterator[Rights], seconds_left: SecondsLeft) -> Iterator[Rights]:
    """A pool with very many clients is read over several sign-ins, each going on where the last stopped."""
    for rights in clients:
        yield rights
        in_time(seconds_left, RIGHTS_SECONDS)
