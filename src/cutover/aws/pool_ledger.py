"""The ledger's rows of a pool, read and written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

from cutover.control.ledger_rows import (
    ATTACHED,
    SNAPSHOT,
    Attachment,
    AttachState,
    pool_pk,
    snapshot_row,
)
from cutover.control.taken_names import PoolUser, Taken
from cutover.users.ledger_rows import OPEN_STATES, UserRow, name_key, new_sub_key, read_user_row, user_key
from cutover.users.reservations import index_key

_to_typed = TypeSerializer().serialize
_to_plain = TypeDeserializer().deserialize


class PoolLedger:
    """`client` is a low-level DynamoDB client in the ledger's Region."""

    def __init__(self, client: Any, table: str) -> None:
        self._client = client
        self._table = table

    def attachment(self, pool_id: str) -> Attachment | None:
        """What attach noted of this pool."""
        item = self._get({"pk": {"S": pool_pk(pool_id)}, "sk": {"S": ATTACHED}})
        return Attachment.of_row({name: _to_plain(value) for name, value in item.items()}) if item else None

    def index_built(self, pool_id: str) -> bool:
        """Whether the index of what old users go by was built to its end."""
        return "built_at" in self._get(index_key(pool_id))

    def begin(self, attachment: Attachment, snapshot: Mapping[str, Any] | None) -> None:
        """The note and the snapshot, both or none. The first snapshot of a pool that is still attached is
        what detaching leads back to: it stays, and a later one goes beside it under its time."""
        rows = [attachment.row()]
        if snapshot is not None:
            rows.append(snapshot_row(attachment.pool_id, snapshot, self._snapshot_sk(attachment, snapshot)))
        self._client.transact_write_items(
            TransactItems=[{"Put": {"TableName": self._table, "Item": _typed(row)}} for row in rows]
        )

    def save(self, attachment: Attachment) -> None:
        self._client.put_item(TableName=self._table, Item=_typed(attachment.row()))

    def strangers(self, taken: Iterable[Taken], new_pool: str) -> tuple[Taken, ...]:
        """Those of `taken` who did not come over by this migration: of whom the ledger knows nothing."""
        return tuple(one for one in taken if not self._came_over(one, new_pool))

    def _snapshot_sk(self, attachment: Attachment, snapshot: Mapping[str, Any]) -> str:
        earlier = self.attachment(attachment.pool_id)
        kept = earlier is not None and earlier.state in (AttachState.ATTACHED, AttachState.DETACHING)
        return f"{SNAPSHOT}#{snapshot['taken_at']}" if kept else SNAPSHOT

    def _came_over(self, one: Taken, new_pool: str) -> bool:
        mapped = self._get(new_sub_key(one.new.sub)) if one.new.sub else {}
        if mapped.get("old_sub", {}).get("S") == one.old.sub:
            return True
        item = self._get(user_key(one.old.sub)) if one.old.sub else {}
        if not item:
            return False
        row = read_user_row(item)
        return row.state in OPEN_STATES and row.new_pool == new_pool and _is_offered(one.new, row)

    def _get(self, key: Mapping[str, Any]) -> dict[str, Any]:
        reply = self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True)
        item: dict[str, Any] = reply.get("Item", {})
        return item


def _is_offered(user: PoolUser, row: UserRow) -> bool:
    """The user has the name of the offer and carries the old sub that the offer put there."""
    wanted = name_key(row.target_name, case_sensitive=row.case_sensitive)
    names = (user.name, user.attributes.get(row.target_by, ""))
    carried = not row.carried_sub_in or user.attributes.get(row.carried_sub_in) == row.old_sub
    return carried and wanted in [name_key(name, case_sensitive=row.case_sensitive) for name in names]


def _typed(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _to_typed(value) for name, value in row.items()}
