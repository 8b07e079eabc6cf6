"""Groups of two pools and the ledger's rows about them in memory, held to the contracts of the real ones."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from cutover.users.claims import Known
from cutover.users.decision_table import Decision, Stop
from cutover.users.group_ports import Creation, Group
from cutover.users.group_rows import By, GroupRow, Membership
from cutover.users.ledger_rows import State, UserRow
from tests.fakes.ledger import FakeLedger


@dataclass
class FakeOldGroups:
    """`members` by old sub."""

    members: dict[str, list[Group]] = field(default_factory=dict)
    fault: Stop | None = None

    def of(self, old_sub: str) -> Sequence[Group]:
        if self.fault is not None:
            raise self.fault
        return tuple(self.members.get(old_sub, ()))


@dataclass
class FakeNewGroups:
    """`members` are (sub, group). `before` runs before a call of that name: what happens in between."""

    clock: Callable[[], float]
    groups: dict[str, Group] = field(default_factory=dict)
    members: set[tuple[str, str]] = field(default_factory=set)
    subs: set[str] = field(default_factory=set)
    passes_roles: bool = True
    before: dict[str, Callable[[], None]] = field(default_factory=dict)
    after: dict[str, Callable[[], None]] = field(default_factory=dict)

    def group(self, name: str) -> Group | None:
        self._run(self.before, "group")
        return self.groups.get(name)

    def create(self, group: Group) -> Creation:
        self._run(self.before, "create")
        if group.role_arn and not self.passes_roles:
            return Creation.ROLE_REFUSED
        if group.name in self.groups:
            return Creation.EXISTS
        self.groups[group.name] = replace(group, created_at=self.clock())
        self._run(self.after, "create")
        return Creation.MADE

    def join(self, new_sub: str, name: str) -> bool:
        self._run(self.before, "join")
        if name not in self.groups:
            return False
        if new_sub not in self.subs:
            raise Stop(Decision.MISCONFIGURED, "new pool's groups UserNotFoundException")
        self.members.add((new_sub, name))
        self._run(self.after, "join")
        return True

    def _run(self, hooks: dict[str, Callable[[], None]], name: str) -> None:
        """Each hook runs once."""
        hook = hooks.pop(name, None)
        if hook is not None:
            hook()


@dataclass
class FakeGroupLedger:
    """Beside the users' rows of `ledger`."""

    ledger: FakeLedger
    groups: dict[str, GroupRow] = field(default_factory=dict)
    progress: dict[str, Membership] = field(default_factory=dict)

    def membership(self, old_sub: str) -> Membership | None:
        row = self.ledger.row(old_sub)
        if row is None:
            return None
        return replace(self.progress.get(old_sub, Membership(row)), row=row)

    def plan(self, row: UserRow, names: frozenset[str], now: int) -> tuple[Membership, bool]:
        found = self.membership(row.old_sub)
        if found is None or not self._same(row):
            raise Stop(Decision.MISCONFIGURED, "the row changed meanwhile")
        if found.planned or found.done:
            return found, False
        self.progress[row.old_sub] = Membership(row, planned=True, todo=names)
        return self.progress[row.old_sub], True

    def joined(self, row: UserRow, name: str) -> None:
        found = self.membership(row.old_sub)
        if found is not None and self._same(row):
            self.progress[row.old_sub] = found.without(name)

    def finish(self, row: UserRow, now: int) -> None:
        found = self.membership(row.old_sub)
        if found is not None and self._same(row):
            self.progress[row.old_sub] = replace(found, todo=frozenset(), done=True)

    def group(self, old_name: str) -> GroupRow | None:
        self.ledger.row("")
        return self.groups.get(old_name)

    def map_group(self, old_name: str, new_name: str) -> GroupRow:
        self.groups[old_name] = GroupRow(old_name, new_name, By.MAPPED)
        return self.groups[old_name]

    def claim_group(self, old_name: str, now: int) -> GroupRow:
        return self.groups.setdefault(old_name, GroupRow(old_name, old_name, By.CREATING, now))

    def renew_claim(self, row: GroupRow, now: int) -> GroupRow:
        return self._write(row, replace(row, claimed_at=now))

    def settle_group(self, row: GroupRow, by: str) -> GroupRow:
        return self._write(row, replace(row, by=by))

    def _write(self, row: GroupRow, changed: GroupRow) -> GroupRow:
        found = self.groups.get(row.old_name)
        if found is None:
            raise Stop(Decision.MISCONFIGURED, "the row changed meanwhile")
        if (found.by, found.claimed_at) == (By.CREATING, row.claimed_at):
            self.groups[row.old_name] = changed
        return self.groups[row.old_name]

    def _same(self, row: UserRow) -> bool:
        now = self.ledger.rows.get(row.old_sub)
        return now is not None and now.state == State.CONFIRMED and now.new_sub == row.new_sub


@dataclass
class FakeClaimsLedger:
    """`reads` counts what a token costs."""

    groups_ledger: FakeGroupLedger
    reads: int = 0

    def known(self, new_sub: str, hint: str) -> Known:
        self.reads += 1
        users = self.groups_ledger.ledger
        users.row("")
        hinted = self.groups_ledger.membership(hint) if hint else None
        return Known(users.new_subs.get(new_sub, ""), hinted)

    def membership(self, old_sub: str) -> Membership | None:
        self.reads += 1
        return self.groups_ledger.membership(old_sub)

    def groups(self, old_names: Iterable[str]) -> Mapping[str, GroupRow]:
        self.reads += 1
        found = {name: self.groups_ledger.group(name) for name in old_names}
        return {name: row for name, row in found.items() if row is not None}
