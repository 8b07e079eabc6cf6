"""What would happen to one user, and why: the real decision, with ports that change nothing.

The old pool is asked for the profile alone, and what it would answer to the right password follows from the
state that it shows. The ledger's conditions are checked and not written; nobody is reminded of anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial

from cutover.users.attributes import FLAGS, Carried, carry, never_carried
from cutover.users.decide import decide
from cutover.users.decision_table import PROFILE_ERRORS, Decision, Stop, decide_error
from cutover.users.events import Attempt, Source
from cutover.users.ledger_rows import UserRow, name_key
from cutover.users.names import Target, named_by, target
from cutover.users.old_names import known_as
from cutover.users.parts import Outcome, Parts
from cutover.users.ports import (
    Accepted,
    Challenged,
    Failed,
    OldPool,
    PoolRules,
    Profile,
    SignInReply,
)
from cutover.users.schema import CONTACTS
from cutover.users.write_rights import Rights, admissible

_FACTORS = {"SMS_MFA", "EMAIL_OTP", "SOFTWARE_TOKEN_MFA"}
_STRONG = "Aa1!" * 25
"""Stands for the password where none was typed: no policy refuses it, and no pool is ever asked about it."""
PATIENCE = 4.5
"""Seconds. Nobody waits for a simulation, so no step of it is left out for want of time."""


@dataclass(frozen=True)
class Fate:
    """One attribute of the old profile: its name in the new pool, or why it stays behind."""

    name: str
    becomes: str = ""
    why: str = ""


@dataclass(frozen=True)
class Explanation:
    """`sign_in` and `forgot_password` are what the trigger would decide, were it asked."""

    name: str = field(repr=False)
    """As Cognito would hand it to the trigger: a pool that knows no case folds it first."""
    old: Profile | None
    new: Profile | None
    """Who answers to the name in the new pool already; the trigger is then never asked."""
    row: UserRow | None
    sign_in: Outcome
    forgot_password: Outcome
    password_tried: bool
    target: Target | None = None
    target_problem: str = ""
    carried: Carried | None = None
    fates: tuple[Fate, ...] = ()
    missing: tuple[str, ...] = ()
    """Required attributes that would have no value."""
    legacy_sub: str | None = None
    weak_resets: bool = False
    """A password weaker than the new pool's policy would be answered by a reset; nobody typed one."""
    held: tuple[str, ...] = ()
    """Aliases of theirs that somebody in the new pool holds: Cognito would refuse to make the user."""


class RightPassword:
    """The old pool as it would answer the right password; it is asked for nothing but the profile."""

    def __init__(self, pool: OldPool) -> None:
        self._pool = pool
        self._profiles: dict[str, Profile | Failed] = {}

    def sign_in(self, name: str, password: str) -> SignInReply:  # noqa: ARG002 - it is the right one
        found = self.profile(name)
        return found if isinstance(found, Failed) else _answer(found, self._pool.rules)

    def profile(self, name: str) -> Profile | Failed:
        if name not in self._profiles:
            self._profiles[name] = self._pool.profile(name)
        return self._profiles[name]

    def rules(self) -> PoolRules:
        return self._pool.rules()

    def write_rights(self) -> Iterator[Rights]:
        return self._pool.write_rights()


def _answer(profile: Profile, rules: Callable[[], PoolRules]) -> SignInReply:
    """AdminInitiateAuth's answer by `Enabled`, `UserStatus` and the second factors that are set or wanted.

    Source: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminInitiateAuth.html
    """
    if not profile.enabled:
        return Failed("NotAuthorizedException", "User is disabled.", 400)
    if profile.status == "RESET_REQUIRED":
        return Failed("PasswordResetRequiredException", http_status=400)
    if profile.status == "UNCONFIRMED":
        return Failed("UserNotConfirmedException", http_status=400)
    if profile.status == "FORCE_CHANGE_PASSWORD":
        return Challenged("NEW_PASSWORD_REQUIRED", profile.username)
    factors = _FACTORS & set(profile.second_factors)
    if factors:
        return Challenged(factors.pop() if len(factors) == 1 else "SELECT_MFA_TYPE", profile.username)
    if profile.status == "CONFIRMED" and rules().factor_required:
        return Challenged("MFA_SETUP", profile.username)
    return Accepted(profile.sub)


