"""The story from beginning to end."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from cutover.rehearsal.story import (
    certificate,
    coming_back,
    epilogue,
    groups_move,
    people_move,
    prologue,
    stragglers,
    strangers,
    tables_move,
)
from cutover.rehearsal.story.checks import Checks
from cutover.rehearsal.story.stage import Stage

SCENES = (
    prologue.the_old_world,
    prologue.the_deployment,
    tables_move.the_mirror_follows,
    tables_move.one_bad_item,
    prologue.the_doctor,
    prologue.the_attachment,
    strangers.strangers_sign_up,
    people_move.people_sign_in,
    people_move.they_are_at_home,
    tables_move.the_backfill,
    tables_move.the_comparison,
    people_move.everybody_is_confirmed,
    groups_move.groups_come_over,
    coming_back.the_deleted_stay_deleted,
    tables_move.nothing_is_parked_any_more,
    certificate.the_certificate,
    stragglers.stragglers_are_imported,
    epilogue.the_status,
    epilogue.the_detachment,
    epilogue.no_password_was_written,
)


@dataclass(frozen=True)
class Ending:
    checks: Checks
    seconds: float
    stage: Stage

    def as_json(self) -> dict[str, Any]:
        return {
            "seconds": round(self.seconds, 1),
            "people": self.stage.size.people,
            "items_per_table": self.stage.size.items,
            "writes_meanwhile": sum(self.stage.writer.writes.values()),
            "seed": self.stage.seed,
            "checks": self.checks.as_json(),
        }


def play(stage: Stage) -> Ending:
    """Every scene in order. A scene that cannot go on raises; what was checked so far is in the stage."""
    began = time.monotonic()
    stage.narrator.say(
        "A rehearsal of a whole cutover on this machine. The AWS here is an emulator (ministack) behind a "
        "front that plays Cognito's migration rules, with a pump that plays stream and queue mappings; it is "
        "not AWS. The template, the functions and the commands are the real ones."
    )
    for scene in SCENES:
        scene(stage)
    return Ending(stage.checks, time.monotonic() - began, stage)
