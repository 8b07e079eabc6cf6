"""The ledger's conditional writes of the users' half, as pieces of DynamoDB transactions.

Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
"""

from __future__ import annotations

from typing import Any

from cutover.users.ledger_rows import (
    Offer,
    State,
    UserRow,
    listed,
    name_key,
    name_row_key,
    new_sub_key,
    user_key,
)

Write = dict[str, Any]

STATE_NAME = {"#state": "state"}
OPEN_VALUES: dict[str, Any] = {":offered": {"S": State.OFFERED}, ":reset_offered": {"S": State.RESET_OFFERED}}
IS_OPEN = "#state IN (:offered, :reset_offered)"
_SAME_OFFER = f"{IS_OPEN} AND name_key = :name_key AND new_pool = :new_pool"

_OFFER = (
    "SET #state = :state, old_sub = :old_sub, target_name = :target_name, name_key = :name_key, "
    "target_by = :target_by, case_sensitive = :case_sensitive, new_pool = :new_pool, #source = :source, "
    "carried_sub_in = :carried_sub_in, offered_at = if_not_exists(offered_at, :now), "
    "last_offered_at = :now, reminder = :zero, listed = :listed, "
    "listed_at = if_not_exists(listed_at, :now)"
)
_CONFIRM = "SET #state = :state, new_sub = :new_sub, confirmed_at = :now, listed = :listed, listed_at = :now"


def offer_writes(table: str, offer: Offer) -> list[Write]:
    """First the user's row, then the name's: bound to each other, or not written."""
    return [_offer_user(table, offer), _bind_name(table, offer)]


def confirm_writes(table: str, row: UserRow, new_sub: str, now: int) -> list[Write]:
    """First the user's row, then the map of the new sub: one to one, or not written."""
    user = {
        "TableName": table,
        "Key": user_key(row.old_sub),
        "UpdateExpression": _CONFIRM,
        "ConditionExpression": _SAME_OFFER,
        "ExpressionAttributeNames": STATE_NAME,
        "ExpressionAttributeValues": {
            **OPEN_VALUES,
            ":state": {"S": State.CONFIRMED},
            ":new_sub": {"S": new_sub},
            ":now": {"N": str(now)},
            ":listed": {"S": listed(State.CONFIRMED)},
            ":name_key": _key(row),
            ":new_pool": {"S": row.new_pool},
        },
    }
    new = {
        "TableName": table,
        "Item": {**new_sub_key(new_sub), "old_sub": {"S": row.old_sub}},
        "ConditionExpression": "attribute_not_exists(pk)",
    }
    return [{"Update": user}, {"Put": new}]


def _offer_user(table: str, offer: Offer) -> Write:
    update = {
        "TableName": table,
        "Key": user_key(offer.old_sub),
        "UpdateExpression": _OFFER + _with_groups(offer) + " ADD attempts :one",
        "ConditionExpression": f"attribute_not_exists(pk) OR ({_SAME_OFFER})",
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        "ExpressionAttributeNames": {**STATE_NAME, "#source": "source"},
        "ExpressionAttributeValues": {
            **OPEN_VALUES,
            ":state": {"S": offer.state},
            ":old_sub": {"S": offer.old_sub},
            ":target_name": {"S": offer.target_name},
            ":name_key": _key(offer),
            ":target_by": {"S": offer.target_by},
            ":case_sensitive": {"BOOL": offer.case_sensitive},
            ":new_pool": {"S": offer.new_pool},
            ":source": {"S": offer.source},
            ":carried_sub_in": {"S": offer.carried_sub_in},
            ":listed": {"S": listed(offer.state)},
            ":now": {"N": str(offer.offered_at)},
            ":zero": {"N": "0"},
            ":one": {"N": "1"},
            **({":old_groups": {"SS": sorted(offer.old_groups)}} if offer.old_groups else {}),
        },
    }
    return {"Update": update}


def _with_groups(offer: Offer) -> str:
    """What the newest proof says, for a set of DynamoDB is never empty."""
    return ", old_groups = :old_groups" if offer.old_groups else " REMOVE old_groups"


def _key(named: Offer | UserRow) -> dict[str, str]:
    """What says whether two offers are of one name: the typed case may differ where case does not count."""
    return {"S": name_key(named.target_name, case_sensitive=named.case_sensitive)}


def _bind_name(table: str, offer: Offer) -> Write:
    key = name_row_key(offer.new_pool, offer.target_name, case_sensitive=offer.case_sensitive)
    put = {
        "TableName": table,
        "Item": {**key, "old_sub": {"S": offer.old_sub}},
        "ConditionExpression": "attribute_not_exists(pk) OR old_sub = :old_sub",
        "ExpressionAttributeValues": {":old_sub": {"S": offer.old_sub}},
    }
    return {"Put": put}
