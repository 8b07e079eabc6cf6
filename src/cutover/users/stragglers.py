"""Who has to be imported: the old users who never came over, and why the others are left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from cutover.users.attributes import Admit, carry
from cutover.users.decision_table import Stop
from cutover.users.import_names import import_target
from cutover.users.import_rows import ImportPool, RowRefused, import_row, line_of
from cutover.users.ledger_rows import OPEN_STATES, UserRow, name_key
from cutover.users.names import OldRules, Target
from cutover.users.ports import Profile
from cutover.users.schema import CONTACTS


class LeftOut(StrEnum):
    """Why an old user is no row of the file."""

    CAME_OVER = "came_over"
    IN_FLIGHT = "in_flight"
    """Offered, and neither seen in the new pool nor given up."""
    RELEASED = "released"
    """An operator let them come over once more by themselves."""
    DISABLED = "disabled"
    UNCONFIRMED = "unconfirmed"
    TEMPORARY_PASSWORD = "temporary_password"  # noqa: S105 - a code
    FEDERATED = "federated"
    SECOND_FACTOR = "second_factor"
    SQUATTED = "squatted"
    """A user of the new pool who did not come by this migration goes by their name, e-mail or phone."""
    STATUS = "status"
    """A status that this version does not know."""


_BY_STATUS = {
    "UNCONFIRMED": LeftOut.UNCONFIRMED,
    "FORCE_CHANGE_PASSWORD": LeftOut.TEMPORARY_PASSWORD,
    "EXTERNAL_PROVIDER": LeftOut.FEDERATED,
}
_IMPORTABLE = ("CONFIRMED", "RESET_REQUIRED")


def left_out(profile: Profile, row: UserRow | None) -> LeftOut | None:
    """Why this old user is left out, as far as the listing and the ledger say; None for a straggler."""
    if row is not None:
        if row.state == "released":
            return LeftOut.RELEASED
        return LeftOut.IN_FLIGHT if row.state in OPEN_STATES else LeftOut.CAME_OVER
    if profile.status in _BY_STATUS:
        return _BY_STATUS[profile.status]
    if not profile.enabled:
        return LeftOut.DISABLED
    return None if profile.status in _IMPORTABLE else LeftOut.STATUS


def goes_by(profile: Profile, *, case_sensitive: bool) -> frozenset[str]:
    """What a user is called, folded as the new pool folds names.

    E-mails are one in any case, as mailboxes are. An account that nobody confirmed has its name alone.
    """

    def folded(value: str) -> str:
        return name_key(value, case_sensitive=case_sensitive and "@" not in value)

    named = {folded(profile.username)}
    if profile.status != "UNCONFIRMED":
        named |= {folded(value) for kind in CONTACTS if (value := profile.attributes.get(kind))}
    return frozenset(named)


@dataclass(frozen=True)
class Straggler:
    """One line of the file, and what the ledger has to know when the line has become a user."""

    old_sub: str
    target: Target = field(repr=False)
    line: str = field(repr=False)
    dropped: tuple[str, ...] = ()
    claims: frozenset[str] = field(default=frozenset(), repr=False)
    """What nobody else in the new pool may be called."""


@dataclass(frozen=True)
class RowMaker:
    """Makes rows by the trigger's own rules for names and attributes."""

    pool: ImportPool
    old: OldRules
    renames: Mapping[str, str] | None
    legacy_sub: str
    admit: Admit

    def straggler(self, profile: Profile) -> Straggler:
        """Raises RowRefused."""
        try:
            target = import_target(profile, self.old, self.pool.rules)
            carried = carry(
                profile,
                renames=self.renames,
                legacy_sub=self.legacy_sub,
                old=self.old,
                new=self.pool.rules,
                admit=self.admit,
            )
        except Stop as stop:
            raise RowRefused(stop.decision.value, stop.cause) from None
        if not carried.old_sub_in:
            raise RowRefused("no_old_sub", self.legacy_sub)
        if target.needs and not carried.attributes.get(target.needs):
            raise RowRefused("attributes_refused", target.needs)
        row = import_row(target, carried, self.pool)
        line = line_of(row, self.pool.header)
        dropped = tuple(sorted({*carried.dropped, *row.left_behind}))
        return Straggler(profile.sub, target, line, dropped, self._claims(target, row.values))

    def _claims(self, target: Target, values: Mapping[str, str]) -> frozenset[str]:
        by = self.pool.rules.sign_in_attributes
        named = [target.name, *(values[kind] for kind in sorted(by) if values.get(kind))]
        sensitive = self.pool.rules.case_sensitive
        return frozenset(name_key(name, case_sensitive=sensitive and "@" not in name) for name in named)
