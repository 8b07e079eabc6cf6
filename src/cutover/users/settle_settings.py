"""What the settling function is told beside the new side: where the old pool is, and what else comes over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cutover.users.environment import choice, optional, required
from cutover.users.group_settings import GroupSettings, read_group_settings
from cutover.users.settings import NewSide, read_new_side, region_of


@dataclass(frozen=True)
class SettleSettings(NewSide):
    old_pool_id: str
    old_region: str | None
    old_role_arn: str | None
    old_external_id: str | None
    groups: GroupSettings
    event_bus: str | None = None
    sweeps: bool = False
    """Whether a forgotten password brings anybody over, and is swept where nobody resets it."""


def read_settle_settings(environ: Mapping[str, str]) -> SettleSettings:
    """Raises UsageError, naming the variable, for a setting that is missing or cannot be understood."""
    old_pool_id = required(environ, "OLD_USER_POOL_ID")
    return SettleSettings(
        **vars(read_new_side(environ)),
        old_pool_id=old_pool_id,
        old_region=optional(environ, "OLD_REGION") or region_of(old_pool_id),
        old_role_arn=optional(environ, "OLD_ROLE_ARN"),
        old_external_id=optional(environ, "OLD_EXTERNAL_ID"),
        groups=read_group_settings(environ),
        event_bus=optional(environ, "EVENT_BUS"),
        sweeps=choice(environ, "FORGOT_PASSWORD", no="off", yes="on"),
    )
