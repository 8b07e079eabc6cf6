"""The lease rows of a pair: `pair#<pair>` / `lease#<holder>`, changed on condition of what was read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cutover.aws.ledger_table import LedgerTable
from cutover.tables.lease import LEASE_SECONDS, LeaseRow
from cutover.tables.ledger_rows import lease_key

DAY = 86400


class DynamoLeaseBook:
    """A `LeaseBook`."""

    def __init__(self, ledger: LedgerTable, pair_id: str, holder: str) -> None:
        self._ledger, self._key = ledger, lease_key(pair_id, holder)

    def read(self) -> LeaseRow | None:
        row = self._ledger.row(self._key)
        return None if row is None else _lease_of(row)

    def claim(self, row: LeaseRow, over: LeaseRow | None) -> bool:
        item = {**self._key, **_attributes(row)}
        if over is None:
            return self._ledger.put_if(item, "attribute_not_exists(pk)", {})
        values = {":owner": {"S": over.owner}, ":until": _n(over.expires_at)}
        # An `over` that was given back meanwhile is over all the same.
        condition = "attribute_not_exists(pk) OR (lease_owner = :owner AND expires_at = :until)"
        return self._ledger.put_if(item, condition, values)

    def renew(self, row: LeaseRow) -> LeaseRow | None:
        values = {
            ":owner": {"S": row.owner},
            ":until": _n(row.expires_at),
            ":seconds": _n(row.seconds),
            ":expires": _n(int(row.expires_at) + DAY),
        }
        update = "SET expires_at = :until, lease_seconds = :seconds, expires = :expires"
        return self._updated(update, values)

    def ask_to_stop(self, owner: str) -> bool:
        values = {":owner": {"S": owner}, ":yes": {"BOOL": True}}
        return self._updated("SET stop_asked = :yes", values) is not None

    def _updated(self, update: str, values: Mapping[str, Any]) -> LeaseRow | None:
        row = self._ledger.update_if(self._key, update, "lease_owner = :owner", values, {})
        return None if row is None else _lease_of(row)

    def give_back(self, row: LeaseRow) -> None:
        self._ledger.delete_if(self._key, "lease_owner = :owner", {":owner": {"S": row.owner}})


def _attributes(row: LeaseRow) -> dict[str, Any]:
    return {
        "verb": {"S": row.verb},
        "lease_owner": {"S": row.owner},
        "since": _n(row.since),
        "expires_at": _n(row.expires_at),
        "lease_seconds": _n(row.seconds),
        **({"stop_asked": {"BOOL": True}} if row.stop else {}),
        "expires": _n(int(row.expires_at) + DAY),
    }


def _lease_of(row: Mapping[str, Any]) -> LeaseRow:
    return LeaseRow(
        verb=row["verb"]["S"],
        owner=row["lease_owner"]["S"],
        since=float(row["since"]["N"]),
        expires_at=float(row["expires_at"]["N"]),
        seconds=float(row.get("lease_seconds", {}).get("N", LEASE_SECONDS)),
        stop=bool(row.get("stop_asked", {}).get("BOOL", False)),
    )


def _n(number: float) -> dict[str, str]:
    return {"N": str(number)}
