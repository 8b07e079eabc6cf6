"""The sign-up guard's algorithm, on one screen.

Whoever signs up in the new pool under something that an old user goes by would keep the owner out, and get
what is sent there. Names and subs of old users are nobody else's for ever; an e-mail, a phone number and a
preferred user name until every owner came over, for from then on the new pool itself knows whose they are.
The index answers for all users who were there when it was built, the old pool for those who came later.

A rollout and the kill switch say who may come over. They open no name to strangers, so they are not asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from cutover.users.decision_table import Decision, Stop
from cutover.users.guard_ports import GuardParts
from cutover.users.in_flight import is_in_flight
from cutover.users.lookups import lookups_of
from cutover.users.parts import SecondsLeft, in_time
from cutover.users.reservations import (
    Kind,
    Reservation,
    every_kind_of,
    folded,
    merged,
    reservations_of,
)
from cutover.users.sign_ups import SignUp, Source

LOOK_UP_SECONDS = 1.0
"""Less than this left of the budget, and no look-up is begun: Cognito would not wait for its end."""
OUTAGES = frozenset({Decision.OLD_POOL_THROTTLED, Decision.OLD_POOL_UNAVAILABLE})


class Reason(StrEnum):
    """Why a sign-up passed or did not: the vocabulary of the log and of the metric's dimension."""

    FREE = "free"
    ADMINISTRATOR = "administrator"
    MIGRATION = "migration"
    NOT_ASKED = "not_asked"
    NAME = "name"
    CONTACT = "contact"
    LOOK_ALIKE = "look_alike"
    OLD_SUB = "old_sub"
    WRONG_POOL = "wrong_pool"
    UNREADABLE = "unreadable"
    UNAVAILABLE = "unavailable"


_PASSES = frozenset({Reason.FREE, Reason.ADMINISTRATOR, Reason.MIGRATION, Reason.NOT_ASKED})
_VERIFIES_NOBODY = frozenset({Reason.ADMINISTRATOR, Reason.MIGRATION})


@dataclass(frozen=True)
class Ruling:
    reason: Reason
    cause: str = ""
    """An error code or a word of ours, where the old pool or the ledger did not answer."""

    @property
    def passes(self) -> bool:
        return self.reason in _PASSES

    @property
    def verifies_nobody(self) -> bool:
        """Whether a chained function's wish to confirm or verify is ignored: the old pool never said so."""
        return self.reason in _VERIFIES_NOBODY


def guard(sign_up: SignUp, parts: GuardParts, seconds_left: SecondsLeft) -> Ruling:
    """Rule on one sign-up. Never raises for what the world answered; see `Ruling.reason`."""
    try:
        return Ruling(_admit(sign_up, parts) or _free(sign_up, parts, seconds_left))
    except _NotAsked as unasked:
        return Ruling(Reason.NOT_ASKED, unasked.cause)
    except Stop as stop:
        return Ruling(Reason.UNAVAILABLE, stop.cause or str(stop.decision))


def _admit(sign_up: SignUp, parts: GuardParts) -> Reason | None:
    """What decides without a look at names; None where nothing does."""
    settings = parts.settings.users
    if sign_up.pool_id != settings.new_pool_id:
        return Reason.WRONG_POOL
    if not sign_up.name:
        return Reason.UNREADABLE
    if sign_up.source is Source.ADMINISTRATOR:
        return Reason.ADMINISTRATOR
    if settings.legacy_sub is None or settings.legacy_sub not in sign_up.attributes:
        return None
    row = parts.ledger.row(sign_up.attributes[settings.legacy_sub])
    if (
        row is not None
        and is_in_flight(sign_up, row, settings, parts.clock())
        and parts.ledger.use_offer(row)
    ):
        return Reason.MIGRATION
    return Reason.OLD_SUB


def _free(sign_up: SignUp, parts: GuardParts, seconds_left: SecondsLeft) -> Reason:
    """What the index says against whom a provider brings waits for the old pool: it may know them better."""
    wanted = list(dict.fromkeys(one for value in sign_up.values for one in every_kind_of(value)))
    reserved = parts.index.read(parts.settings.users.new_pool_id, wanted)
    in_the_way = _in_the_way(sign_up, reserved, parts)
    if in_the_way is not None and sign_up.source is not Source.PROVIDER:
        return in_the_way
    try:
        seen = _look_up(sign_up, parts, seconds_left)
    except Stop as stop:
        if in_the_way is not None:
            return in_the_way
        if parts.settings.allow_on_outage and stop.decision in OUTAGES:
            raise _NotAsked(stop) from None
        raise
    asked = {(kind, folded(kind, value)) for kind, value in wanted}
    newer = [one for one in seen if (one.kind, one.key) in asked]
    return _in_the_way(sign_up, merged([*reserved, *newer]), parts) or Reason.FREE


def _look_up(sign_up: SignUp, parts: GuardParts, seconds_left: SecondsLeft) -> list[Reservation]:
    """What the old pool's users of these values reserve, those included whom the index does not know."""
    found: list[Reservation] = []
    for look_up in lookups_of(sign_up):
        in_time(seconds_left, LOOK_UP_SECONDS)
        for page in look_up(parts.old):
            found += [one for user in page for one in reservations_of(user)]
            in_time(seconds_left, LOOK_UP_SECONDS)
    return found


def _in_the_way(sign_up: SignUp, reserved: Sequence[Reservation], parts: GuardParts) -> Reason | None:
    himself = _returning(sign_up, reserved)
    others = [one for one in reserved if not himself & one.owners]
    for one in others:
        if not one.kind.until_confirmed:
            return Reason.LOOK_ALIKE if one.kind is Kind.LOOK_ALIKE else Reason.NAME
    owners = frozenset[str]().union(*(one.owners for one in others))
    if any(one.crowded for one in others) or owners - parts.ledger.settled(owners):
        return Reason.CONTACT
    return None


def _returning(sign_up: SignUp, reserved: Iterable[Reservation]) -> frozenset[str]:
    """The old user whom an identity provider brings again, by sub: what was his there is not in his way.

    What belongs to others there still is: a provider that says another e-mail than it did in the old pool
    gets nobody else's.
    """
    if sign_up.source is not Source.PROVIDER:
        return frozenset()
    key = folded(Kind.NAME, sign_up.name)
    for one in reserved:
        if one.kind is Kind.NAME and one.key == key and one.owners == one.federated:
            return one.owners
    return frozenset()


class _NotAsked(Exception):
    """The old pool did not answer, and the operator said that sign-ups go on."""

    def __init__(self, stop: Stop) -> None:
        super().__init__()
        self.cause = stop.cause or str(stop.decision)
