"""Which person was named, and what that person will be called in the new pool.

A leaked password must not open a second account of the same person, so a name counts only where it is exactly
the old user name, or an alias that the old pool itself vouches for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from cutover.users.decision_table import Decision, Stop
from cutover.users.ledger_rows import name_key
from cutover.users.ports import Accepted, Challenged, PoolRules, Profile
from cutover.users.schema import CONTACTS

USERNAME = "username"
OldRules = Callable[[], PoolRules]
"""The old pool's rules, asked for only where a decision turns on them."""

PREFERRED = "preferred_username"
_ALIASES = (*CONTACTS, PREFERRED)


@dataclass(frozen=True)
class Target:
    """The name in the new pool, and by which attribute (or `username`) it names the user there."""

    name: str = field(repr=False)
    by: str
    case_sensitive: bool
    answered_username: str | None = field(default=None, repr=False)
    """What the answer has to say in `userAttributes.username`; None where it may not say anything."""
    needs: str = ""
    """The attribute without which the person would not be found by this name; empty for a user name."""


def check_person(proof: Accepted | Challenged, profile: Profile) -> None:
    """The password and the profile belong to one person, or Stop `identity_mismatch`.

    Tokens name a sub. A challenge names the user name (`USER_ID_FOR_SRP`), which is the sub itself in a pool
    that signs in by e-mail or phone.
    Source: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminInitiateAuth.html
    """
    if isinstance(proof, Accepted):
        proven, candidates = proof.sub, {profile.sub}
    else:
        proven, candidates = proof.user_id, {profile.sub, profile.username}
    if not proven or not profile.sub or proven not in candidates:
        raise Stop(Decision.IDENTITY_MISMATCH, "password and profile differ")


def named_by(typed: str, profile: Profile, old: OldRules, new: PoolRules, *, ours: bool = False) -> str:
    """What `typed` is of the profile: `username` or an alias that holds there. Else Stop `identity_mismatch`.

    Case is ignored only where both pools ignore it: otherwise another spelling would be another user. `ours`:
    the index of reserved names says that the name is this person's in any case, as far as the new pool folds.
    """
    for folds in (False, True):
        if folds and (new.case_sensitive or (old().case_sensitive and not ours)):
            break
        if _same(typed, profile.username, folds=folds):
            return USERNAME
        for attribute in _ALIASES:
            shown = profile.attributes.get(attribute, "")
            if shown and _same(typed, shown, folds=folds) and vouched(attribute, profile, old):
                return attribute
    raise Stop(Decision.IDENTITY_MISMATCH, "another name")


def vouched(attribute: str, profile: Profile, old: OldRules) -> bool:
    """Whether the old pool vouches that this name is the person's own.

    An e-mail or a phone number has to be verified there, or be the name the pool signs people in by; a
    preferred user name is anybody's free text unless it is an alias there, and so unique.
    """
    if not profile.attributes.get(attribute):
        return False
    if attribute in CONTACTS:
        return profile.verified(attribute) or attribute in old().username_attributes
    return attribute in old().alias_attributes


def target(typed: str, named: str, profile: Profile, old: OldRules, new: PoolRules) -> Target:
    """The name in the new pool. Raises Stop `attributes_refused` where that pool cannot hold one.

    - a pool that signs in by e-mail or phone makes up the user name; the typed contact is the name;
    - in a pool with aliases the old user name stays, and the answer says so where an alias was typed;
    - any other pool takes what was typed: the user name or a contact, but never a preferred user name, which
      may be the user name of somebody else.

    Source: https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-migrate-user.html
    """
    if new.username_attributes:
        contact = _contact_of(profile, old, new) if named == USERNAME else named
        if contact not in new.username_attributes:
            raise Stop(Decision.ATTRIBUTES_REFUSED, "no sign-in name for the new pool")
        return Target(profile.attributes[contact], contact, new.case_sensitive, needs=contact)
    if new.alias_attributes:
        return _beside_aliases(named, profile, new)
    if named == PREFERRED:
        raise Stop(Decision.ATTRIBUTES_REFUSED, "preferred user names name nobody there")
    return Target(typed, USERNAME, new.case_sensitive)


def _beside_aliases(named: str, profile: Profile, new: PoolRules) -> Target:
    if _looks_like_alias(profile.username, new):
        raise Stop(Decision.ATTRIBUTES_REFUSED, "old name looks like an alias")
    if named == USERNAME:
        return Target(profile.username, USERNAME, new.case_sensitive)
    works_there = named in new.alias_attributes and (named not in CONTACTS or profile.verified(named))
    if not works_there:
        raise Stop(Decision.ATTRIBUTES_REFUSED, "not an alias of the new pool")
    return Target(profile.username, USERNAME, new.case_sensitive, profile.username, needs=named)


def _contact_of(profile: Profile, old: OldRules, new: PoolRules) -> str:
    """The contact that an old user name also is (plain pools often have e-mails as user names)."""
    folds = not (new.case_sensitive or old().case_sensitive)
    for contact in CONTACTS:
        shown = profile.attributes.get(contact, "")
        if _same(profile.username, shown, folds=folds):
            return contact
    return ""


def _looks_like_alias(name: str, new: PoolRules) -> bool:
    """Cognito refuses a user name in the format of an alias that the pool signs in by."""
    if "email" in new.alias_attributes and "@" in name:
        return True
    return "phone_number" in new.alias_attributes and name.startswith("+") and name[1:].isdigit()


def _same(typed: str, known: str, *, folds: bool) -> bool:
    return name_key(typed, case_sensitive=not folds) == name_key(known, case_sensitive=not folds)
