"""`make bench`: prints the table and writes build/bench.json."""

from __future__ import annotations

import argparse
import os
import random
from pathlib import Path
from typing import Any

from rich.console import Console

from cutover.aws.session import Aws
from cutover.tables.pairs import TablePair, TableRef
from tests.bench import data, plain, showing
from tests.bench.distance import Distance
from tests.bench.engine import running_engine
from tests.bench.mirrors import Mirrors
from tests.bench.ours import Ours, mirror_environment
from tests.bench.paired import Comparison, Took, compare, timed

PAIR = TablePair(TableRef("bench-source"), TableRef("bench-target"))
LEDGER = "bench-ledger"
AWS = Path("build/tools/aws/bin/aws")


def main() -> None:
    options = _options()
    os.environ.update(AWS_ACCESS_KEY_ID="bench", AWS_SECRET_ACCESS_KEY="bench")
    distance = Distance().put_between()
    with running_engine() as (name, endpoint, region):
        comparisons = _measure(endpoint, region, options, distance)
    showing.show(name, comparisons)
    showing.write(name, comparisons, options)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("--items", type=int, default=6000)
    parser.add_argument("--records", type=int, default=1500)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument(
        "--delay-ms", type=float, default=3.0, help="before each call of the mirror's far row"
    )
    parser.add_argument("--aws", type=Path, default=AWS, help="the AWS CLI, for one put-item process an item")
    parser.add_argument("--aws-items", type=int, default=20)
    parser.add_argument("--result", type=Path, default=Path("build/bench.json"))
    return parser.parse_args()


def _measure(endpoint: str, region: str, options: argparse.Namespace, distance: Distance) -> list[Comparison]:
    client = Aws(region=region, endpoint_url=endpoint).client("dynamodb", attempts=3)
    rng = random.Random(7)
    items = [data.item(number, rng) for number in range(options.items)]
    data.new_table(client, PAIR.source.name)
    data.fill(client, PAIR.source.name, items)
    ours = Ours(endpoint, region, PAIR, LEDGER, options.threads)
    os.environ.update(mirror_environment(endpoint, region, PAIR, LEDGER))
    where = (endpoint, region, PAIR.source.name, PAIR.target.name)

    def empty() -> None:
        data.new_table(client, PAIR.target.name)
        data.new_ledger(client, LEDGER)

    results = [
        compare(
            "backfill",
            ("cutover's backfill", ours.backfill),
            ("blind copy, batch writer", lambda: plain.blind_copy(*where, threads=options.threads)),
            items=options.items,
            runs=options.runs,
            before=empty,
        ),
        *Mirrors(endpoint, region, PAIR, distance, empty, options.runs).rows(
            items[: options.records], options.delay_ms / 1000
        ),
        compare(
            "verify",
            ("cutover's verify", ours.verify),
            (
                "two bare parallel scans",
                lambda: plain.bare_scans(endpoint, region, where[2:], threads=options.threads),
            ),
            items=2 * options.items,
            runs=options.runs,
            before=_filled(empty, ours),
        ),
    ]
    if options.aws.is_file():
        results.append(_each(options, endpoint, region, items[: options.aws_items], results[0], empty))
    else:
        Console(stderr=True).print(f"{options.aws} is not there: the comparison with it is left out")
    return results


def _filled(empty: Any, ours: Ours) -> Any:
    """Both sides equal: done once, and verify changes nothing."""
    done: list[bool] = []

    def before() -> None:
        if not done:
            empty()
            ours.backfill()
            done.append(True)

    return before


def _each(
    options: argparse.Namespace, endpoint: str, region: str, few: Any, backfill: Comparison, empty: Any
) -> Comparison:
    """A process an item takes so long that few items are put, and their time is scaled up."""
    share = len(few) / backfill.items
    runs: list[Took] = []
    for _ in backfill.our_runs:
        empty()
        took = timed(lambda: plain.aws_put_item_each(options.aws, endpoint, region, few, PAIR.target.name))
        runs.append(Took(took.seconds / share, took.processor / share))
    return Comparison(
        "put-item",
        backfill.ours,
        "one aws put-item process per item",
        backfill.items,
        backfill.our_runs,
        tuple(runs),
    )


if __name__ == "__main__":
    main()
