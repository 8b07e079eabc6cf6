"""The reservation index: rows of the ledger that say which old users go by a value.

Rows only ever grow: users may be reserved in any order, by several at once and any number of times, and the
same rows come out of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from cutover.aws.cognito_replies import AWS_ERRORS, our_fault
from cutover.aws.faults import error_code
from cutover.users.decision_table import Decision, Stop
from cutover.users.ledger_rows import reservation_key as row_key
from cutover.users.reservations import (
    MOST_OWNERS,
    Reservation,
    index_key,
    read_reservation,
    reservation_key,
)

READ_BATCH = 100
"""Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html"""

_IS_FIRST = (
    "attribute_not_exists(first_created) OR first_created > :created "
    "OR (first_created = :created AND first_sub >= :sub)"
)
_HAS_ROOM = "attribute_not_exists(owners) OR size(owners) < :most OR contains(owners, :sub)"
_FIRST = "SET first_sub = :sub, first_name = :name, first_created = :created"


class ReservationIndex:
    """`client` is a low-level DynamoDB client in the ledger's Region."""

    def __init__(self, client: Any, table: str) -> None:
        self._client = client
        self._table = table

    def read(self, new_pool: str, wanted: Iterable[tuple[str, str]]) -> list[Reservation]:
        """Those of the (kind, value) that are reserved, by one BatchGetItem. Raises Stop on a fault."""
        keys = {
            key["pk"]["S"]: key for key in (reservation_key(new_pool, kind, value) for kind, value in wanted)
        }
        if not keys:
            return []
        if len(keys) > READ_BATCH:
            raise ValueError(f"{len(keys)} keys are more than one batch")
        request = {self._table: {"Keys": list(keys.values()), "ConsistentRead": True}}
        try:
            reply = self._client.batch_get_item(RequestItems=request)
        except AWS_ERRORS as error:
            raise our_fault("reservation index", error) from None
        if reply.get("UnprocessedKeys"):
            raise Stop(Decision.MISCONFIGURED, "reservation index throttled")
        return [read_reservation(item) for item in reply["Responses"].get(self._table, ())]

    def reserve(self, new_pool: str, mine: Reservation, *, spent: Callable[[float], object]) -> None:
        """Add one user's reservation to what is there. `spent` is told the capacity units of every write.

        Nearly every value has one owner, so it is first written as that; only where an older user goes by it
        too does it take a second write, and a third one where more do than are written down.
        """
        added = "ADD owners :owners" + (", federated :federated" if mine.federated else "")
        for update, condition in (
            (f"{_FIRST} {added}", f"({_IS_FIRST}) AND ({_HAS_ROOM})"),
            (added, _HAS_ROOM),
            (_FIRST, _IS_FIRST),
        ):
            if self._update(new_pool, mine, update, condition, spent):
                return

    def begin(self, new_pool: str, now: float) -> None:
        """From here until `complete` the index may lack users."""
        self._state(new_pool, "SET started_at = :now, #users = :users REMOVE built_at", now, 0)

    def complete(self, new_pool: str, now: float, users: int) -> None:
        self._state(new_pool, "SET built_at = :now, #users = :users", now, users)

    def _update(
        self,
        new_pool: str,
        mine: Reservation,
        update: str,
        condition: str,
        spent: Callable[[float], object],
    ) -> bool:
        try:
            reply = self._client.update_item(
                TableName=self._table,
                Key=row_key(new_pool, mine.kind, mine.key),
                UpdateExpression=update,
                ConditionExpression=condition,
                ExpressionAttributeValues=_values(mine, update + condition),
                ReturnConsumedCapacity="TOTAL",
            )
        except AWS_ERRORS as error:
            if error_code(error) != "ConditionalCheckFailedException":
                raise
            spent(1.0)
            return False
        spent(float((reply.get("ConsumedCapacity") or {}).get("CapacityUnits", 1.0)))
        return True

    def _state(self, new_pool: str, update: str, now: float, users: int) -> None:
        self._client.update_item(
            TableName=self._table,
            Key=index_key(new_pool),
            UpdateExpression=update,
            ExpressionAttributeNames={"#users": "users"},
            ExpressionAttributeValues={":now": {"N": str(int(now))}, ":users": {"N": str(users)}},
        )


def _values(mine: Reservation, expressions: str) -> Mapping[str, Any]:
    """Only those that the expressions name: DynamoDB refuses the others."""
    values: dict[str, Any] = {
        ":owners": {"SS": sorted(mine.owners)},
        ":federated": {"SS": sorted(mine.federated)},
        ":sub": {"S": mine.first_sub},
        ":name": {"S": mine.first_name},
        ":created": {"N": f"{mine.first_created:.3f}"},
        ":most": {"N": str(MOST_OWNERS)},
    }
    return {name: value for name, value in values.items() if name in expressions}
