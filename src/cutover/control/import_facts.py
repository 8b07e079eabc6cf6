"""What an export needs of the deployment, and what refuses it before a user is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cutover.control.deployment import Deployment
from cutover.control.refusals import Refusal
from cutover.users.import_rows import ImportPool
from cutover.users.schema import CONTACTS
from cutover.users.settings import import_settings


@dataclass(frozen=True)
class ExportPlan:
    """What an export will do. Printed by `--dry-run`, executed by the run."""

    new_pool: str
    old_pool: str
    old_users: int
    """An estimate of Cognito's."""
    new_users: int
    calls_per_second: float
    asks_second_factors: bool
    renames: Mapping[str, str] | None
    legacy_sub: str
    folder: str
    refusals: tuple[Refusal, ...] = ()

    def as_json(self) -> dict[str, object]:
        return {**vars(self), "refusals": [refusal.as_json() for refusal in self.refusals]}


def renames_of(deployment: Deployment) -> tuple[Mapping[str, str] | None, str]:
    """The trigger's allow-list with its renames, and the attribute of the old sub; as the stack has them.

    Raises UsageError where a parameter cannot be understood.
    """
    return import_settings(
        {
            "ATTRIBUTES": deployment.parameter("Attributes") or "",
            "LEGACY_SUB_ATTRIBUTE": deployment.parameter("LegacySubAttribute") or "",
        }
    )


def pool_refusals(pool: ImportPool, pool_id: str, legacy_sub: str) -> tuple[Refusal, ...]:
    """What keeps any job of this pool from starting, or its users from being known again."""
    refusals = []
    if legacy_sub not in pool.header:
        refusals.append(
            Refusal(
                "old_sub_missing",
                f"the pool {pool_id} has no attribute for the old sub in its import file",
                cause=f"{legacy_sub or 'LegacySubAttribute'} is not in the header of GetCSVHeader: nobody "
                "could say afterwards whom a line has become",
                fix="cutover attach --add-attribute adds it",
            )
        )
    if not pool.auto_verified & set(CONTACTS):
        refusals.append(
            Refusal(
                "no_auto_verified_attribute",
                f"the pool {pool_id} verifies neither e-mail nor phone by itself",
                cause="AWS starts no import job in such a pool",
                fix="set AutoVerifiedAttributes of the pool; its owner decides which",
            )
        )
    return tuple(refusals)
