"""The rows of `backfill_rows` as typed attribute maps, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cutover.tables.backfill_rows import (
    PendingPage,
    Place,
    Run,
    RunState,
    backfill_pk,
    page_segment,
    run_sk,
    segment_pk,
    segment_sk,
)


def run_row(pair_id: str, run: Run) -> dict[str, Any]:
    return {
        **run_key(pair_id, run.run_id),
        "segments": _n(run.segments),
        "started_at": _n(run.started_at),
        "state": {"S": run.state.value},
        "items": _n(run.items),
        "written": _n(run.written),
        "parked": _n(run.parked),
        "listed": {"S": "backfill"},
        "listed_at": _n(run.started_at),
        **{name: {"S": text} for name in ("execution", "why", "error") if (text := getattr(run, name))},
        **({"why_at": _n(run.why_at)} if run.why_at else {}),
        **({"keys_from": {"S": run.keys_from}} if run.keys_from else {}),
        **({"unmirrored": {"BOOL": True}} if run.unmirrored else {}),
    }


def run_of_row(row: Mapping[str, Any]) -> Run:
    return Run(
        run_id=row["sk"]["S"].removeprefix("run#"),
        segments=_int(row, "segments"),
        started_at=_int(row, "started_at"),
        state=RunState(row["state"]["S"]),
        items=_int(row, "items"),
        written=_int(row, "written"),
        parked=_int(row, "parked"),
        execution=_text(row, "execution"),
        why=_text(row, "why"),
        why_at=_int(row, "why_at"),
        error=_text(row, "error"),
        keys_from=row.get("keys_from", {}).get("S", ""),
        unmirrored=bool(row.get("unmirrored", {}).get("BOOL", False)),
    )


def place_row(pair_id: str, run_id: str, place: Place) -> dict[str, Any]:
    return {
        **place_key(pair_id, run_id, place.segment),
        "done": {"BOOL": place.done},
        "items": _n(place.items),
        "written": _n(place.written),
        "parked": _n(place.parked),
        **({} if place.next_start is None else {"next_start": {"M": place.next_start}}),
    }


def place_of_row(row: Mapping[str, Any]) -> Place:
    return Place(
        segment=int(row["sk"]["S"].rpartition("#")[2]),
        next_start=row["next_start"]["M"] if "next_start" in row else None,
        done=bool(row["done"]["BOOL"]),
        items=_int(row, "items"),
        written=_int(row, "written"),
        parked=_int(row, "parked"),
    )


def place_key(pair_id: str, run_id: str, segment: int) -> dict[str, Any]:
    return _key(segment_pk(pair_id, segment), segment_sk(run_id, segment))


def run_key(pair_id: str, run_id: str) -> dict[str, Any]:
    return _key(backfill_pk(pair_id), run_sk(run_id))


def page_key(pair_id: str, page: PendingPage) -> dict[str, Any]:
    return _key(segment_pk(pair_id, page_segment(page.name)), page.name)


def page_row(pair_id: str, page: PendingPage) -> dict[str, Any]:
    return {**page_key(pair_id, page), "keys": {"L": [{"M": key} for key in page.keys]}}


def page_of_row(row: Mapping[str, Any]) -> PendingPage:
    return PendingPage(row["sk"]["S"], tuple(member["M"] for member in row["keys"]["L"]))


def _key(pk: str, sk: str) -> dict[str, Any]:
    return {"pk": {"S": pk}, "sk": {"S": sk}}


def _n(number: int) -> dict[str, str]:
    return {"N": str(number)}


def _text(row: Mapping[str, Any], name: str) -> str:
    return str(row.get(name, {}).get("S", ""))


def _int(row: Mapping[str, Any], name: str) -> int:
    return int(row.get(name, {}).get("N", 0))
