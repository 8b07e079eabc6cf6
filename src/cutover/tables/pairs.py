"""The table pairs of a deployment, as the `TABLES` setting names them."""

from __future__ import annotations

import json
from dataclasses import dataclass

from cutover.errors import UsageError

_FIELDS = {"source", "target", "transform", "inverse"}
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


@dataclass(frozen=True)
class TablePair:
    """A source table, its target, and the user's transform between them (None: items go over as they are)."""

    source: TableRef
    target: TableRef
    transform: str | None = None
    inverse: str | None = None

    @property
    def id(self) -> str:
        """What the ledger, the queues, the logs and the command line call this pair."""
        return f"{self.source.spec}={self.target.spec}"


def parse_pairs(text: str) -> tuple[TablePair, ...]:
    """The pairs that `text` (the JSON of the `TABLES` setting) names; an empty text names none.

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
    _refuse_shared(pairs)
    return pairs


def _pair(row: object) -> TablePair:
    if not isinstance(row, dict) or not {"source", "target"} <= row.keys() <= _FIELDS:
        raise UsageError(
            "a table pair of TABLES needs source and target",
            cause=f"found {json.dumps(row)}",
            fix=f"write {_SHAPE}",
        )
    for name, value in row.items():
        if not (isinstance(value, str) and value) and not (
            name in {"transform", "inverse"} and value is None
        ):
            raise UsageError(f"{name} of a table pair is not a text", cause=f"found {json.dumps(row)}")
    return TablePair(
        TableRef(row["source"]), TableRef(row["target"]), row.get("transform"), row.get("inverse")
    )


def _refuse_shared(pairs: tuple[TablePair, ...]) -> None:
    """A table in two roles would be mirrored onto itself, or written by two pairs at once."""
    specs = [ref.spec for pair in pairs for ref in (pair.source, pair.target)]
    shared = sorted({spec for spec in specs if specs.count(spec) > 1})
    if shared:
        raise UsageError(
            "a table stands twice in TABLES", cause=", ".join(shared), fix="give each table one place"
        )
