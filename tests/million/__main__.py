"""`make million`: a migration of a million items under fire; prints a table, writes build/million.json."""

from __future__ import annotations

import argparse
import json
import os
import platform
import tempfile
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from tests import dynamodb_local
from tests.million.run import MillionRun, Plan
from tests.million.world import Folder

RESULT = Path("build/million.json")


def main() -> None:
    parser = argparse.ArgumentParser(prog="make million")
    parser.add_argument("--items", type=int, default=1_000_000)
    parser.add_argument("--kills", type=int, default=15)
    parser.add_argument("--writes-per-second", type=float, default=100.0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--storm-every", type=float, default=150.0)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if reason := dynamodb_local.why_not():
        parser.error(reason)
    os.environ.update(AWS_ACCESS_KEY_ID="million", AWS_SECRET_ACCESS_KEY="million")
    err = Console(stderr=True)
    plan = Plan(
        options.items,
        options.kills,
        options.writes_per_second,
        options.threads,
        options.storm_every,
        options.seed,
    )
    with dynamodb_local.running(heap="2g") as url, tempfile.TemporaryDirectory() as scratch:
        run = MillionRun(url, plan, Folder(Path(scratch)), lambda part: err.print(f"{part} …"))
        report = run.run()
    report["context"] = {
        "engine": "DynamoDB Local, in memory",
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "threads": options.threads,
        "load_average": os.getloadavg(),
    }
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    show(report)


def show(report: dict[str, Any]) -> None:
    table = Table(title=f"{report['items_at_first']:,} items, equal at the end: {report['equal']}")
    table.add_column("what")
    table.add_column("how much", justify="right")
    for name, value in flat(report):
        table.add_row(name, f"{value:,}" if isinstance(value, int | float) else str(value))
    Console().print(table)


def flat(report: dict[str, Any], before: str = "") -> list[tuple[str, Any]]:
    rows: list[tuple[str, Any]] = []
    for name, value in report.items():
        label = f"{before}{name}".replace("_", " ")
        rows += flat(value, f"{label}: ") if isinstance(value, dict) else [(label, value)]
    return rows


if __name__ == "__main__":
    main()
