"""The ledger rows of a table pair: their keys, and what they say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cutover.tables.authority import DEFAULT, Authority, PairState

AUTHORITY = "authority"
PACE = "pace"
COUNTERS = "counters"
WORKERS = "workers"


def pair_key(pair_id: str, row: str) -> dict[str, dict[str, str]]:
    """The key of the row `authority`, `pace`, `counters` or `workers` of a pair."""
    return {"pk": {"S": f"pair#{pair_id}"}, "sk": {"S": row}}


def lease_key(pair_id: str, holder: str) -> dict[str, dict[str, str]]:
    """The key of the lease that a command-line writer holds."""
    return pair_key(pair_id, f"lease#{holder}")


def pair_state(authority: Mapping[str, Any] | None, pace: Mapping[str, Any] | None) -> PairState:
    """What the two rows say; an absent one says the default. Raises ValueError for a row nobody can read."""
    pace = pace or {}
    return PairState(
        authority=_authority(authority) if authority else DEFAULT,
        read_units=_units(pace.get("read_units")),
        write_units=_units(pace.get("write_units")),
        paused=bool(pace.get("paused", {}).get("BOOL", False)),
        reason=str(pace.get("reason", {}).get("S", "")),
    )


def _authority(row: Mapping[str, Any]) -> Authority:
    try:
        return Authority(row["ruler"]["S"], row["direction"]["S"], int(row["epoch"]["N"]))
    except (KeyError, TypeError) as error:
        raise ValueError(f"the authority row lacks {error}") from error


def _units(value: Mapping[str, str] | None) -> float | None:
    """0 is no limit, as everywhere."""
    return None if value is None or "N" not in value else float(value["N"]) or None
