"""The ledger's rows of a reconcile: `reconcile#<pair>`, gone when it has come to its end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cutover.aws.ledger_table import LedgerTable
from cutover.tables.backfill_rows import Place
from cutover.tables.reconcile import SOURCE, TARGET, Standing

_SIDES = (f"{SOURCE}#", f"{TARGET}#")


@dataclass(frozen=True)
class DynamoReconcileBook:
    """A `ReconcileBook`."""

    ledger: LedgerTable
    pair_id: str

    def standing(self) -> Standing | None:
        row = self.ledger.row(self._key("run"))
        if row is None:
            return None
        steps = [row, *(place for side in _SIDES for place in self.ledger.rows(self._pk, side))]
        return Standing(
            int(row["segments"]["N"]), max(float(step.get("at", {}).get("N", 0)) for step in steps)
        )

    def begin(self, segments: int, at: float) -> None:
        self.ledger.write([{**self._key("run"), "segments": {"N": str(segments)}, "at": {"N": str(at)}}])

    def places(self, side: str) -> Mapping[int, Place]:
        rows = self.ledger.rows(self._pk, f"{side}#")
        places = [
            Place(
                int(row["sk"]["S"].rpartition("#")[2]),
                row["next_start"]["M"] if "next_start" in row else None,
                bool(row["done"]["BOOL"]),
            )
            for row in rows
        ]
        return {place.segment: place for place in places}

    def save_place(self, side: str, place: Place, at: float) -> None:
        row: dict[str, Any] = {
            **self._key(f"{side}#{place.segment:07d}"),
            "done": {"BOOL": place.done},
            "at": {"N": str(at)},
            **({} if place.next_start is None else {"next_start": {"M": place.next_start}}),
        }
        self.ledger.write([row])

    def end(self) -> None:
        """The row of the run goes last: places without a run would be another run's."""
        rows = [
            {"pk": row["pk"], "sk": row["sk"]} for side in _SIDES for row in self.ledger.rows(self._pk, side)
        ]
        self.ledger.write(deletes=rows)
        self.ledger.write(deletes=[self._key("run")])

    @property
    def _pk(self) -> str:
        return f"reconcile#{self.pair_id}"

    def _key(self, sk: str) -> dict[str, dict[str, str]]:
        return {"pk": {"S": self._pk}, "sk": {"S": sk}}
