"""The ledger's row of who works on a pair under a limit right now, and why they last waited."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cutover.aws.table_faults import AWS_ERRORS
from cutover.tables.ledger_rows import WORKERS, pair_key
from cutover.tables.shares import AtWork, Short

_MEMBER, _VERIFY = "w_", "v_"
"""One attribute for each, of the mirror and of the verifies: the epoch second at which it is forgotten."""
_BACKFILL, _SHORT_SINCE, _SHORT_UNTIL = "backfill", "short_since", "short_until"
"""One for the backfill, however many processes: with a thousand members the row would be heavy to write."""


@dataclass(frozen=True)
class LastHeld:
    """Why somebody was last held by the pace of the pair, for how many seconds, and when (epoch seconds)."""

    why: str
    seconds: float
    at: float


class PairWorkers:
    """One call for each word: it writes, and its reply is the whole row. What fails is left out."""

    def __init__(self, client: Any, ledger_table: str) -> None:
        self._client = client
        self._table = ledger_table

    def join(self, pair_id: str, member: str, until: float, now: float, short: Short | None) -> AtWork | None:
        names, values = {"#m": _MEMBER + member}, {":u": _n(until)}
        update = "SET #m = :u"
        if short is not None:
            names |= {"#f": _SHORT_SINCE, "#t": _SHORT_UNTIL}
            values |= {":f": _n(short.since), ":t": _n(short.until)}
            update += ", #f = :f, #t = :t"
        row = self._update(pair_id, update, names, values)
        if row is None:
            return None
        self._forget(pair_id, row, _MEMBER, member, now)
        return _at_work(row, now)

    def join_backfill(self, pair_id: str, until: float, now: float) -> AtWork | None:
        row = self._until(pair_id, _BACKFILL, until)
        return None if row is None else _at_work(row, now)

    def join_verify(self, pair_id: str, member: str, until: float, now: float) -> AtWork | None:
        row = self._until(pair_id, _VERIFY + member, until)
        if row is None:
            return None
        self._forget(pair_id, row, _VERIFY, member, now)
        return _at_work(row, now)

    def leave_verify(self, pair_id: str, member: str, until: float, now: float) -> None:
        if until > now:
            self._until(pair_id, _VERIFY + member, until)
        else:
            self._update(pair_id, "REMOVE #v", {"#v": _VERIFY + member}, {})

    def leave(self, pair_id: str, member: str, until: float, why: str, waited: float, now: float) -> None:
        names, values, stays, note = {"#m": _MEMBER + member}, {}, until > now, ""
        if stays:
            values = {":u": _n(until)}
        if why:
            names |= {"#w": "why", "#s": "seconds", "#a": "at"}
            values |= {":w": {"S": why}, ":s": _n(waited), ":a": _n(now)}
            note = "#w = :w, #s = :s, #a = :a"
        sets = ", ".join(part for part in ("#m = :u" if stays else "", note) if part)
        self._update(
            pair_id, ("" if stays else "REMOVE #m ") + (f"SET {sets}" if sets else ""), names, values
        )

    def read(self, pair_id: str, now: float) -> tuple[AtWork, LastHeld | None]:
        """Who is at work, and who was last held; raises botocore's errors."""
        reply = self._client.get_item(
            TableName=self._table, Key=pair_key(pair_id, WORKERS), ConsistentRead=True
        )
        row = reply.get("Item", {})
        held = None
        if "why" in row:
            held = LastHeld(row["why"]["S"], float(row["seconds"]["N"]), float(row["at"]["N"]))
        return _at_work(row, now), held

    def _until(self, pair_id: str, name: str, until: float) -> Mapping[str, Any] | None:
        return self._update(pair_id, "SET #m = :u", {"#m": name}, {":u": _n(until)})

    def _forget(self, pair_id: str, row: Mapping[str, Any], prefix: str, member: str, now: float) -> None:
        """Removes who did not say goodbye; `member` is there."""
        gone = [name for name, end in _members(row, prefix).items() if end <= now and name != member]
        if gone:
            names = {f"#{n}": prefix + name for n, name in enumerate(gone)}
            self._update(pair_id, f"REMOVE {', '.join(names)}", names, {})

    def _update(
        self, pair_id: str, expression: str, names: dict[str, str], values: dict[str, Any]
    ) -> Mapping[str, Any] | None:
        """The row as it is then, None where that failed."""
        try:
            reply = self._client.update_item(
                TableName=self._table,
                Key=pair_key(pair_id, WORKERS),
                UpdateExpression=expression,
                ExpressionAttributeNames=names,
                ReturnValues="ALL_NEW",
                **({"ExpressionAttributeValues": values} if values else {}),
            )
        except AWS_ERRORS:
            return None
        attributes: Mapping[str, Any] = reply.get("Attributes", {})
        return attributes


def _at_work(row: Mapping[str, Any], now: float) -> AtWork:
    short = None
    if _SHORT_UNTIL in row:
        short = Short(float(row[_SHORT_SINCE]["N"]), float(row[_SHORT_UNTIL]["N"]))
    backfill = _BACKFILL in row and float(row[_BACKFILL]["N"]) > now
    mirrors, verifies = (
        sum(end > now for end in _members(row, prefix).values()) for prefix in (_MEMBER, _VERIFY)
    )
    return AtWork(mirrors, backfill, short, verifies)


def _members(row: Mapping[str, Any], prefix: str) -> dict[str, float]:
    return {
        name.removeprefix(prefix): float(value["N"])
        for name, value in row.items()
        if name.startswith(prefix) and "N" in value
    }


def _n(number: float) -> dict[str, str]:
    return {"N": f"{number:.3f}"}
