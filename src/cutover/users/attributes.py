"""Which attributes go over, and under which names.

What is optional and does not fit is left behind and counted; what the new pool requires and cannot get
refuses the user. A verified flag speaks of one address: it goes over with that very address or not at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from cutover.users.decision_table import Decision, Stop
from cutover.users.names import OldRules, vouched
from cutover.users.ports import PoolRules, Profile
from cutover.users.schema import CONTACTS, misfit

FLAGS = {contact: f"{contact}_verified" for contact in CONTACTS}

Admit = Callable[[Iterable[str]], frozenset[str]]
"""Of these attribute names, those that no rule keeps back."""


class Left(StrEnum):
    """Why an attribute was left behind."""

    NOT_IN_SCHEMA = "the new pool's schema does not have it"
    NOT_LISTED = "the parameter Attributes does not name it"
    NOT_ADMITTED = "clients of the old pool may write it and no client of the new pool may"
    NOT_PROVEN = "people sign in by it in the new pool, and the old pool does not vouch for it"
    FORMAT = "its format is none that the new pool takes"
    LENGTH = "it is too short or too long for the new pool"
    TYPE = "it is not of the type that the new pool wants"
    RANGE = "it is out of the new pool's range"


@dataclass(frozen=True)
class Carried:
    """The answer's attributes, and those that were left behind: by old name, with the reason."""

    attributes: Mapping[str, str] = field(repr=False)
    left: Mapping[str, Left] = field(default_factory=dict)
    old_sub_in: str = ""
    """The attribute that carries the old sub; empty where the new pool has no room for it."""

    @property
    def dropped(self) -> tuple[str, ...]:
        """What was to go over, by the default rule or by the list, and did not."""
        return tuple(sorted(name for name, why in self.left.items() if why is not Left.NOT_LISTED))

    @property
    def verified_contact(self) -> bool:
        """Whether a reset code could reach the person."""
        return any(self.attributes.get(flag) == "true" for flag in FLAGS.values())


def never_carried(name: str) -> bool:
    """What Cognito itself owns, and the flags, which follow their address instead."""
    return name in {"sub", "identities", "username", *FLAGS.values()} or name.startswith("cognito:")


def carry(
    profile: Profile,
    *,
    renames: Mapping[str, str] | None,
    legacy_sub: str | None,
    old: OldRules,
    new: PoolRules,
    admit: Admit,
) -> Carried:
    """The profile's attributes in the new pool's terms. Raises Stop `attributes_refused`.

    `renames` is old name -> new name for everything that may go over; None takes what `admit` admits.
    """
    chosen = _chosen(profile, renames, legacy_sub, new, admit)
    kept: dict[str, str] = {}
    left: dict[str, Left] = {}
    for (old_name, new_name), value in chosen.items():
        why = _held_back(old_name, new_name, profile, old, new) or _unfit(new_name, value, new)
        if why:
            left[old_name] = why
        else:
            kept[new_name] = value
    kept.update(_flags(kept, profile, new))
    old_sub_in = _room_for_old_sub(legacy_sub, profile, new)
    if old_sub_in:
        kept[old_sub_in] = profile.sub
    _check_required(kept, new)
    considered = {old_name for old_name, _ in chosen}
    for name in _filled(profile, legacy_sub):
        if name not in considered:
            left[name] = _not_chosen(name, renames, new)
    return Carried(kept, left, old_sub_in)


def _chosen(
    profile: Profile,
    renames: Mapping[str, str] | None,
    legacy_sub: str | None,
    new: PoolRules,
    admit: Admit,
) -> dict[tuple[str, str], str]:
    values = profile.attributes
    if renames is not None:
        return {(name, renames[name]): values[name] for name in renames if values.get(name)}
    names = [name for name in _filled(profile, legacy_sub) if name in new.schema]
    return {(name, name): values[name] for name in sorted(admit(names))}


def _filled(profile: Profile, legacy_sub: str | None) -> list[str]:
    """The profile's own attributes that say something."""
    own = [name for name, value in profile.attributes.items() if value and name != legacy_sub]
    return [name for name in own if not never_carried(name)]


def _not_chosen(name: str, renames: Mapping[str, str] | None, new: PoolRules) -> Left:
    if renames is not None:
        return Left.NOT_LISTED
    return Left.NOT_ADMITTED if name in new.schema else Left.NOT_IN_SCHEMA


def _held_back(old_name: str, new_name: str, profile: Profile, old: OldRules, new: PoolRules) -> Left | None:
    """A name by which the new pool signs people in has to be the person's own."""
    if new_name not in new.sign_in_attributes:
        return None
    own = old_name == new_name and vouched(old_name, profile, old)
    return None if own else Left.NOT_PROVEN


def _unfit(name: str, value: str, new: PoolRules) -> Left | None:
    attribute = new.schema.get(name)
    if attribute is None:
        return Left.NOT_IN_SCHEMA
    word = misfit(value, attribute)
    return Left[word.upper()] if word else None


def _flags(kept: Mapping[str, str], profile: Profile, new: PoolRules) -> dict[str, str]:
    return {
        flag: "true"
        if profile.verified(contact) and kept[contact] == profile.attributes[contact]
        else "false"
        for contact, flag in FLAGS.items()
        if contact in kept and flag in new.schema
    }


def _room_for_old_sub(legacy_sub: str | None, profile: Profile, new: PoolRules) -> str:
    if legacy_sub is None or _unfit(legacy_sub, profile.sub, new):
        return ""
    return legacy_sub


def _check_required(kept: Mapping[str, str], new: PoolRules) -> None:
    for attribute in new.schema.values():
        if attribute.required and attribute.name != "sub" and not kept.get(attribute.name):
            raise Stop(Decision.ATTRIBUTES_REFUSED, f"required {attribute.name}")
