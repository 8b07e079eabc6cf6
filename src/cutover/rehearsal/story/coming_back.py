"""The scene about a user who was deleted: out for ever, unless an operator releases them, to a reset only."""

from __future__ import annotations

from cutover.rehearsal.story.door import OK
from cutover.rehearsal.story.people_move import heard
from cutover.rehearsal.story.stage import STACK, Stage
from cutover.rehearsal.world.people import Kind, Person, of_kind

CODE = "654321"
"""What the emulator sends to everybody who forgot a password."""


def the_deleted_stay_deleted(stage: Stage) -> None:
    narrator, checks = stage.narrator, stage.checks
    narrator.scene("Nobody comes back by an old password")
    person = of_kind(stage.people, Kind.PLAIN)[1]
    stage.client("cognito-idp").admin_delete_user(UserPoolId=stage.pools.new_pool, Username=person.name)
    narrator.say(
        f"{person.given_name} deletes the new account. Somebody has the old password, and tries it, under "
        "the user name and under the e-mail address:"
    )
    tries = [stage.door.sign_in(name, person.password) for name in (person.name, person.email)]
    for one in tries:
        narrator.output(heard(one))
    checks.equal(
        "sign-ins with a deleted user's old password that succeed", 0, sum(one.tokens for one in tries)
    )
    _released(stage, person)


def _released(stage: Stage, person: Person) -> None:
    narrator, checks = stage.narrator, stage.checks
    narrator.say(f"{person.given_name} wants the account back. Only an operator can allow it, for one user:")
    done = stage.verbs.run("release", person.name, "--stack", STACK, "--yes")
    checks.equal("release succeeds (exit code)", 0, done.code)
    narrator.say("The old password, which somebody else knows, opens nothing; it only brings the user over:")
    again = stage.door.sign_in(person.name, person.password)
    narrator.output(heard(again))
    checks.equal("a released user's old password signs in", False, again.tokens)
    checks.equal(
        "a released user is in the new pool to be reset",
        "RESET_REQUIRED",
        stage.status_of(stage.pools.new_pool, person.name),
    )
    chosen = f"{stage.canary}-again-Aa1!"
    narrator.say("The owner gets a code at the verified address, and chooses a new password with it:")
    checks.equal("the code of a reset is taken", OK, stage.door.reset(person.name, CODE, chosen).status)
    back = stage.door.sign_in(person.name, chosen)
    narrator.output(heard(back))
    checks.equal("a released user signs in with the new password", True, back.tokens)
