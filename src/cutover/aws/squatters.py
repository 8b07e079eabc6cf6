"""Users of the new pool who hold what an old user goes by, found by the reservation index.

Whoever the ledger maps to an old user came over; the others are compared, value by value. That a migrated
user took somebody else's address later is not looked for here: doctor's full comparison does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from cutover.aws.ledger_reader import LedgerReader
from cutover.aws.pool_ledger import PoolLedger
from cutover.aws.reservation_index import ReservationIndex
from cutover.control.taken_names import FEDERATED, PoolUser, Taken
from cutover.users.ledger_rows import State, new_sub_key, user_key
from cutover.users.reservations import CLAIMS, Kind, Reservation, every_kind_of

_SETTLED = (State.CONFIRMED, State.IMPORTED)


class Squatters:
    """`client` is a low-level DynamoDB client in the ledger's Region."""

    def __init__(self, client: Any, table: str, new_pool: str) -> None:
        self._client, self._table, self._new_pool = client, table, new_pool
        self._index = ReservationIndex(client, table)
        self._ledger = PoolLedger(client, table)
        self._reader = LedgerReader(client, table)

    def among(self, users: Sequence[PoolUser]) -> int:
        """How many of `users` (100 at most) are squatters. Raises ClientError, Stop."""
        mapped = self._mapped(users)
        return sum(self._squats(user) for user in users if user.sub not in mapped)

    def _mapped(self, users: Sequence[PoolUser]) -> set[str]:
        keys = [new_sub_key(user.sub) for user in users if user.sub]
        found: set[str] = set()
        while keys:
            reply = self._client.batch_get_item(
                RequestItems={self._table: {"Keys": keys, "ConsistentRead": True}}
            )
            rows = reply["Responses"].get(self._table, ())
            found |= {row["pk"]["S"].removeprefix("newsub#") for row in rows}
            keys = reply.get("UnprocessedKeys", {}).get(self._table, {}).get("Keys", [])
        return found

    def _squats(self, user: PoolUser) -> bool:
        values = [user.name, *(user.attributes.get(kind, "") for kind in CLAIMS)]
        wanted = {pair for value in values if value for pair in every_kind_of(value)}
        taken = [
            one
            for held in self._index.read(self._new_pool, sorted(wanted))
            for one in self._taken(held, user)
        ]
        return bool(self._ledger.strangers(taken, self._new_pool))

    def _taken(self, held: Reservation, user: PoolUser) -> Iterator[Taken]:
        for owner in sorted(held.owners):
            came_back = owner in held.federated and user.status == FEDERATED
            if came_back and held.kind is Kind.NAME:
                continue
            if held.kind.until_confirmed and not held.crowded and self._came_over(owner):
                continue
            yield Taken(PoolUser(held.first_name, owner, ""), user, (str(held.kind),))

    def _came_over(self, owner: str) -> bool:
        key = user_key(owner)
        row = self._reader.row(key["pk"]["S"], key["sk"]["S"])
        return row is not None and row.get("state") in _SETTLED
