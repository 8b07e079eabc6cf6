"""The scene about the certificate: made once nothing is written any more, checked, and no longer true."""

from __future__ import annotations

import json
from typing import Any

from cutover.rehearsal.story.stage import STACK, Stage
from cutover.rehearsal.story.verbs import Outcome
from cutover.rehearsal.world.tables import ORDERS, SHAPES

FILE = "certificate.json"
SPACING = "1"
"""Seconds between two looks at whether all stands still; the application stopped long ago."""


def the_certificate(stage: Stage) -> None:
    narrator, checks = stage.narrator, stage.checks
    narrator.scene("A certificate that both sides are equal")
    narrator.say("Nothing writes the old tables any more, and nothing is parked: that can be certified.")
    made = stage.verbs.run("verify", "--stack", STACK, "--certify", FILE, "--spacing", SPACING)
    checks.equal("the certificate is made (exit code)", 0, made.code)
    for statement in _statements(stage):
        pair, wanted, held = statement["pair"], statement["wanted"], statement["held"]
        checks.equal(f"{pair}: both sides have one digest", True, wanted["digest"] == held["digest"])
        checks.equal(
            f"{pair}: it is of as many items, and of some", True, wanted["items"] == held["items"] > 0
        )
    checks.equal("pairs in the certificate", len(SHAPES), len(_statements(stage)))
    checks.equal("the ledger knows the certificate (exit code)", 0, _check(stage).code)
    checks.equal(
        "read again, both sides are still like that (exit code)", 0, _check(stage, "--recompute").code
    )
    _change_one_item(stage)


def _change_one_item(stage: Stage) -> None:
    """Of the target; it is put back."""
    dynamodb = stage.client("dynamodb")
    was = dynamodb.scan(TableName=ORDERS.target, Limit=1)["Items"][0]
    dynamodb.put_item(TableName=ORDERS.target, Item={**was, "customer": {"S": "somebody else"}})
    stage.narrator.say("Somebody changes one item of the new table of orders.")
    changed = stage.verbs.run(
        "verify", "--stack", STACK, "--check", FILE, "--recompute", "--spacing", SPACING
    )
    stage.checks.equal("after a change of one item the check fails (exit code)", 3, changed.code)
    dynamodb.put_item(TableName=ORDERS.target, Item=was)
    stage.narrator.say("It is put back as it was.")


def _check(stage: Stage, *more: str) -> Outcome:
    return stage.verbs.run("verify", "--stack", STACK, "--check", FILE, *more)


def _statements(stage: Stage) -> list[dict[str, Any]]:
    """What the certificate says of each pair; nothing where none was made."""
    path = stage.folder / FILE
    if not path.exists():
        return []
    return list(json.loads(path.read_text(encoding="utf-8"))["certificate"]["pairs"])
