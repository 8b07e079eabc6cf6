"""Where the sweeps over keys that wait for users stand: the row `sweep` of a pair."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cutover.aws.ledger_table import LedgerTable
from cutover.tables.ledger_rows import pair_key
from cutover.tables.sweep import Sweep

ROW = "sweep"


@dataclass(frozen=True)
class SweepBook:
    """Both raise TableFault."""

    ledger: LedgerTable

    def read(self, pair_id: str) -> Sweep:
        """A new one where none is kept."""
        row = self.ledger.row(pair_key(pair_id, ROW)) or {}
        return Sweep(
            place=str(row.get("place", {}).get("S", "")),
            looked=int(row.get("looked", {}).get("N", 0)),
            waiting=int(row.get("waiting", {}).get("N", 0)),
            left=int(row["left"]["N"]) if "left" in row else None,
        )

    def save(self, pair_id: str, sweep: Sweep) -> None:
        row: dict[str, Any] = {
            **pair_key(pair_id, ROW),
            "place": {"S": sweep.place},
            "looked": {"N": str(sweep.looked)},
            "waiting": {"N": str(sweep.waiting)},
        }
        if sweep.left is not None:
            row["left"] = {"N": str(sweep.left)}
        self.ledger.write([row])
