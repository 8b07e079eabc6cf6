"""Under which name the old pool knows the person whom the new pool's event names.

Mostly under the very name that was typed. Two kinds of pools differ so much that the old one would not find
it, and there the index of reserved names (one row a name, by the user who was created first) tells the exact
old user name:

- the old pool tells upper from lower case and the new one does not: Cognito hands names over in lower case
  there, so `Ada` arrives as `ada`;
- the new pool signs people in by an e-mail or a phone number, and the old one does not.

A folded name belongs to the old user who was created first. Anybody else of that name is a collision, and
never a second candidate for the password.

Source: https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-case-sensitivity.html
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from cutover.users.decision_table import Decision, Stop
from cutover.users.ledger_rows import FirstOwner, name_key
from cutover.users.ports import PoolRules, Profile

NAME = "name"
"""The kind of a reserved user name; the other kinds are the attributes' own names."""
_PREFERRED = "preferred_username"
Look = Callable[[str, str], FirstOwner | None]
"""Kind and folded value -> the first of its old owners."""


@dataclass(frozen=True)
class Known:
    """The name to ask the old pool by, and whose it has to be: None where the old pool finds it itself."""

    name: str = field(repr=False)
    owner: FirstOwner | None = None

    def check(self, profile: Profile) -> None:
        """Raises Stop `name_collision` where the old pool shows somebody else."""
        if self.owner is not None and profile.sub != self.owner.sub:
            raise Stop(Decision.NAME_COLLISION, "another old user has the name")


def known_as(typed: str, new: PoolRules, old: Callable[[], PoolRules], look: Look) -> Known:
    """`look` is called only where the two pools differ in one of the two ways. Raises Stop."""
    if new.case_sensitive and not _contacts(typed, new):
        return Known(typed)
    folds = old().case_sensitive and not new.case_sensitive
    for kind in _kinds(typed, new, old(), folds=folds):
        owner = look(kind, name_key(typed, case_sensitive=False))
        if owner is not None and kind == NAME and not folds:
            break
        if owner is not None:
            return Known(owner.name, owner)
    return Known(typed)


def shareable(new: PoolRules, old: PoolRules) -> list[str]:
    """The attributes by which the new pool signs in one person, and that two old users may have in common."""
    folds = old.case_sensitive and not new.case_sensitive
    return sorted(kind for kind in new.sign_in_attributes if folds or kind not in old.sign_in_attributes)


def _kinds(typed: str, new: PoolRules, old: PoolRules, *, folds: bool) -> list[str]:
    """A user name comes before the same text as somebody's contact: so the old pool would find it, too."""
    by_new_alone = [kind for kind in _contacts(typed, new) if kind not in old.sign_in_attributes]
    if not folds:
        return [NAME, *by_new_alone] if by_new_alone else []
    folded = ("email", _PREFERRED) if "@" in typed else (_PREFERRED,)
    kinds = [] if old.username_attributes else [NAME]
    return [*kinds, *(kind for kind in folded if kind in old.sign_in_attributes), *by_new_alone]


def _contacts(typed: str, pool: PoolRules) -> list[str]:
    """As which contact of `pool` the typed name could be meant."""
    shapes = {"email": "@" in typed, "phone_number": typed.startswith("+")}
    return [kind for kind, fits in shapes.items() if fits and kind in pool.sign_in_attributes]
