"""The facts of a table pair that will move well: every test changes one thing of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from cutover.control.deployment import Deployment
from cutover.control.doctor.examine import examine
from cutover.control.doctor.facts import DoctorFacts
from cutover.control.doctor.findings import Finding
from cutover.control.doctor.table_facts import (
    Capacity,
    PairView,
    Reader,
    TablesView,
    TableView,
    WriteRate,
)
from cutover.tables.pairs import TablePair, TableRef

NOW = 1_800_000_000
REGION = "eu-west-1"
ARN = f"arn:aws:dynamodb:{REGION}:123456789012:table"
STREAM = f"{ARN}/orders/stream/2026-01-01T00:00:00.000"
PARAMETERS = {
    "Tables": '[{"source": "orders", "target": "orders-new"}]',
    "SourceTableArns": f"{ARN}/orders",
    "TargetTableArns": f"{ARN}/orders-new",
    "SourceStreamArns": STREAM,
    "SourceKinesisArns": "none",
    "MirrorState": "on",
}
OUTPUTS = {"LedgerTable": "ledger", "MirrorTableFunction": "shop-MirrorTable"}
PAIR = TablePair(TableRef("orders"), TableRef("orders-new"))
SOURCE = TableView(
    "orders",
    f"{ARN}/orders",
    "ACTIVE",
    (("id", "S"),),
    items=1_000_000,
    bytes=1_000_000_000,
    capacity=Capacity(on_demand=True),
    stream_arn=STREAM,
    stream_view="NEW_AND_OLD_IMAGES",
    ttl_read=True,
)
TARGET = TableView(
    "orders-new",
    f"{ARN}/orders-new",
    "ACTIVE",
    (("id", "S"),),
    capacity=Capacity(on_demand=True, warm_write=4000),
    ttl_read=True,
    deletion_protected=True,
    recoverable=True,
)
MIRROR = Reader("shop-MirrorTable", "Enabled", "TRIM_HORIZON", ours=True)
VIEW = PairView(
    PAIR,
    SOURCE,
    TARGET,
    readers=(MIRROR,),
    kinesis=(),
    rate=WriteRate(peak=200, mean=20, days=14, period=300),
)


def facts(
    *views: PairView, stack: str = "shop", tables: TablesView | None = None, **parameters: str
) -> DoctorFacts:
    """Of these pairs, or of the healthy one; `parameters` of the stack on top of the healthy ones."""
    view = tables or TablesView(views or (VIEW,), region=REGION)
    deployment = Deployment(stack, {**PARAMETERS, **parameters}, OUTPUTS, "UPDATE_COMPLETE" if stack else "")
    return DoctorFacts(at=NOW, deployment=deployment, tables=view)


def source(**changed: Any) -> PairView:
    return replace(VIEW, source=replace(SOURCE, **changed))


def target(**changed: Any) -> PairView:
    return replace(VIEW, target=replace(TARGET, **changed))


def view(**changed: Any) -> PairView:
    return replace(VIEW, **changed)


def codes(found: DoctorFacts) -> list[str]:
    """Without the note that every stream gets: not all readers can be seen."""
    return [one.code for one in examine(found) if one.code != "readers_unseen"]


def only(found: DoctorFacts, code: str) -> Finding:
    matching = [one for one in examine(found) if one.code == code]
    assert len(matching) == 1, [one.code for one in examine(found)]
    return matching[0]
