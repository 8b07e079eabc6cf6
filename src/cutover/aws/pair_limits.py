"""The ledger's row of a pair's limits, as the operator reads and changes it."""

from __future__ import annotations

from typing import Any

from cutover.tables.ledger_rows import PACE, pair_key, pair_state
from cutover.tables.pace_plan import PacePlan, PairLimits


class PairLimitsRow:
    """`client` is a low-level DynamoDB client in the ledger's Region. Raises botocore's errors."""

    def __init__(self, client: Any, table: str) -> None:
        self._client = client
        self._table = table

    def read(self, pair_id: str) -> PairLimits:
        reply = self._client.get_item(TableName=self._table, Key=pair_key(pair_id, PACE), ConsistentRead=True)
        row = reply.get("Item", {})
        state = pair_state(None, row)
        since = row.get("since", {}).get("N")
        return PairLimits(
            state.read_units,
            state.write_units,
            state.reason if state.paused else None,
            int(since) if state.paused and since else None,
        )

    def change(self, plan: PacePlan) -> None:
        """Writes what the plan changes and nothing else, so that two operators keep each other's word."""
        before, after = plan.before, plan.after
        sets: dict[str, dict[str, Any]] = {}
        removes: list[str] = []
        for name in ("read_units", "write_units"):
            units = getattr(after, name)
            if units != getattr(before, name):
                sets |= {} if units is None else {name: {"N": f"{units:.15g}"}}
                removes += [name] if units is None else []
        if (after.paused, after.since) != (before.paused, before.since):
            sets["paused"] = {"BOOL": after.paused is not None}
            if after.paused is None:
                removes += ["reason", "since"]
            else:
                sets |= {"reason": {"S": after.paused}, "since": {"N": str(after.since)}}
        self._update(plan.pair_id, sets, removes)

    def _update(self, pair_id: str, sets: dict[str, dict[str, Any]], removes: list[str]) -> None:
        if not sets and not removes:
            return
        parts = [f"SET {', '.join(f'#{name} = :{name}' for name in sets)}"] if sets else []
        parts += [f"REMOVE {', '.join(f'#{name}' for name in removes)}"] if removes else []
        self._client.update_item(
            TableName=self._table,
            Key=pair_key(pair_id, PACE),
            UpdateExpression=" ".join(parts),
            ExpressionAttributeNames={f"#{name}": name for name in (*sets, *removes)},
            **({"ExpressionAttributeValues": {f":{n}": value for n, value in sets.items()}} if sets else {}),
        )
