"""The settling function put together: the look that confirms, and what comes over after it."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import Any

from cutover.aws.event_bus import AnnouncementLedger, EventBridgeBus
from cutover.aws.group_ledger import GroupLedger
from cutover.aws.groups import NewPoolGroups, OldPoolGroups
from cutover.aws.new_pool_users import NewPoolUsers
from cutover.aws.session import Aws
from cutover.aws.sweep_ledger import SweepLedger
from cutover.aws.user_parts import CONNECT, SETTLE_READ, settling_parts
from cutover.users.announcing import AnnouncingParts
from cutover.users.groups import GroupParts
from cutover.users.settle import SettleParts
from cutover.users.settle_settings import SettleSettings
from cutover.users.sweep import SweepParts


@dataclass(frozen=True)
class Settling:
    look: SettleParts
    groups: GroupParts
    announcing: AnnouncingParts | None
    """None where nobody is to be told."""


def settling(settings: SettleSettings, aws: Aws) -> Settling:
    """Clients are made here, once; nothing is called yet."""
    look = settling_parts(settings, aws)
    if settings.sweeps:
        look = replace(look, sweeping=_sweeping(settings, aws, look))
    return Settling(look, _groups(settings, aws, look), _announcing(settings, aws))


def _groups(settings: SettleSettings, aws: Aws, look: SettleParts) -> GroupParts:
    there = aws.elsewhere(
        region=settings.old_region, role_arn=settings.old_role_arn, external_id=settings.old_external_id
    )
    here = aws.elsewhere(region=settings.new_region)
    return GroupParts(
        settings=settings.groups,
        old_pool_id=settings.old_pool_id,
        new_pool_id=settings.new_pool_id,
        old=OldPoolGroups(_client(there, "cognito-idp"), settings.old_pool_id),
        new=NewPoolGroups(_client(here, "cognito-idp"), settings.new_pool_id),
        pool=look.new,
        ledger=GroupLedger(_client(aws, "dynamodb"), settings.ledger_table, settings.new_pool_id),
        clock=time.time,
    )


def _sweeping(settings: SettleSettings, aws: Aws, look: SettleParts) -> SweepParts:
    here = aws.elsewhere(region=settings.new_region)
    return SweepParts(
        look.new,
        NewPoolUsers(_client(here, "cognito-idp"), settings.new_pool_id),
        SweepLedger(_client(aws, "dynamodb"), settings.ledger_table),
        time.time,
    )


def _announcing(settings: SettleSettings, aws: Aws) -> AnnouncingParts | None:
    if settings.event_bus is None:
        return None
    return AnnouncingParts(
        settings.old_pool_id,
        settings.new_pool_id,
        EventBridgeBus(_client(aws, "events"), settings.event_bus),
        AnnouncementLedger(_client(aws, "dynamodb"), settings.ledger_table),
    )


def _client(where: Aws, service: str) -> Any:
    return where.client(service, connect_timeout=CONNECT, read_timeout=SETTLE_READ, attempts=1)
