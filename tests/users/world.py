"""The trigger's pure core in a world of fakes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from cutover.users.decide import Outcome, Parts, decide
from cutover.users.events import Attempt, Source
from cutover.users.ledger_rows import State, UserRow
from cutover.users.ports import PoolRules, SchemaAttribute
from cutover.users.settings import Settings
from cutover.users.settle import Reminder, Settlement, SettleParts, settle
from tests.canary import PASSWORD
from tests.fakes.ledger import FakeLedger, FakeReminders, FakeRolloutSwitch
from tests.fakes.pools import FakeNewPool, FakeOldPool, Person, schema

OLD, NEW, LEGACY = "eu-west-1_old", "eu-west-1_new", "custom:old_sub"
SUB = "0a1b2c3d-0000-4000-8000-00000000000a"
OTHER_SUB = "0a1b2c3d-0000-4000-8000-00000000000c"
NEW_SUB = "0a1b2c3d-0000-4000-8000-00000000000b"
NOW = 1_700_000_000

SETTINGS = Settings(
    new_pool_id=NEW,
    ledger_table="ledger",
    settle_queue_url="queue",
    old_pool_id=OLD,
    old_client_id="old-client",
    legacy_sub=LEGACY,
)


def ann(**changes: Any) -> Person:
    """Ann, whose password is the canary and whose e-mail is verified."""
    attributes = {"email": "ann@example.com", "email_verified": "true"} | changes.pop("attributes", {})
    return Person(
        **{"username": "ann", "sub": SUB, "password": PASSWORD, "attributes": attributes, **changes}
    )


@dataclass
class World:
    """Two fake pools, a ledger, a queue, and a clock that stands still until it is moved."""

    settings: Settings = SETTINGS
    old: FakeOldPool = field(default_factory=lambda: FakeOldPool([ann()]))
    new: FakeNewPool = field(default_factory=FakeNewPool)
    ledger: FakeLedger = field(default_factory=FakeLedger)
    reminders: FakeReminders = field(default_factory=FakeReminders)
    rollout: FakeRolloutSwitch = field(default_factory=FakeRolloutSwitch)
    now: float = NOW
    seconds_left: Callable[[], float] = lambda: 4.5

    def __post_init__(self) -> None:
        self.new_pool()

    def new_pool(self, *attributes: SchemaAttribute, **rules: Any) -> None:
        """Describe the new pool anew; it always has room for the old sub."""
        self.new.described = PoolRules(schema=schema(SchemaAttribute(LEGACY), *attributes), **rules)

    def old_pool(self, **rules: Any) -> None:
        self.old.described = PoolRules(schema=schema(), **rules)

    def set(self, **changes: Any) -> None:
        self.settings = replace(self.settings, **changes)

    def parts(self) -> Parts:
        return Parts(
            self.settings,
            self.old,
            self.new,
            self.ledger,
            self.reminders,
            self.rollout,
            lambda: self.now,
        )

    def sign_in(self, name: str = "ann", password: str = PASSWORD, **changes: str) -> Outcome:
        return self._decide(Source.SIGN_IN, name, password, **changes)

    def forgot(self, name: str = "ann") -> Outcome:
        return self._decide(Source.FORGOT_PASSWORD, name, "")

    def come_over(self, name: str = "ann", state: State = State.CONFIRMED) -> None:
        """Somebody's whole way, to its end."""
        self.sign_in(name)
        self.ledger.rows[SUB] = replace(self.row, state=state, new_sub=NEW_SUB)

    def release(self) -> None:
        """As the operator's verb does."""
        assert self.ledger.release(self.row, int(self.now))

    def create(self, **changes: Any) -> Person:
        """Cognito makes the offered user in the new pool."""
        row = self.ledger.rows[SUB]
        attributes = {LEGACY: SUB, "email": "ann@example.com", "email_verified": "true"}
        made = Person(
            **{
                "username": row.target_name,
                "sub": NEW_SUB,
                "created_at": self.now + 1,
                "attributes": attributes,
                **changes,
            }
        )
        self.new.people.append(made)
        return made

    def settle(self, attempt: int = 0, old_sub: str = SUB) -> Settlement:
        parts = SettleParts(NEW, self.new, self.ledger, self.reminders, lambda: self.now)
        return settle(Reminder(old_sub, attempt), parts)

    @property
    def row(self) -> UserRow:
        return self.ledger.rows[SUB]

    def _decide(self, source: Source, name: str, password: str, **changes: str) -> Outcome:
        fields: dict[str, Any] = {"pool_id": NEW, "client_id": "new-client", **changes}
        attempt = Attempt(source=source, name=name, password=password, **fields)
        return decide(attempt, self.parts(), self.seconds_left)
