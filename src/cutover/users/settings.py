"""The settings of the users' functions, read from their environment and nowhere else."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from cutover.errors import UsageError
from cutover.users.attributes import never_carried
from cutover.users.environment import choice, number, optional, required, words

_REGION = re.compile(r"[a-z]{2,}(-[a-z]+)+-\d+\Z")
_CUSTOM = re.compile(r"custom:[^\s,=]+\Z")
_ALLOWED = re.compile(r"[^\s,=]*[^\s,=:](\s*=\s*[^\s,=]*[^\s,=:])?\Z")
"""An entry of ATTRIBUTES: `name` or `old=new`; a prefix alone (`custom:`) is no name."""
_STANDARD = frozenset(
    {"address", "birthdate", "email", "family_name", "gender", "given_name", "locale", "middle_name", "name"}
    | {"nickname", "phone_number", "picture", "preferred_username", "profile", "updated_at", "website"}
    | {"zoneinfo"}
)
FORGOT_PASSWORD_PER_HOUR = 60
"""Anybody may ask for anybody's new password, and each such migration costs that person the seamless way."""


@dataclass(frozen=True)
class NewSide:
    """What every function of the users' half knows: the new pool, the ledger, the queue of reminders."""

    new_pool_id: str
    ledger_table: str
    settle_queue_url: str

    @property
    def new_region(self) -> str | None:
        return region_of(self.new_pool_id)


@dataclass(frozen=True)
class Settings(NewSide):
    """What the trigger knows besides. Everything that is optional says so by its default."""

    old_pool_id: str
    old_client_id: str
    old_client_secret_arn: str | None = None
    old_region: str | None = None
    old_role_arn: str | None = None
    old_external_id: str | None = None
    log_key_arn: str | None = None
    renames: tuple[tuple[str, str], ...] | None = None
    legacy_sub: str | None = None
    accept_mfa: bool = False
    reset_temporary_password: bool = False
    reset_required_comes_over: bool = False
    reset_weak_password: bool = False
    forgot_password: bool = False
    forgot_password_per_hour: int = FORGOT_PASSWORD_PER_HOUR
    rollout_percent: int = 100
    """What holds until the operator sets another share in the ledger."""
    allowed_clients: frozenset[str] = frozenset()

    @property
    def attribute_map(self) -> Mapping[str, str] | None:
        """Old name -> new name of what may go over; None where the default rule decides."""
        return None if self.renames is None else MappingProxyType(dict(self.renames))


