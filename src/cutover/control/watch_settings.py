"""What the watch is told by its environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cutover.users.environment import optional, required

DEFAULT_OLD_SUB = "custom:old_sub"


@dataclass(frozen=True)
class WatchedTables:
    """Of a stack that moves tables. `sub_map_table` is the ledger whose map of subs counts."""

    tables: str
    retry_queue_url: str
    failure_bucket: str
    sub_map_table: str


@dataclass(frozen=True)
class WatchSettings:
    """`new_pool_id` is None in a stack of tables alone, `mirror` in one of users alone."""

    ledger_table: str
    functions: tuple[str, ...]
    new_pool_id: str | None = None
    old_sub: str = DEFAULT_OLD_SUB
    mirror: str | None = None
    streams: tuple[str, ...] = ()
    mirror_on: bool = True
    tables: WatchedTables | None = None


def read_watch_settings(environ: Mapping[str, str]) -> WatchSettings:
    """Raises UsageError, naming the variable, for one that is missing."""
    streams = _listed(environ, "SOURCE_STREAM_ARNS")
    return WatchSettings(
        ledger_table=required(environ, "LEDGER_TABLE"),
        functions=_listed(environ, "WATCHED_FUNCTIONS"),
        new_pool_id=optional(environ, "NEW_USER_POOL_ID"),
        old_sub=optional(environ, "LEGACY_SUB_ATTRIBUTE") or DEFAULT_OLD_SUB,
        mirror=optional(environ, "MIRROR_FUNCTION"),
        streams=tuple(stream for stream in streams if stream != "none"),
        mirror_on=optional(environ, "MIRROR_STATE") != "off",
        tables=_tables(environ),
    )


def _tables(environ: Mapping[str, str]) -> WatchedTables | None:
    tables = optional(environ, "TABLES")
    if tables is None:
        return None
    return WatchedTables(
        tables=tables,
        retry_queue_url=required(environ, "RETRY_QUEUE_URL"),
        failure_bucket=required(environ, "FAILURE_BUCKET"),
        sub_map_table=optional(environ, "SUB_MAP_TABLE") or required(environ, "LEDGER_TABLE"),
    )


def _listed(environ: Mapping[str, str], name: str) -> tuple[str, ...]:
    return tuple(filter(None, (optional(environ, name) or "").replace(" ", "").split(",")))
