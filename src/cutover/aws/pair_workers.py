"""The ledger's row of who works on a pair under a limit right now, and why they last waited."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cutover.aws.table_faults import AWS_ERRORS
from cutover.tables.ledger_rows import WORKERS, pair_key

_MEMBER = "w_"
"""One attribute for each: the epoch second at which it is forgotten."""


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

    def join(self, pair_id: str, member: str, until: float, now: float) -> int:
        row = self._update(pair_id, "SET #m = :u", {"#m": _MEMBER + member}, {":u": _n(until)})
        present = _members(row)
        forgotten = [name for name, end in present.items() if end <= now and name != member]
        if forgotten:
            names = {f"#{n}": _MEMBER + name for n, name in enumerate(forgotten)}
            self._update(pair_id, f"REMOVE {', '.join(names)}", names, {})
        return max(len(present) - len(forgotten), 1)

    def leave(self, pair_id: str, member: str, why: str, waited: float, now: float) -> None:
        names, values, note = {"#m": _MEMBER + member}, {}, ""
        if why:
            names |= {"#w": "why", "#s": "seconds", "#a": "at"}
            values = {":w": {"S": why}, ":s": _n(waited), ":a": _n(now)}
            note = " SET #w = :w, #s = :s, #a = :a"
        self._update(pair_id, f"REMOVE #m{note}", names, values)

    def read(self, pair_id: str, now: float) -> tuple[int, LastHeld | None]:
        """How many are at work, and who was last held; raises botocore's errors."""
        reply = self._client.get_item(
            TableName=self._table, Key=pair_key(pair_id, WORKERS), ConsistentRead=True
        )
        row = reply.get("Item", {})
        held = None
        if "why" in row:
            held = LastHeld(row["why"]["S"], float(row["seconds"]["N"]), float(row["at"]["N"]))
        return sum(end > now for end in _members(row).values()), held

    def _update(
        self, pair_id: str, expression: str, names: dict[str, str], values: dict[str, Any]
    ) -> Mapping[str, Any]:
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
            return {}
        attributes: Mapping[str, Any] = reply.get("Attributes", {})
        return attributes


def _members(row: Mapping[str, Any]) -> dict[str, float]:
    return {
        name.removeprefix(_MEMBER): float(value["N"])
        for name, value in row.items()
        if name.startswith(_MEMBER) and "N" in value
    }


def _n(number: float) -> dict[str, str]:
    return {"N": f"{number:.3f}"}
