"""The last scenes: status, detach, and the search for passwords."""

from __future__ import annotations

from cutover.rehearsal.story.canary import find_canary, written_places
from cutover.rehearsal.story.stage import STACK, Stage
from cutover.rehearsal.world.people import Kind, of_kind


def the_status(stage: Stage) -> None:
    stage.narrator.scene("Where things stand")
    done = stage.verbs.run("status", "--stack", STACK)
    stage.checks.equal("status succeeds (exit code)", 0, done.code)


def the_detachment(stage: Stage) -> None:
    narrator, checks = stage.narrator, stage.checks
    narrator.scene("Detach")
    done = stage.verbs.run("detach", "--stack", STACK, "--yes")
    checks.equal("detach succeeds (exit code)", 0, done.code)
    checks.equal(
        "the new pool's settings are what they were",
        True,
        stage.describe_new_pool() == stage.pool_before_attach,
    )
    again = stage.verbs.ask("detach", "--stack", STACK, "--yes")
    checks.equal("detaching twice does no harm (exit code)", 0, again.code)
    moved, late = of_kind(stage.people, Kind.PLAIN)[2], of_kind(stage.people, Kind.WRONG_PASSWORD)[1]
    checks.equal(
        "after detach: who came over is still in", True, stage.door.sign_in(moved.name, moved.password).tokens
    )
    checks.equal(
        "after detach: nobody else comes over", False, stage.door.sign_in(late.name, late.password).tokens
    )


def no_password_was_written(stage: Stage) -> None:
    stage.narrator.scene("Look for passwords in everything that was written")
    with stage.narrator.waiting("searching logs, tables, queues, buckets, files and this text…"):
        places = written_places(stage.client, [stage.local.folder], stage.narrator.told)
        looked, found = find_canary(stage.canary, places)
    stage.narrator.say(f"{looked:,} log lines, items, messages, objects, files and sentences were searched.")
    stage.checks.equal("places where a password was found", "none", ", ".join(found) or "none")
    stage.checks.equal("the search found the functions' logs", True, _logged(stage))


def _logged(stage: Stage) -> bool:
    groups = stage.client("logs").describe_log_groups()["logGroups"]
    return any(
        stage.client("logs").filter_log_events(logGroupName=group["logGroupName"], limit=1)["events"]
        for group in groups
    )
