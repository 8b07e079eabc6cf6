"""The sign-up guard's pure core in a world of fakes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from cutover.control.taken_names import PoolUser
from cutover.users.guard import Reason, Ruling, guard
from cutover.users.guard_ports import GuardParts
from cutover.users.guard_settings import GuardSettings
from cutover.users.ledger_rows import Offer, State
from cutover.users.reservations import reservations_of
from cutover.users.sign_ups import SignUp, Source
from tests.fakes.guarding import FakeDirectory, FakeGuardLedger
from tests.fakes.reservation_index import FakeIndex
from tests.users.world import LEGACY, NEW, NOW, OTHER_SUB, SETTINGS, SUB

ANN = PoolUser(
    "ann",
    SUB,
    "CONFIRMED",
    {"email": "ann@example.com", "phone_number": "+491701", "preferred_username": "annie"},
    1.0,
)
BOB = PoolUser("bob", OTHER_SUB, "CONFIRMED", {"email": "ann@example.com"}, 2.0)
GOOGLE_ANN = PoolUser("Google_7", "g-7", "EXTERNAL_PROVIDER", {"email": "ann.g@example.com"}, 3.0)


def person(user: PoolUser, **changes: Any) -> PoolUser:
    values = {
        "name": user.name,
        "sub": user.sub,
        "status": user.status,
        "attributes": user.attributes,
        "created_at": user.created_at,
    }
    return PoolUser(**{**values, **changes})


@dataclass
class GuardWorld:
    """Nobody in the index and nobody in the old pool, until a test says so."""

    index: FakeIndex = field(default_factory=FakeIndex)
    ledger: FakeGuardLedger = field(default_factory=FakeGuardLedger)
    old: FakeDirectory = field(default_factory=FakeDirectory)
    allow_on_outage: bool = False
    now: float = NOW
    seconds_left: Callable[[], float] = lambda: 4.5

    def indexed(self, *users: PoolUser) -> GuardWorld:
        for user in users:
            for mine in reservations_of(user):
                self.index.reserve(NEW, mine, spent=lambda _: None)
        return self

    def newer(self, *users: PoolUser, **rules: Any) -> GuardWorld:
        """Users whom only the old pool knows."""
        self.old = FakeDirectory([*self.old.people, *users], **rules)
        return self

    def offered(self, user: PoolUser = ANN, **changes: Any) -> Offer:
        fields: dict[str, Any] = {
            "old_sub": user.sub,
            "target_name": user.name,
            "target_by": "username",
            "case_sensitive": False,
            "new_pool": NEW,
            "state": State.OFFERED,
            "source": "sign_in",
            "offered_at": int(self.now),
            "carried_sub_in": LEGACY,
        }
        offer = Offer(**{**fields, **changes})
        self.ledger.users.offer(offer)
        return offer

    def came_over(self, *users: PoolUser) -> GuardWorld:
        for user in users:
            self.offered(user)
            assert self.ledger.users.confirm(self.ledger.users.rows[user.sub], f"new-{user.sub}", NOW)
        return self

    def rule(
        self, name: str = "zoe", source: Source | None = Source.SIGN_UP, pool: str = NEW, **attributes: str
    ) -> Ruling:
        named = {key.replace("__", ":"): value for key, value in attributes.items()}
        parts = GuardParts(
            GuardSettings(SETTINGS, allow_on_outage=self.allow_on_outage),
            self.index,
            self.ledger,
            self.old,
            lambda: self.now,
        )
        return guard(SignUp(source, pool, name, named), parts, self.seconds_left)

    def reason(self, *arguments: Any, **attributes: str) -> Reason:
        return self.rule(*arguments, **attributes).reason
