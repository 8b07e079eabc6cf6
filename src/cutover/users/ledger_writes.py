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
IS_FREE = "attribute_not_exists(old_sub) OR old_sub = :old_sub"
"""Of a name's row: it binds nobody, or this person."""
_SAME_OFFER = f"{IS_OPEN} AND name_key = :name_key AND new_pool = :new_pool"
_MOVED_OFFER = f"{IS_OPEN} AND name_key = :bound AND last_offered_at = :seen AND new_pool = :new_pool"

_OFFER = (
    "SET #state = :state, old_sub = :old_sub, target_name = :target_name, name_key = :name_key, "
    "target_by = :target_by, case_sensitive = :case_sensitive, new_pool = :new_pool, #source = :source, "
    "carried_sub_in = :carried_sub_in, offered_at = if_not_exists(offered_at, :now), "
    "last_offered_at = :now, reminder = :zero, listed = :listed, "
    "listed_at = if_not_exists(listed_at, :now)"
)
_RELEASE = "SET #state = :released, released_at = :now, listed = :listed, listed_at = :now"
STARTS_AFRESH = (
    " REMOVE new_sub, confirmed_at, offered_at, last_offered_at, reminder, attempts, old_groups, seen_sub"
)
_CONFIRM = "SET #state = :state, new_sub = :new_sub, confirmed_at = :now, listed = :listed, listed_at = :now"


def offer_writes(table: str, offer: Offer) -> list[Write]:
    """First the user's row, then the name's: bound to each other, or not written.

    An offer that moves gives up the name it had: the old pool may have given that to another person by now.
    """
    given_up = [_give_up_name(table, offer.previous)] if offer.previous else []
    return [_offer_user(table, offer), _bind_name(table, offer), *given_up]


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


def release_writes(table: str, row: UserRow, now: int) -> list[Write]:
    """The user's row, the map of the new sub that is gone, and the name: all as it was seen, or nothing.

    The map stays one to one, and a later offer starts afresh, under whatever name the person then types.
    """
    new_sub = {":new_sub": {"S": row.new_sub}} if row.new_sub else {}
    user = {
        "TableName": table,
        "Key": user_key(row.old_sub),
        "UpdateExpression": _RELEASE + (", former_new_sub = :new_sub" if new_sub else "") + STARTS_AFRESH,
        "ConditionExpression": "#state = :seen AND "
        + ("new_sub = :new_sub" if new_sub else "attribute_not_exists(new_sub)"),
        "ExpressionAttributeNames": STATE_NAME,
        "ExpressionAttributeValues": {
            **new_sub,
            ":seen": {"S": row.state},
            ":released": {"S": State.RELEASED},
            ":listed": {"S": listed(State.RELEASED)},
            ":now": {"N": str(now)},
        },
    }
    bound = [new_sub_key(row.new_sub)] if row.new_sub else []
    if row.target_name:
        bound.append(name_row_key(row.new_pool, row.target_name, case_sensitive=row.case_sensitive))
    return [{"Update": user}, *(unbind(table, key, row.old_sub) for key in bound)]


def unbind(table: str, key: Write, old_sub: str) -> Write:
    delete = {
        "TableName": table,
        "Key": key,
        "ConditionExpression": IS_FREE,
        "ExpressionAttributeValues": {":old_sub": {"S": old_sub}},
    }
    return {"Delete": delete}


def _offer_user(table: str, offer: Offer) -> Write:
    update = {
        "TableName": table,
        "Key": user_key(offer.old_sub),
        "UpdateExpression": _OFFER + _with_groups(offer) + " ADD attempts :one",
        "ConditionExpression": _may_be_offered(offer),
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
            **({} if offer.state is State.OFFERED else {":released": {"S": State.RELEASED}}),
            **_moved(offer.previous),
        },
    }
    return {"Update": update}


def _may_be_offered(offer: Offer) -> str:
    """A released user is offered a reset, never again the old password, until an operator's next release."""
    is_open = _MOVED_OFFER if offer.previous else _SAME_OFFER
    if offer.state is State.OFFERED:
        return f"attribute_not_exists(pk) OR ({is_open} AND attribute_not_exists(released_at))"
    return f"attribute_not_exists(pk) OR ({is_open}) OR #state = :released"


def _moved(previous: UserRow | None) -> Write:
    if previous is None:
        return {}
    return {":bound": _key(previous), ":seen": {"N": str(previous.last_offered_at)}}


def _with_groups(offer: Offer) -> str:
    """What the newest proof says, for a set of DynamoDB is never empty."""
    return ", old_groups = :old_groups" if offer.old_groups else " REMOVE old_groups"


def _key(named: Offer | UserRow) -> dict[str, str]:
    """What says whether two offers are of one name: the typed case may differ where case does not count."""
    return {"S": name_key(named.target_name, case_sensitive=named.case_sensitive)}


def _bind_name(table: str, offer: Offer) -> Write:
    key = name_row_key(offer.new_pool, offer.target_name, case_sensitive=offer.case_sensitive)
    return _put_name(table, {**key, "old_sub": {"S": offer.old_sub}}, offer.old_sub)


def _give_up_name(table: str, row: UserRow) -> Write:
    """A row without an `old_sub` binds nobody. It is put and not deleted: the trigger may delete nothing."""
    key = name_row_key(row.new_pool, row.target_name, case_sensitive=row.case_sensitive)
    return _put_name(table, {**key, "given_up_by": {"S": row.old_sub}}, row.old_sub)


def _put_name(table: str, item: Write, old_sub: str) -> Write:
    put = {
        "TableName": table,
        "Item": item,
        "ConditionExpression": IS_FREE,
        "ExpressionAttributeValues": {":old_sub": {"S": old_sub}},
    }
    return {"Put": put}
