"""Where the passes over what has been owed for long stand: the row `second_look` of a pair."""

from __future__ import annotations

from dataclasses import dataclass

from cutover.aws.ledger_table import LedgerTable
from cutover.tables.ledger_rows import pair_key

ROW = "second_look"


@dataclass(frozen=True)
class LookBook:
    """Both raise TableFault."""

    ledger: LedgerTable

    def read(self, pair_id: str) -> str:
        """The beginning of a pass where none is kept."""
        row = self.ledger.row(pair_key(pair_id, ROW)) or {}
        return str(row.get("place", {}).get("S", ""))

    def save(self, pair_id: str, place: str) -> None:
        self.ledger.write([{**pair_key(pair_id, ROW), "place": {"S": place}}])
