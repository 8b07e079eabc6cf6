"""What would become of the old users, one by one as they are listed: counts, and never a name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from cutover.control.taken_names import FEDERATED, PoolUser
from cutover.users.attributes import Admit, Carried, carry, never_carried
from cutover.users.decision_table import Stop
from cutover.users.ledger_rows import name_key
from cutover.users.names import PREFERRED, USERNAME, target, vouched
from cutover.users.ports import PoolRules, Profile
from cutover.users.schema import CONTACTS, misfit
from cutover.users.settings import Settings

UNCONFIRMED = "UNCONFIRMED"


@dataclass
class Census:
    """`add` each old user; then read the counts. `complete` is False where only a sample was listed.

    Names are kept folded for the collisions, about 100 bytes a user; nothing of them leaves this object.
    """

    settings: Settings
    old: PoolRules
    new: PoolRules
    admit: Admit
    complete: bool = True
    users: int = 0
    federated: int = 0
    unconfirmed: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    """By cause: what the new pool requires and these users do not have."""
    nameless: Counter[str] = field(default_factory=Counter)
    """By cause: users who have no name that the new pool could sign them in by."""
    dropped: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By attribute and why: users who lose that attribute's value."""
    _names: Counter[str] = field(default_factory=Counter, repr=False)
    _contacts: dict[str, Counter[str]] = field(default_factory=dict, repr=False)

    def add(self, user: PoolUser) -> None:
        self.users += 1
        if user.status == FEDERATED:
            self.federated += 1
            return
        if user.status == UNCONFIRMED:
            self.unconfirmed += 1
            return
        profile = Profile(user.name, {**user.attributes, "sub": user.sub}, user.status, True)
        self._note_names(profile)
        self._note_attributes(profile)
        self._note_sign_in(profile)

    @property
    def colliding_names(self) -> int:
        """Users who share a name with another one once case is ignored: all but one of them are refused."""
        return 0 if self.new.case_sensitive else _in_company(self._names)

    @property
    def colliding_contacts(self) -> Mapping[str, int]:
        """By attribute that signs people in at the new pool: users who share its value with another one."""
        counts = {kind: _in_company(seen) for kind, seen in self._contacts.items()}
        return {kind: count for kind, count in counts.items() if count}

    def _note_names(self, profile: Profile) -> None:
        self._names[name_key(profile.username, case_sensitive=self.new.case_sensitive)] += 1
        for kind in self.new.sign_in_attributes:
            value = profile.attributes.get(kind)
            if value and vouched(kind, profile, lambda: self.old):
                key = name_key(value, case_sensitive=self.new.case_sensitive)
                self._contacts.setdefault(kind, Counter())[key] += 1

    def _note_attributes(self, profile: Profile) -> None:
        try:
            carried = self._carry(profile, self.new)
        except Stop as stop:
            self.refused[stop.cause] += 1
            carried = self._carry(profile, _nothing_required(self.new))
        renames = self.settings.attribute_map or {}
        for name in carried.dropped:
            if not never_carried(name):
                self.dropped[name, self._why(name, renames.get(name, name), profile)] += 1

    def _carry(self, profile: Profile, new: PoolRules) -> Carried:
        return carry(
            profile,
            renames=self.settings.attribute_map,
            legacy_sub=self.settings.legacy_sub,
            old=lambda: self.old,
            new=new,
            admit=self.admit,
        )

    def _why(self, old_name: str, new_name: str, profile: Profile) -> str:
        known = self.new.schema.get(new_name)
        if known is None:
            return "schema"
        unfit = misfit(profile.attributes[old_name], known)
        if unfit:
            return unfit
        if new_name in self.new.sign_in_attributes and (
            old_name != new_name or not vouched(old_name, profile, lambda: self.old)
        ):
            return "unverified"
        return "rights"

    def _note_sign_in(self, profile: Profile) -> None:
        """Nameless is who cannot come over by any name that the old pool would take from them."""
        causes = []
        for named in (USERNAME, *CONTACTS, PREFERRED):
            typed = profile.username if named == USERNAME else profile.attributes.get(named, "")
            if not typed or (named != USERNAME and not vouched(named, profile, lambda: self.old)):
                continue
            try:
                target(typed, named, profile, lambda: self.old, self.new)
            except Stop as stop:
                causes.append(stop.cause)
            else:
                return
        self.nameless[causes[0]] += 1


def _nothing_required(rules: PoolRules) -> PoolRules:
    return replace(rules, schema={name: replace(row, required=False) for name, row in rules.schema.items()})


def _in_company(seen: Counter[str]) -> int:
    return sum(count for count in seen.values() if count > 1)
