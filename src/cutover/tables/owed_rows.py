"""The ledger's rows of what is owed.

| pk | sk | what |
|---|---|---|
| `owed#<pair>` | `<reason>#<hash of the keys>#<epoch>` | keys that could not converge |
| `unmapped#<pair>#<0 to f>` | `unmapped#<hash of the sub>#<hash of the key>#<epoch>` | a key that waits |

Keys that wait for a user may be millions, so they are spread over sixteen partitions by that user's old sub
(a partition takes 1,000 writes a second:
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cutover.tables.owed import Owed, mark_of, place_of, waits_prefix
from cutover.tables.parking import Reason

SHARDS = "0123456789abcdef"


def owed_pk(pair_id: str) -> str:
    return f"owed#{pair_id}"


def unmapped_pk(pair_id: str, shard: str) -> str:
    return f"unmapped#{pair_id}#{shard}"


def row_key(pair_id: str, name: str) -> dict[str, dict[str, str]]:
    """The key of the row that is, or was, of this name."""
    place = place_of(name)
    reason, _, rest = place.partition("#")
    pk = unmapped_pk(pair_id, rest[:1]) if reason == Reason.UNMAPPED else owed_pk(pair_id)
    return {"pk": {"S": pk}, "sk": {"S": place}}


def waiting_at(pair_id: str, old_sub: str) -> tuple[str, str]:
    """The partition of the rows that wait for an old sub, and how their sort keys begin."""
    prefix = waits_prefix(Reason.UNMAPPED, old_sub)
    return unmapped_pk(pair_id, prefix.partition("#")[2][:1]), prefix


def owed_row(owed: Owed) -> dict[str, Any]:
    """The whole row."""
    row: dict[str, Any] = {
        **row_key(owed.pair, owed.name),
        "mark": {"S": mark_of(owed.name)},
        "pair": {"S": owed.pair},
        "direction": {"S": owed.direction},
        "epoch": {"N": str(owed.epoch)},
        "keys": {"L": [{"M": dict(key)} for key in owed.keys]},
        "reason": {"S": owed.reason},
        "since": {"N": repr(float(owed.since))},
        "detail": {"S": owed.detail},
    }
    if owed.waits_for:
        row["waits_for"] = {"S": owed.waits_for}
    return row


def owed_of_row(row: Mapping[str, Any]) -> Owed:
    """Raises ValueError for a row nobody can read."""
    try:
        return Owed(
            name=f"{row['sk']['S']}!{row['mark']['S']}",
            pair=row["pair"]["S"],
            direction=row["direction"]["S"],
            epoch=int(row["epoch"]["N"]),
            keys=tuple(member["M"] for member in row["keys"]["L"]),
            reason=row["reason"]["S"],
            since=float(row["since"]["N"]),
            detail=row.get("detail", {}).get("S", ""),
            waits_for=row.get("waits_for", {}).get("S", ""),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"a row of what is owed lacks {error}") from error
