"""A certificate: that at a moment without writes both tables of a pair held the same items.

It is one JSON object in a file, whose SHA-256 stands in the file and in the ledger, so that a change of
either is seen. What it says of a side is a digest of all its items: the sum, modulo 2**256, of the SHA-256 of
each item's canonical text (`digest`). The order of the items does not matter, and nothing of them can be read
in it. (A sum of hashes finds every accident. It is no defence against somebody who may choose the items of a
table and computes for long: AdHash, https://doi.org/10.1007/3-540-69053-0_13, and the generalised birthday
problem, https://doi.org/10.1007/3-540-45708-9_19.)
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cutover.tables.spill_join import Sums
from cutover.tables.table_facts import TableFacts
from cutover.tables.verify_report import Verified

KIND = "cutover certificate"
VERSION = 1
DIGEST = "sum mod 2^256 of SHA-256 over canonical items, version 1"
NOT_PROVEN = (
    "that nobody wrote the source before the first or after the last look: freeze writes, and keep it so",
    "that nobody but the mirror wrote the target after a part of it was read: no part is read twice",
    "that no write was taken back between two looks, if the mirror's count of it was lost as well",
    "that the target is right where the source was wrong, or the transform is",
    "who wrote the target's native items: nothing asks for them, they are counted and digested apart",
    "anything that is no item: indexes, streams, tags, backups, capacity, time-to-live settings",
)


class NotACertificate(ValueError):
    """The text says what is wrong with it."""


@dataclass(frozen=True)
class Certified:
    """One pair at its end. `transform` and `transform_sha256` name the transform and its code."""

    verified: Verified
    source: TableFacts
    target: TableFacts
    transform: str
    transform_sha256: str
    epoch: int = 0
    """Of the pair's authority: it grows with each change of who rules."""

    def statement(self) -> dict[str, Any]:
        result = self.verified.result
        return {
            "pair": self.verified.pair_id,
            "source": {**_table(self.source), "items_read": result.source_items},
            "target": {**_table(self.target), "items_read": result.target_items},
            "transform": self.transform,
            "transform_sha256": self.transform_sha256,
            "epoch": self.epoch,
            "wanted": _sums(result.wanted),
            "held": _sums(result.held),
            "native": _sums(result.else_held),
            "compared": result.compared,
            "started_at": self.verified.started_at,
            "finished_at": self.verified.finished_at,
            "resumed": self.verified.resumed,
            "mode": self.verified.mode,
            "probes": self.verified.probes,
            "spacing_seconds": self.verified.spacing,
        }


def _table(facts: TableFacts) -> dict[str, Any]:
    return {"name": facts.name, "arn": facts.arn, "table_id": facts.table_id}


def _sums(sums: Sums) -> dict[str, Any]:
    return {"items": sums.count, "digest": sums.text}


def make(pairs: Sequence[Certified], *, version: str, at: int) -> dict[str, Any]:
    """The certificate of these pairs, made at `at` (epoch seconds) by that version of cutover."""
    return {
        "kind": KIND,
        "format": VERSION,
        "made_at": at,
        "made_by": f"cutover {version}",
        "digest": DIGEST,
        "says": "the target held, of each item, what the transform of the source's item is",
        "pairs": [pair.statement() for pair in pairs],
        "does_not_prove": list(NOT_PROVEN),
    }


def sha256_of(certificate: Mapping[str, Any]) -> str:
    """Of the certificate's one spelling: names sorted, nothing between, UTF-8."""
    text = json.dumps(certificate, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def sealed(certificate: Mapping[str, Any]) -> dict[str, Any]:
    """What the file holds."""
    return {"certificate": certificate, "sha256": sha256_of(certificate)}


def opened(text: str) -> tuple[dict[str, Any], str]:
    """The certificate of a file's text, and its hash. Raises NotACertificate, also where they do not fit."""
    try:
        document = json.loads(text, object_pairs_hook=_each_once)
        certificate, stated = document["certificate"], document["sha256"]
        known = (certificate["kind"], certificate["format"], certificate["digest"])
        pairs = [(str(pair["pair"]), pair["wanted"], pair["held"]) for pair in certificate["pairs"]]
    except NotACertificate:
        raise
    except (ValueError, KeyError, TypeError) as error:
        raise NotACertificate(f"it has not the form of one ({type(error).__name__})") from error
    if len(document) > 2:
        raise NotACertificate("something stands in it beside the certificate and its hash")
    if known != (KIND, VERSION, DIGEST) or not pairs:
        raise NotACertificate("it is of another kind or format")
    if sha256_of(certificate) != stated:
        raise NotACertificate("it was changed: its content has another SHA-256 than it says")
    if any(wanted != held for _, wanted, held in pairs):
        raise NotACertificate("it says of a pair that the two sides differ")
    return certificate, stated


def _each_once(members: list[tuple[str, Any]]) -> dict[str, Any]:
    """A name that stands twice would show a reader one value, and be checked by the other."""
    names = [name for name, _ in members]
    if len(set(names)) < len(names):
        raise NotACertificate(f"it names {next(name for name in names if names.count(name) > 1)} twice")
    return dict(members)


def differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """In what the statements of one pair differ, of what must be the same as long as nobody writes."""
    names = ("transform", "transform_sha256", "wanted", "held", "native")
    found = [name for name in names if before.get(name) != now.get(name)]
    return found + [
        f"{side} table" for side in ("source", "target") if _place(before, side) != _place(now, side)
    ]


def _place(statement: Mapping[str, Any], side: str) -> list[Any]:
    return [statement[side].get(name) for name in ("arn", "table_id")]
