"""What attach and detach need of the world, and what they are told of a user pool."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from cutover.control.trigger_set import MIGRATION, Entries, arn_of, canonical
from cutover.errors import CutoverError

Settings = Mapping[str, Any]
"""A pool as DescribeUserPool returns it (`UserPool`), by AWS's own names."""

MFA = "UserPoolMfaConfig"
"""Under this name a `PoolState.view` holds what GetUserPoolMfaConfig returns."""


@dataclass(frozen=True)
class PoolState:
    """A live pool at one moment: what DescribeUserPool and GetUserPoolMfaConfig say."""

    pool_id: str
    settings: Settings
    mfa: Settings

    @property
    def trigger(self) -> str | None:
        """The ARN of the UserMigration trigger; None where there is none."""
        return arn_of(self.triggers, MIGRATION)

    @property
    def triggers(self) -> Entries:
        """LambdaConfig as it stands."""
        config: Entries = self.settings.get("LambdaConfig") or {}
        return config

    @property
    def arn(self) -> str:
        return str(self.settings.get("Arn", ""))

    @property
    def view(self) -> dict[str, Any]:
        """Both replies in one map, for comparing."""
        return {**self.settings, "LambdaConfig": canonical(self.triggers), MFA: dict(self.mfa)}


@dataclass(frozen=True)
class SettingsModel:
    """What the installed SDK knows of UpdateUserPool.

    `inputs` are its parameters that a description holds too, `never_empty` the dotted paths in it that
    may be left out but not be sent empty.
    """

    inputs: frozenset[str]
    never_empty: frozenset[str]


@dataclass(frozen=True)
class AppClient:
    """One app client as DescribeUserPoolClient returns it."""

    settings: Settings

    @property
    def id(self) -> str:
        return str(self.settings["ClientId"])

    @property
    def name(self) -> str:
        return str(self.settings.get("ClientName", ""))


@dataclass(frozen=True)
class TriggerFunction:
    """The function behind an ARN. `policy` is the resource policy of that very qualifier, as a document."""

    arn: str
    state: str
    last_update: str
    policy: Mapping[str, Any] | None


class UpdateUncertain(Exception):
    """UpdateUserPool may have been done or not, or the pool may have moved before it can be sent again: the
    reply was lost, another update ran meanwhile, or there were too many calls."""


class UpdateRefused(Exception):
    """UpdateUserPool was answered with a no: the pool is as it was. `error` is what the operator is told."""

    def __init__(self, error: CutoverError) -> None:
        super().__init__(str(error))
        self.error = error


class Pool(Protocol):
    """The one pool that is changed. Every read is refused while the pool has a setting we cannot carry."""

    @property
    def model(self) -> SettingsModel: ...

    def describe(self) -> PoolState:
        """Raises InterlockRefused `unknown_setting` where the reply holds what the SDK does not know."""

    def update(self, request: Settings) -> None:
        """UpdateUserPool with these inputs. Raises UpdateUncertain and UpdateRefused."""

    def add_attribute(self, definition: Settings) -> None:
        """AddCustomAttributes with one definition; cannot be undone."""


class Protection(Protocol):
    """A stack's termination protection."""

    def is_on(self) -> bool | None:
        """None where the stack is gone."""

    def switch(self, on: bool) -> None: ...
