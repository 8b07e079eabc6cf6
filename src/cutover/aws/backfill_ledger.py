"""The ledger's rows of one pair's backfills, and of its pace."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from cutover.aws.ledger_table import LedgerTable
from cutover.tables.backfill_row_forms import (
    page_key,
    page_of_row,
    page_row,
    place_key,
    place_of_row,
    place_row,
    run_key,
    run_of_row,
    run_row,
)
from cutover.tables.backfill_rows import (
    BackfillPace,
    PendingPage,
    Place,
    Run,
    Word,
    backfill_pk,
    cut,
    page_sk,
    segment_pks,
)
from cutover.tables.ledger_rows import pair_key
from cutover.tables.ports import Item, Key


class DynamoBackfillLedger:
    """A `BackfillLedger`. `unique` is this process's share in the names of its pages."""

    def __init__(
        self, ledger: LedgerTable, pair_id: str, *, unique: Callable[[], str] = lambda: uuid.uuid4().hex[:12]
    ) -> None:
        self._ledger, self._pair_id = ledger, pair_id
        self._process = unique()
        self._numbers = itertools.count()

    def runs(self) -> list[Run]:
        rows = self._ledger.rows(backfill_pk(self._pair_id), "run#")
        return sorted((run_of_row(row) for row in rows), key=lambda run: (run.started_at, run.run_id))

    def save_run(self, run: Run) -> None:
        self._ledger.write([run_row(self._pair_id, run)])

    def mark_unmirrored(self, run_id: str) -> None:
        key = run_key(self._pair_id, run_id)
        self._ledger.update_if(
            key, "SET unmirrored = :true", "attribute_exists(pk)", {":true": {"BOOL": True}}, {}
        )

    def tell(self, run_id: str, word: Word) -> None:
        sums = {"items": word.items, "written": word.written, "parked": word.parked}
        texts = {"why": word.why, **({} if word.error is None else {"error": word.error})}
        update = "SET " + ", ".join(f"#{name} = :{name}" for name in (*texts, "why_at"))
        update += " ADD " + ", ".join(f"#{name} :{name}" for name in sums)
        values: dict[str, Any] = {f":{name}": {"N": str(number)} for name, number in sums.items()}
        values |= {f":{name}": {"S": text} for name, text in texts.items()} | {":why_at": {"N": str(word.at)}}
        names = {f"#{name}": name for name in (*sums, *texts, "why_at")}
        self._ledger.update_if(run_key(self._pair_id, run_id), update, "attribute_exists(pk)", values, names)

    def places(self, run_id: str) -> Mapping[int, Place]:
        rows = self._segment_rows(f"segment#{run_id}#")
        return {place.segment: place for place in map(place_of_row, rows)}

    def places_of(self, run_id: str, segments: Sequence[int]) -> Mapping[int, Place]:
        rows = self._ledger.rows_of([place_key(self._pair_id, run_id, segment) for segment in segments])
        return {place.segment: place for place in map(place_of_row, rows)}

    def save_place(self, run_id: str, place: Place) -> None:
        self._ledger.write([place_row(self._pair_id, run_id, place)])

    def pending(self) -> Iterator[PendingPage]:
        return map(page_of_row, self._segment_rows("page#"))

    def save_pending(self, run_id: str, segment: int, keys: Sequence[Key]) -> list[PendingPage]:
        page = f"{self._process}-{next(self._numbers)}"
        pages = [
            PendingPage(page_sk(run_id, segment, page, part), piece) for part, piece in enumerate(cut(keys))
        ]
        for pending in pages:
            self._ledger.write([page_row(self._pair_id, pending)])
        return pages

    def remove_pending(self, pages: Sequence[PendingPage]) -> None:
        self._ledger.write(deletes=[page_key(self._pair_id, page) for page in pages])

    def _segment_rows(self, prefix: str) -> Iterator[Item]:
        for pk in segment_pks(self._pair_id):
            yield from self._ledger.rows(pk, prefix)


class DynamoPaceBook:
    """The row `backfill_pace` of a pair."""

    def __init__(self, ledger: LedgerTable, pair_id: str) -> None:
        self._ledger, self._key = ledger, pair_key(pair_id, "backfill_pace")

    def read(self) -> BackfillPace:
        row = self._ledger.row(self._key) or {}
        return BackfillPace(
            read_units=float(row["read_units"]["N"]) if "read_units" in row else None,
            write_units=float(row["write_units"]["N"]) if "write_units" in row else None,
            paused=bool(row.get("paused", {}).get("BOOL", False)),
            reason=str(row.get("reason", {}).get("S", "")),
        )

    def save(self, pace: BackfillPace) -> None:
        units = {"read_units": pace.read_units, "write_units": pace.write_units}
        row: dict[str, Any] = {
            **self._key,
            **{name: {"N": f"{value:.15g}"} for name, value in units.items() if value is not None},
            "paused": {"BOOL": pace.paused},
            "reason": {"S": pace.reason},
        }
        self._ledger.write([row])
