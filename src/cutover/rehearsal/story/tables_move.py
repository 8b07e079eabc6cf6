"""The scenes about tables: the mirror follows, the backfill fills, the verifier compares."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from cutover.rehearsal.story.stage import STACK, Stage
from cutover.rehearsal.world.items import Item
from cutover.rehearsal.world.tables import ORDERS, SHAPES, Shape

FOLLOW_SECONDS = 60.0
PARKED_SECONDS = 100.0
"""A parked key waits for 60."""
MESSAGES = "ApproximateNumberOfMessages"
"""Three attributes begin so: waiting, delayed, in work."""


def the_mirror_follows(stage: Stage) -> None:
    narrator = stage.narrator
    narrator.scene("The new tables follow the old ones")
    marked = {shape.source: _mark(stage, shape) for shape in SHAPES}
    narrator.say("One item is written to each source table, and waited for in its target.")
    for shape in SHAPES:
        began = time.monotonic()
        there = _wait_for(stage, shape, marked[shape.source])
        narrator.say(f"  {shape.source} -> {shape.target}: {time.monotonic() - began:.2f} seconds")
        stage.checks.equal(f"a write to {shape.source} arrives in {shape.target}", True, there)


def one_bad_item(stage: Stage) -> None:
    """The target refuses an item; the others must not wait for it."""
    narrator, checks, dynamodb = stage.narrator, stage.checks, stage.client("dynamodb")
    narrator.scene("An item that the new table does not take")
    bad = ORDERS.make(stage.size.items * 3, stage.rng) | {"customer": {"N": "42"}}
    good = ORDERS.make(stage.size.items * 3 + 1, stage.rng)
    narrator.say(
        "The new table of orders has an index by customer, which must be a text. The old application writes "
        "an order with a number there, and another order right behind it."
    )
    for item in (bad, good):
        dynamodb.put_item(TableName=ORDERS.source, Item=item)
    checks.equal("the order behind a bad one arrives", True, _wait_for(stage, ORDERS, good))
    checks.equal("messages that park the bad one's key", 1, _parked(stage, lambda number: number > 0))
    narrator.say("The bad one is parked, and its shard goes on: the other order is there.")
    dynamodb.put_item(TableName=ORDERS.source, Item={**bad, "customer": {"S": "42"}})
    checks.equal("the corrected order arrives", True, _wait_for(stage, ORDERS, bad))
    narrator.say("The application corrects the bad one, and it arrives too.")


def the_backfill(stage: Stage) -> None:
    narrator, checks = stage.narrator, stage.checks
    narrator.scene("Backfill what was there before, beside the running application")
    before = Counter(stage.writer.writes)
    began = time.monotonic()
    done = stage.verbs.run("backfill", "--stack", STACK, "--yes")
    checks.equal("backfill succeeds (exit code)", 0, done.code)
    written = stage.writer.since(before)
    took = time.monotonic() - began
    narrator.say(f"It took {took:.1f} seconds; the application wrote {written} times meanwhile.")
    checks.equal("the application wrote during the backfill", True, written > 0)


def the_comparison(stage: Stage) -> None:
    narrator, checks = stage.narrator, stage.checks
    narrator.scene("Compare")
    stage.writer.stop()
    kinds = ", ".join(f"{number} {kind}" for kind, number in sorted(stage.writer.writes.items()))
    narrator.say(f"The application stops. It made {stage.writer.since(Counter())} writes ({kinds}).")
    checks.equal("errors that the application saw", "none", stage.writer.failure or "none")
    with narrator.waiting("the mirror takes what is left in the streams…"):
        _drain(stage)
    verified = stage.verbs.run("verify", "--stack", STACK)
    checks.equal("verify finds both pairs equal (exit code)", 0, verified.code)
    narrator.say("And by a plain scan of both sides, without any of cutover's code:")
    for shape in SHAPES:
        source, target = _scan(stage, shape.source, shape), _scan(stage, shape.target, shape)
        differing = sum(source.get(key) != target.get(key) for key in source.keys() | target.keys())
        narrator.say(f"  {shape.source}: {len(source):,} items, {shape.target}: {len(target):,} items")
        checks.equal(f"items that differ between {shape.source} and {shape.target}", 0, differing)
        checks.equal(f"{shape.target} holds items", True, len(target) > 0)


def _mark(stage: Stage, shape: Shape) -> Item:
    item = shape.make(stage.size.items * 2, stage.rng)
    stage.client("dynamodb").put_item(TableName=shape.source, Item=item)
    return item


def _wait_for(stage: Stage, shape: Shape, item: Item) -> bool:
    key = shape.key_of(item)
    dynamodb = stage.client("dynamodb")
    wanted = dynamodb.get_item(TableName=shape.source, Key=key, ConsistentRead=True)["Item"]
    end = time.monotonic() + FOLLOW_SECONDS
    while time.monotonic() < end:
        found = dynamodb.get_item(TableName=shape.target, Key=key, ConsistentRead=True)
        if "Item" in found:
            return bool(_plain(found["Item"]) == _plain(wanted))
        time.sleep(0.05)
    return False


def nothing_is_parked_any_more(stage: Stage) -> None:
    narrator = stage.narrator
    narrator.say("The key that was parked is tried again a minute later, and found to be right by now.")
    with narrator.waiting("a parked key is tried again after a minute…"):
        parked = _parked(stage, lambda number: number == 0)
    stage.checks.equal("keys still parked", 0, parked)


def _parked(stage: Stage, awaited: Callable[[int], bool]) -> int:
    """Messages of the retry queue, waiting, delayed or in work, once there are as many as awaited."""
    sqs = stage.client("sqs")
    stacks = stage.client("cloudformation").describe_stacks(StackName=STACK)["Stacks"]
    url = {row["OutputKey"]: row["OutputValue"] for row in stacks[0]["Outputs"]}["RetryQueueUrl"]
    end = time.monotonic() + PARKED_SECONDS
    while True:
        found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        number = sum(int(value) for name, value in found.items() if name.startswith(MESSAGES))
        if awaited(number) or time.monotonic() > end:
            return number
        time.sleep(0.2)


def _drain(stage: Stage) -> None:
    """A last item in each source says that everything before it has gone through: one lane, in order."""
    for shape in SHAPES:
        item = shape.make(stage.size.items * 2 + 1, stage.rng)
        stage.client("dynamodb").put_item(TableName=shape.source, Item=item)
        _wait_for(stage, shape, item)


def _scan(stage: Stage, table: str, shape: Shape) -> dict[str, Any]:
    pages = stage.client("dynamodb").get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
    return {str(_plain(shape.key_of(item))): _plain(item) for page in pages for item in page["Items"]}


def _plain(value: Any) -> Any:
    """Sets have no order; everything else is compared as it stands."""
    if isinstance(value, dict):
        return {
            name: sorted(part) if name in ("SS", "NS", "BS") else _plain(part) for name, part in value.items()
        }
    return [_plain(part) for part in value] if isinstance(value, list) else value
