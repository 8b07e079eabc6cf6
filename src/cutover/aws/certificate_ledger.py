"""The ledger's rows of certificates, written once: `certificate#<pair>` / `<made at>#<sha256>`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from cutover.aws.ledger_table import LedgerTable
from cutover.tables.ports import TableFault


def save_certificate(ledger: LedgerTable, certificate: Mapping[str, Any], sha256: str) -> None:
    """A row for each pair. Raises TableFault.

    A row that is there already is this very one, whose reply was lost: its key holds the hash.
    """
    for statement in certificate["pairs"]:
        row: dict[str, Any] = {
            **certificate_key(statement["pair"], int(certificate["made_at"]), sha256),
            "sha256": {"S": sha256},
            "made_at": {"N": str(certificate["made_at"])},
            "statement": {"S": json.dumps(statement, sort_keys=True)},
            "wanted": {"S": statement["wanted"]["digest"]},
            "held": {"S": statement["held"]["digest"]},
            "items": {"N": str(statement["wanted"]["items"])},
            "listed": {"S": "certificate"},
            "listed_at": {"N": str(certificate["made_at"])},
        }
        ledger.put_if(row, "attribute_not_exists(pk)", {})


def find_certificate(ledger: LedgerTable, pair_id: str, made_at: int, sha256: str) -> dict[str, Any] | None:
    """The pair's statement as the ledger holds it; None where it does not. Raises TableFault."""
    row = ledger.row(certificate_key(pair_id, made_at, sha256))
    if row is None:
        return None
    try:
        statement: dict[str, Any] = json.loads(row["statement"]["S"])
    except (KeyError, ValueError) as error:
        raise TableFault(ledger.name, "a certificate's row cannot be read") from error
    return statement


def certificate_key(pair_id: str, made_at: int, sha256: str) -> dict[str, dict[str, str]]:
    return {"pk": {"S": f"certificate#{pair_id}"}, "sk": {"S": f"{made_at:010d}#{sha256}"}}
