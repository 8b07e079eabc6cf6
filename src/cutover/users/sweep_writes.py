"""The conditional writes of a sweep, as pieces of DynamoDB transactions."""

from __future__ import annotations

from typing import Any

from cutover.users.ledger_rows import State, UserRow, listed, name_row_key, user_key
from cutover.users.ledger_writes import STARTS_AFRESH, STATE_NAME, Write, unbind
from cutover.users.sweep import SWEEPING

_BEGIN = "SET #state = :sweeping, swept_sub = :sub, swept_at = :now"
_THIS_OFFER = "#state = :reset_offered AND last_offered_at = :seen AND new_pool = :new_pool"
_THIS_SWEEP = "#state = :sweeping AND swept_at = :swept_at AND swept_sub = :swept_sub"


def begin_write(table: str, row: UserRow, sub: str, now: int) -> Write:
    values = {
        ":sweeping": {"S": SWEEPING},
        ":sub": {"S": sub},
        ":now": {"N": str(now)},
        ":reset_offered": {"S": State.RESET_OFFERED},
        ":seen": {"N": str(row.last_offered_at)},
        ":new_pool": {"S": row.new_pool},
    }
    return {"Update": _update(table, row, _BEGIN, _THIS_OFFER, values)}


def take_over_write(table: str, row: UserRow, now: int) -> Write:
    values = {**_this_sweep(row), ":now": {"N": str(now)}}
    return {"Update": _update(table, row, "SET swept_at = :now", _THIS_SWEEP, values)}


def give_back_write(table: str, row: UserRow) -> Write:
    """The status list never lost it."""
    values = {**_this_sweep(row), ":reset_offered": {"S": State.RESET_OFFERED}}
    update = "SET #state = :reset_offered REMOVE swept_sub, swept_at"
    return {"Update": _update(table, row, update, _THIS_SWEEP, values)}


def forget_writes(table: str, row: UserRow) -> list[Write]:
    """The user's row, and the name: both or none. A released user is as released as before the offer."""
    name = name_row_key(row.new_pool, row.target_name, case_sensitive=row.case_sensitive)
    if row.released_at:
        values = {
            **_this_sweep(row),
            ":released": {"S": State.RELEASED},
            ":listed": {"S": listed(State.RELEASED)},
        }
        update = f"SET #state = :released, listed = :listed {STARTS_AFRESH}, swept_sub, swept_at"
        user: Write = {"Update": _update(table, row, update, _THIS_SWEEP, values)}
    else:
        user = {
            "Delete": {
                "TableName": table,
                "Key": user_key(row.old_sub),
                "ConditionExpression": _THIS_SWEEP,
                "ExpressionAttributeNames": STATE_NAME,
                "ExpressionAttributeValues": _this_sweep(row),
            }
        }
    return [user, unbind(table, name, row.old_sub)]


def _this_sweep(row: UserRow) -> dict[str, dict[str, str]]:
    return {
        ":sweeping": {"S": SWEEPING},
        ":swept_at": {"N": str(row.swept_at)},
        ":swept_sub": {"S": row.swept_sub},
    }


def _update(table: str, row: UserRow, update: str, condition: str, values: dict[str, Any]) -> Write:
    return {
        "TableName": table,
        "Key": user_key(row.old_sub),
        "UpdateExpression": update,
        "ConditionExpression": condition,
        "ExpressionAttributeNames": STATE_NAME,
        "ExpressionAttributeValues": values,
    }