def read_new_side(environ: Mapping[str, str]) -> NewSide:
    """Raises UsageError, naming the variable, for a setting that is missing."""
    return NewSide(
        new_pool_id=required(environ, "NEW_USER_POOL_ID"),
        ledger_table=required(environ, "LEDGER_TABLE"),
        settle_queue_url=required(environ, "SETTLE_QUEUE_URL"),
    )


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Raises UsageError, naming the variable, for a setting that is missing or cannot be understood."""
    new_side = read_new_side(environ)
    old_pool_id = required(environ, "OLD_USER_POOL_ID")
    if old_pool_id == new_side.new_pool_id:
        raise UsageError("OLD_USER_POOL_ID and NEW_USER_POOL_ID name the same pool")
    legacy_sub = read_legacy_sub(environ)
    return Settings(
        **vars(new_side),
        old_pool_id=old_pool_id,
        old_client_id=required(environ, "OLD_CLIENT_ID"),
        old_client_secret_arn=optional(environ, "OLD_CLIENT_SECRET_ARN"),
        old_region=optional(environ, "OLD_REGION") or region_of(old_pool_id),
        old_role_arn=optional(environ, "OLD_ROLE_ARN"),
        old_external_id=optional(environ, "OLD_EXTERNAL_ID"),
        log_key_arn=optional(environ, "LOG_KEY_ARN"),
        renames=_renames(optional(environ, "ATTRIBUTES"), legacy_sub),
        legacy_sub=legacy_sub,
        accept_mfa=choice(environ, "MFA_POLICY", no="refuse", yes="accept"),
        reset_temporary_password=choice(environ, "TEMPORARY_PASSWORD", no="refuse", yes="reset"),
        reset_required_comes_over=choice(environ, "RESET_REQUIRED", no="refuse", yes="reset"),
        reset_weak_password=choice(environ, "WEAK_PASSWORD", no="keep", yes="reset"),
        forgot_password=choice(environ, "FORGOT_PASSWORD", no="off", yes="on"),
        forgot_password_per_hour=number(
            environ, "FORGOT_PASSWORD_PER_HOUR", FORGOT_PASSWORD_PER_HOUR, most=1_000_000
        ),
        rollout_percent=number(environ, "ROLLOUT_PERCENT", 100, most=100),
        allowed_clients=_allowed_clients(optional(environ, "ALLOWED_CLIENT_IDS")),
    )


def import_settings(environ: Mapping[str, str]) -> tuple[Mapping[str, str] | None, str]:
    """What an import takes of the trigger's settings: what may go over (`attribute_map`), and the attribute
    of the old sub, empty where there is none. Raises UsageError."""
    legacy_sub = read_legacy_sub(environ)
    renames = _renames(optional(environ, "ATTRIBUTES"), legacy_sub)
    return None if renames is None else MappingProxyType(dict(renames)), legacy_sub or ""


def region_of(pool_id: str) -> str | None:
    """The Region in a pool's id (`eu-west-1_Ab12Cd34E`); None where it names none."""
    region = pool_id.partition("_")[0]
    return region if _REGION.match(region) else None


def read_legacy_sub(environ: Mapping[str, str]) -> str | None:
    """The custom attribute that carries the old sub; None where none does."""
    name = optional(environ, "LEGACY_SUB_ATTRIBUTE")
    if name is None:
        return None
    if not _CUSTOM.match(_qualified(name)):
        raise UsageError("LEGACY_SUB_ATTRIBUTE is not a custom attribute", fix="name one, as custom:old_sub")
    return _qualified(name)


def _allowed_clients(text: str | None) -> frozenset[str]:
    """Empty where every client may; a list that names none is no such wish."""
    if text is not None and not words(text):
        raise UsageError("ALLOWED_CLIENT_IDS names no client")
    return frozenset(words(text))


def _renames(text: str | None, legacy_sub: str | None) -> tuple[tuple[str, str], ...] | None:
    if text is None:
        return None
    named = words(text)
    odd = [word for word in named if not _ALLOWED.match(word)]
    if odd or not named:
        raise UsageError(
            "ATTRIBUTES cannot be understood",
            cause=", ".join(odd) or "it names no attribute",
            fix="name attributes by comma, each as name or old=new",
        )
    pairs = tuple(_rename(word) for word in named)
    for side in (0, 1):
        names = [pair[side] for pair in pairs]
        twice = {name for name in names if names.count(name) > 1}
        if twice:
            raise UsageError("ATTRIBUTES names an attribute twice", cause=", ".join(sorted(twice)))
    owned = [name for pair in pairs for name in pair if never_carried(name)]
    owned += [new for _, new in pairs if new == legacy_sub]
    if owned:
        raise UsageError(
            "ATTRIBUTES names an attribute that is not carried by name",
            cause=", ".join(owned),
            fix="leave it out: flags follow their address, the rest belongs to Cognito or to the old sub",
        )
    return pairs


def _rename(word: str) -> tuple[str, str]:
    old, _, new = (part.strip() for part in word.partition("="))
    return _qualified(old), _qualified(new or old)


def _qualified(name: str) -> str:
    """`plan` means `custom:plan`; a standard attribute and a name with a prefix mean themselves."""
    if ":" in name or name in _STANDARD or never_carried(name):
        return name
    return f"custom:{name}"