def explain(name: str, client_id: str, parts: Parts, *, password: str | None = None) -> Explanation:
    """`parts` must not write: see `RightPassword` and the ports that the caller hands over.

    With a `password` the old pool is asked for real, once. Raises Stop where a pool cannot be read.
    """
    new_rules = parts.new.rules()
    typed = name_key(name, case_sensitive=new_rules.case_sensitive)
    known = RightPassword(parts.old)
    pretended = replace(parts, old=known)
    look = partial(parts.ledger.first_owner, parts.settings.new_pool_id)
    asked = known_as(typed, new_rules, parts.old.rules, look)
    attempt = Attempt(Source.SIGN_IN, parts.settings.new_pool_id, client_id, typed, password or _STRONG)
    tried = parts if password is not None else pretended
    forgotten = replace(attempt, source=Source.FORGOT_PASSWORD, password="")
    profile = known.profile(asked.name)
    if isinstance(profile, Failed):
        _check_unknown(profile)
    explanation = Explanation(
        name=typed,
        old=None,
        new=parts.new.profile(typed),
        row=None,
        sign_in=decide(attempt, tried, lambda: PATIENCE),
        forgot_password=decide(forgotten, pretended, lambda: PATIENCE),
        password_tried=password is not None,
        legacy_sub=parts.settings.legacy_sub,
        weak_resets=password is None and parts.settings.reset_weak_password,
    )
    if isinstance(profile, Failed):
        return explanation
    explanation = replace(explanation, old=profile, row=parts.ledger.row(profile.sub))
    carried = _carried(profile, client_id, pretended, new_rules)
    explanation = replace(
        explanation,
        carried=carried,
        fates=tuple(_fates(profile, carried, parts)),
        missing=_missing(carried, new_rules),
        held=_held(carried, new_rules, parts, explanation.new),
    )
    try:
        named = named_by(typed, profile, known.rules, new_rules, ours=asked.owner is not None)
        return replace(explanation, target=target(typed, named, profile, known.rules, new_rules))
    except Stop as stop:
        return replace(explanation, target_problem=stop.cause)


def _check_unknown(reply: Failed) -> None:
    decision = decide_error(PROFILE_ERRORS, reply.code, reply.message, reply.http_status)
    if decision is not Decision.UNKNOWN_USER:
        raise Stop(decision, f"old pool {reply.code}")


def _carried(profile: Profile, client_id: str, parts: Parts, new: PoolRules) -> Carried:
    """As for the trigger's answer, but that nothing is required: what is missing is told apart."""
    relaxed = {name: replace(attribute, required=False) for name, attribute in new.schema.items()}
    settings = parts.settings
    return carry(
        profile,
        renames=settings.attribute_map,
        legacy_sub=settings.legacy_sub,
        old=parts.old.rules,
        new=replace(new, schema=relaxed),
        admit=lambda names: admissible(
            names, lambda: parts.new.write_rights(client_id), parts.old.write_rights
        ),
    )


def _fates(profile: Profile, carried: Carried, parts: Parts) -> Iterator[Fate]:
    renames: Mapping[str, str] = parts.settings.attribute_map or {}
    for name in sorted(profile.attributes):
        if not profile.attributes[name]:
            continue
        if name in carried.left:
            yield Fate(name, why=carried.left[name])
        elif name in FLAGS.values():
            contact = name.removesuffix("_verified")
            went = name in carried.attributes
            yield Fate(name, name if went else "", "" if went else f"{contact} stays behind")
        elif never_carried(name):
            yield Fate(name, why="it belongs to Cognito itself")
        elif name == parts.settings.legacy_sub:
            yield Fate(name, why="the new one takes the old sub")
        else:
            yield Fate(name, renames.get(name, name))


def _missing(carried: Carried, new: PoolRules) -> tuple[str, ...]:
    required = (one.name for one in new.schema.values() if one.required and one.name != "sub")
    return tuple(sorted(name for name in required if not carried.attributes.get(name)))


def _held(carried: Carried, new: PoolRules, parts: Parts, holder: Profile | None) -> tuple[str, ...]:
    """Verified aliases that answer to somebody in the new pool; where that is the user asked for, the
    explanation says so already."""
    if holder is not None:
        return ()
    return tuple(
        alias
        for alias in CONTACTS
        if alias in new.alias_attributes
        and carried.attributes.get(FLAGS[alias]) == "true"
        and parts.new.profile(carried.attributes[alias]) is not None
    )
