"""The map of subs in a ledger: the users' rows, read by many at once. It is never written here."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from cutover.aws.dynamo_table import DynamoTable
from cutover.aws.session import Aws
from cutover.aws.table_pairs import table_client
from cutover.tables.pairs import TablePair, TableRef
from cutover.tables.ports import Item, ReadableTable
from cutover.tables.subs import CHANGED
from cutover.tables.transform import Transform, load
from cutover.users.ledger_rows import State, new_sub_key, read_user_row, user_key

_FINAL = {State.CONFIRMED, State.IMPORTED}


@dataclass(frozen=True)
class LedgerSubMap:
    """`table` is a ledger. A user counts as over when confirmed or imported: only then is there a new sub
    that stays, unless an operator releases the user from it."""

    table: ReadableTable

    def new_subs(self, old_subs: Collection[str]) -> Mapping[str, str]:
        """By old sub; `CHANGED` of a user who was released from a new sub, ever. Raises TableFault."""
        rows = self.table.get([user_key(old) for old in old_subs])
        return {
            read_user_row(row).old_sub: new for row in rows.values() if (new := _new_sub(row)) is not None
        }

    def old_subs(self, new_subs: Collection[str]) -> Mapping[str, str]:
        """By new sub. Raises TableFault."""
        rows = self.table.get([new_sub_key(new) for new in new_subs])
        return {_sub_of(row): row["old_sub"]["S"] for row in rows.values()}


def _new_sub(row: Item) -> str | None:
    if "former_new_sub" in row:
        return CHANGED
    user = read_user_row(row)
    return user.new_sub if user.state in _FINAL and user.new_sub else None


def _sub_of(row: Item) -> str:
    return str(row["pk"]["S"]).removeprefix(new_sub_key("")["pk"]["S"])


def ledger_sub_map(aws: Aws, ledger: str, *, max_connections: int = 10) -> LedgerSubMap:
    """The map in the ledger of a name or an ARN, which says the Region."""
    ref = TableRef(ledger)
    client = table_client(aws.elsewhere(region=ref.region), max_connections)
    return LedgerSubMap(DynamoTable(client, ref.name, ("pk", "sk"), address=ref.spec))


def open_transform(
    pair: TablePair,
    source: DynamoTable,
    target: DynamoTable,
    aws: Aws,
    ledger: str,
    *,
    max_connections: int = 10,
) -> Transform:
    """The transform of an opened pair; the subs are those of `ledger`. Raises UsageError."""
    sub_map = ledger_sub_map(aws, ledger, max_connections=max_connections) if pair.subs else None
    return load(pair, source.key_names, target.key_names, sub_map, target.key_types, source.key_types)
