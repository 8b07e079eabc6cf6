"""The table pairs of a deployment, as the `TABLES` setting names them.

| field | holds |
|---|---|
| `source`, `target` | a table's name or ARN |
| `transform` | `module:function`, a source item to its target item, or to None: left out |
| `key` | `module:function`, a source key to its target key |
| `inverse` | `module:function`, a target item or bare key to its source item or key, or to None: its own |
| `subs` | where an old sub stands: `["owner", "team[].by"]`, `{"pk": "USER#{sub}"}` with the text around it |
| `drop` | attributes that are left out |
| `rename` | `{"old name": "new name"}` |

They apply in the order `subs`, `transform`, `drop`, `rename` (see `transform`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cutover.errors import UsageError
from cutover.tables.pair_fields import Refused, parse_drop, parse_rename, parse_subs
from cutover.tables.shared_tables import Home, Place, Side, refuse_shared

_FUNCTIONS = {"transform", "key", "inverse"}
_FIELDS = {"source", "target", "subs", "drop", "rename", *_FUNCTIONS}
_SHAPE = '[{"source": "<name or ARN>", "target": "<name or ARN>", "transform": "module:function"?, …}]'


@dataclass(frozen=True)
class TableRef:
    """A table by name or by ARN (`arn:aws:dynamodb:<region>:<account>:table/<name>`)."""

    spec: str

    @property
    def is_arn(self) -> bool:
        return self.spec.startswith("arn:")

    @property
    def name(self) -> str:
        return self.spec.rsplit("/", 1)[-1] if self.is_arn else self.spec

    @property
    def region(self) -> str | None:
        return self.spec.split(":")[3] if self.is_arn else None

    @property
    def account(self) -> str | None:
        return self.spec.split(":")[4] if self.is_arn else None


@dataclass(frozen=True)
class TablePair:
    """A source table, its target, and what is done to an item between them (nothing: it goes as it is).

    `rename` holds (old name, new name), `subs` holds (attribute, the text around its sub).
    """

    source: TableRef
    target: TableRef
    transform: str | None = None
    inverse: str | None = None
    key: str | None = None
    rename: tuple[tuple[str, str], ...] = ()
    drop: tuple[str, ...] = ()
    subs: tuple[tuple[str, str], ...] = ()

    @property
    def id(self) -> str:
        """What the ledger, the queues, the logs and the command line call this pair."""
        return f"{self.source.spec}={self.target.spec}"


def parse_pairs(text: str, home: Home | None = None) -> tuple[TablePair, ...]:
    """The pairs that `text` (the JSON of the `TABLES` setting) names; an empty text names none. `home` tells
    where names stand; without it a name and an ARN are two tables.

    Raises UsageError for anything that is not a list of distinct, complete pairs.
    """
    if not text.strip():
        return ()
    try:
        rows = json.loads(text)
    except ValueError as error:
        raise UsageError("TABLES is not JSON", cause=str(error), fix=f"write {_SHAPE}") from error
    if not isinstance(rows, list):
        raise UsageError("TABLES is not a list", fix=f"write {_SHAPE}")
    pairs = tuple(_pair(row) for row in rows)
    refuse_shared(
        [
            Place(ref.spec, ref.name, ref.region, ref.account, side, pair.id)
            for pair in pairs
            for side, ref in ((Side.SOURCE, pair.source), (Side.TARGET, pair.target))
        ],
        home,
    )
    return pairs


def _pair(row: object) -> TablePair:
    if not isinstance(row, dict) or not {"source", "target"} <= row.keys() <= _FIELDS:
        raise UsageError(
            "a table pair of TABLES needs source and target",
            cause=f"found {json.dumps(row)}",
            fix=f"write {_SHAPE}; its other fields are {', '.join(sorted(_FIELDS - {'source', 'target'}))}",
        )
    for name in ("source", "target", *_FUNCTIONS):
        value = row.get(name)
        if not (isinstance(value, str) and value) and not (name in _FUNCTIONS and value is None):
            raise UsageError(f"{name} of a table pair is not a text", cause=f"found {json.dumps(row)}")
    try:
        pair = _with_steps(row)
    except Refused as refused:
        raise UsageError(
            f"{refused.field} of the pair {row['source']}={row['target']} cannot be done",
            cause=str(refused),
            fix=refused.fix,
        ) from None
    return pair


def _with_steps(row: Mapping[str, Any]) -> TablePair:
    pair = TablePair(
        TableRef(row["source"]),
        TableRef(row["target"]),
        row.get("transform"),
        row.get("inverse"),
        row.get("key"),
        parse_rename(row.get("rename")),
        parse_drop(row.get("drop")),
        parse_subs(row.get("subs")),
    )
    lost = sorted({old for old, _ in pair.rename} & set(pair.drop))
    if lost:
        raise Refused("rename", f"{', '.join(lost)}: dropped, and so not there to be renamed")
    if pair.inverse and not (pair.transform or pair.key):
        raise Refused("inverse", "there is no transform and no key function that it could be the inverse of")
    if pair.key and not pair.inverse:
        raise Refused(
            "key", "it has no inverse", "name an inverse, so that no item of another key is overwritten"
        )
    return pair
