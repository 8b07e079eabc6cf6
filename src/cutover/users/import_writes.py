"""The ledger's word that a user was imported: the user, the name and the new sub, bound or not written."""

from __future__ import annotations

from cutover.users.ledger_rows import Offer, State, listed, name_key, name_row_key, new_sub_key, user_key
from cutover.users.ledger_writes import IS_FREE, IS_OPEN, OPEN_VALUES, STATE_NAME, Write

_IMPORT = (
    "SET #state = :state, old_sub = :old_sub, target_name = :target_name, name_key = :name_key, "
    "target_by = :target_by, case_sensitive = :case_sensitive, new_pool = :new_pool, #source = :source, "
    "carried_sub_in = :carried_sub_in, new_sub = :new_sub, imported_at = :now, listed = :listed, "
    "listed_at = :now"
)
_MAY_BE = f"attribute_not_exists(pk) OR ({IS_OPEN} AND name_key = :name_key AND new_pool = :new_pool)"


def import_writes(table: str, made: Offer, new_sub: str) -> list[Write]:
    """`made` is what the line has become, with the state `imported`; an open offer of that name gives way.

    Whoever came over meanwhile, or was released, stays as they are.
    """
    old_sub = {":old_sub": {"S": made.old_sub}}
    user = {
        "TableName": table,
        "Key": user_key(made.old_sub),
        "UpdateExpression": _IMPORT,
        "ConditionExpression": _MAY_BE,
        "ExpressionAttributeNames": {**STATE_NAME, "#source": "source"},
        "ExpressionAttributeValues": {
            **OPEN_VALUES,
            **old_sub,
            ":state": {"S": State.IMPORTED},
            ":target_name": {"S": made.target_name},
            ":name_key": {"S": name_key(made.target_name, case_sensitive=made.case_sensitive)},
            ":target_by": {"S": made.target_by},
            ":case_sensitive": {"BOOL": made.case_sensitive},
            ":new_pool": {"S": made.new_pool},
            ":source": {"S": made.source},
            ":carried_sub_in": {"S": made.carried_sub_in},
            ":new_sub": {"S": new_sub},
            ":listed": {"S": listed(State.IMPORTED)},
            ":now": {"N": str(made.offered_at)},
        },
    }
    keys = (
        name_row_key(made.new_pool, made.target_name, case_sensitive=made.case_sensitive),
        new_sub_key(new_sub),
    )
    bound = [
        {
            "TableName": table,
            "Item": {**key, "old_sub": {"S": made.old_sub}},
            "ConditionExpression": IS_FREE,
            "ExpressionAttributeValues": old_sub,
        }
        for key in keys
    ]
    return [{"Update": user}, *({"Put": put} for put in bound)]
