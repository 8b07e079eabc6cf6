"""The scene about those who never sign in: exported, imported, and left with a password to be reset."""

from __future__ import annotations

from cutover.rehearsal.story.prologue import PACE, REFUSED_BY_INTERLOCK
from cutover.rehearsal.story.stage import STACK, Stage
from cutover.rehearsal.world.people import Kind, Person, of_kind

FOLDER = "stragglers"


def stragglers_are_imported(stage: Stage) -> None:
    narrator, checks, verbs = stage.narrator, stage.checks, stage.verbs
    narrator.scene("Import those who never sign in")
    late = _stragglers(stage)
    narrator.say(
        f"{len(late)} people have not come over by the end and could: their accounts are in order. They are "
        "written into files for Cognito's user import; who is disabled, unconfirmed or has a second factor "
        "stays out, with the reason."
    )
    exported = verbs.run("export-users", "--folder", FOLDER, "--stack", STACK, *PACE, "--yes")
    checks.equal("export-users succeeds (exit code)", 0, exported.code)
    narrator.say("An imported user has lost the seamless way. So while many still come over by themselves:")
    refused = verbs.run("import-users", FOLDER, "--stack", STACK, *PACE, "--yes")
    checks.equal(
        "import-users refuses while people still come over (exit code)", REFUSED_BY_INTERLOCK, refused.code
    )
    narrator.say("Weeks later it is quiet. The job runs, and its log is read line by line:")
    done = verbs.run("import-users", FOLDER, "--stack", STACK, *PACE, "--max-rate", "1000000", "--yes")
    checks.equal("import-users succeeds (exit code)", 0, done.code)
    statuses = [stage.status_of(stage.pools.new_pool, person.name) for person in late]
    checks.equal("stragglers in the new pool, to be reset", len(late), statuses.count("RESET_REQUIRED"))
    checks.equal("stragglers whom the ledger calls imported", len(late), _imported(stage))
    tries = [stage.door.sign_in(person.name, person.password) for person in late]
    checks.equal("imported people whose old password signs in", 0, sum(one.tokens for one in tries))


def _stragglers(stage: Stage) -> list[Person]:
    """Who typed a wrong password once and went away; the first of them came back."""
    return of_kind(stage.people, Kind.WRONG_PASSWORD)[1:] + of_kind(stage.people, Kind.RESET)


def _imported(stage: Stage) -> int:
    data = stage.verbs.ask("status", "--stack", STACK, "--output", "json").data
    counts = (data.get("users") or {}).get("counts") or {}
    return int((counts.get("imported") or {}).get("number") or 0)
