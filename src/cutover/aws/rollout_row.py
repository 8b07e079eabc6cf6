"""The ledger's rollout row, as the operator reads and changes it."""

from __future__ import annotations

from typing import Any

from cutover.control.rollout_plan import RolloutPlan, RolloutState
from cutover.users.rollout import rollout_key


class RolloutRow:
    """`client` is a low-level DynamoDB client in the ledger's Region."""

    def __init__(self, client: Any, table: str) -> None:
        self._client = client
        self._table = table

    def read(self, pool_id: str) -> RolloutState:
        reply = self._client.get_item(TableName=self._table, Key=rollout_key(pool_id), ConsistentRead=True)
        item = reply.get("Item", {})
        percent = item.get("percent", {}).get("N")
        return RolloutState(None if percent is None else int(percent), item.get("paused", {}).get("S"))

    def change(self, plan: RolloutPlan, now: int) -> None:
        """Writes what the plan changes and nothing else, so that two operators keep each other's word."""
        sets, removes, values = ["#at = :at"], [], {":at": {"N": str(now)}}
        if plan.after.percent != plan.before.percent:
            sets.append("#percent = :percent")
            values[":percent"] = {"N": str(plan.after.percent)}
        if plan.after.paused is None and plan.before.paused is not None:
            removes.append("#paused")
        elif plan.after.paused != plan.before.paused:
            sets.append("#paused = :paused")
            values[":paused"] = {"S": str(plan.after.paused)}
        expression = f"SET {', '.join(sets)}" + (f" REMOVE {', '.join(removes)}" if removes else "")
        self._client.update_item(
            TableName=self._table,
            Key=rollout_key(plan.pool_id),
            UpdateExpression=expression,
            ExpressionAttributeNames={
                f"#{name}": name for name in ("at", "percent", "paused") if f"#{name}" in expression
            },
            ExpressionAttributeValues=values,
        )
