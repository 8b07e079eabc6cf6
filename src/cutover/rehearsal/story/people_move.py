"""The scenes about people: they sign in on the new pool and come over; others are refused."""

from __future__ import annotations

import time
from collections import Counter

from rich.table import Table

from cutover.rehearsal.story.door import Answer
from cutover.rehearsal.story.stage import ATTRIBUTES, STACK, Stage
from cutover.rehearsal.world.people import Kind, Person, of_kind

CONFIRM_SECONDS = 100.0
_CARRIED = {word.split("=")[0]: word.split("=")[-1] for word in ATTRIBUTES.split(",")}


def people_sign_in(stage: Stage) -> None:
    narrator, checks = stage.narrator, stage.checks
    narrator.scene("People sign in on the new pool")
    narrator.say(
        f"{len(stage.first_comers)} people type their name and password at the new pool's door "
        "(InitiateAuth). The pool knows none of them. It asks the trigger, the trigger asks the old pool."
    )
    began = time.monotonic()
    with narrator.waiting("people are signing in…"):
        answers = stage.door.let_in(stage.first_comers)
    took = time.monotonic() - began
    narrator.show(_tally(answers))
    narrator.say(f"That took {took:.1f} seconds, and the application never stopped writing.")
    again = sum(answer.tries > 1 for answer in answers.values())
    if again:
        narrator.say(
            f"{again} of them met an error first, as when the trigger takes longer than the five seconds "
            "that Cognito waits, and tried again."
        )
    let_in = {person for person, answer in answers.items() if answer.tokens}
    moving = {person for person in stage.first_comers if person.moves}
    checks.equal("people who proved their password and are in", len(moving), len(let_in & moving))
    checks.equal("people who got in and should not have", 0, len(let_in - moving))
    refused = [answer for person, answer in answers.items() if not person.moves]
    distinct = {(answer.status, answer.body) for answer in refused}
    narrator.say("What every refused person heard, to the byte:")
    for _, body in sorted(distinct):
        narrator.output(body.decode())
    checks.equal(f"different replies to {len(refused)} refusals of every kind", 1, len(distinct))
    checks.equal("profiles that did not come over as they were", 0, _wrong_profiles(stage, moving))


def they_are_at_home(stage: Stage) -> None:
    """The old pool is not needed any more for those who came over."""
    narrator, checks = stage.narrator, stage.checks
    narrator.scene("They are at home in the new pool")
    person = of_kind(stage.people, Kind.PLAIN)[0]
    cognito = stage.client("cognito-idp")
    cognito.admin_disable_user(UserPoolId=stage.pools.old_pool, Username=person.name)
    narrator.say(
        f"{person.given_name}'s old account is switched off, and {person.given_name} signs in again."
    )
    again = stage.door.sign_in(person.typed_name, person.typed_password)
    narrator.output(heard(again))
    checks.equal("a person who came over signs in without the old pool", True, again.tokens)
    corrected = of_kind(stage.people, Kind.WRONG_PASSWORD)[0]
    narrator.say(f"{corrected.given_name} typed a wrong password before. Now the right one:")
    second = stage.door.sign_in(corrected.typed_name, corrected.password)
    narrator.output(heard(second))
    checks.equal("a wrong password first does not keep anybody out", True, second.tokens)


def everybody_is_confirmed(stage: Stage) -> None:
    """Waits for the settle messages, which come half a minute after each sign-in."""
    narrator, checks = stage.narrator, stage.checks
    narrator.scene("The ledger confirms who came over")
    narrator.say(
        "Each sign-in left an offer in the ledger. A delayed message looks whether that person really is in "
        "the new pool now, and only then confirms. A confirmed person never comes through the old pool again."
    )
    expected = sum(person.moves for person in stage.first_comers) + 1
    with narrator.waiting("the settle messages come half a minute after each sign-in…"):
        confirmed = _wait_for_confirmed(stage, expected)
    narrator.say(f"{confirmed} of {expected} are confirmed.")
    checks.equal("people confirmed in the ledger", expected, confirmed)


def heard(answer: Answer) -> str:
    """The refusal as it stands; a token is never shown."""
    return "signed in" if answer.tokens else answer.body.decode()


def _wait_for_confirmed(stage: Stage, expected: int) -> int:
    end = time.monotonic() + CONFIRM_SECONDS
    while True:
        data = stage.verbs.ask("status", "--stack", STACK, "--output", "json").data
        counts = (data.get("users") or {}).get("counts") or {}
        confirmed = int((counts.get("confirmed") or {}).get("number") or 0)
        if confirmed >= expected or time.monotonic() > end:
            return confirmed
        time.sleep(1.0)


def _tally(answers: dict[Person, Answer]) -> Table:
    came, stayed = Counter[Kind](), Counter[Kind]()
    for person, answer in answers.items():
        (came if answer.tokens else stayed)[person.kind] += 1
    table = Table("came over", "refused", "", box=None, header_style="bold")
    for kind in Kind:
        if came[kind] or stayed[kind]:
            table.add_row(str(came[kind] or ""), str(stayed[kind] or ""), kind.value)
    return table


def _wrong_profiles(stage: Stage, moved: set[Person]) -> int:
    return sum(not _came_over_whole(stage, person) for person in moved)


def _came_over_whole(stage: Stage, person: Person) -> bool:
    old = stage.profile(stage.pools.old_pool, person.name)
    new = stage.profile(stage.pools.new_pool, person.name)
    expected = {_CARRIED[name]: value for name, value in old.items() if name in _CARRIED}
    expected |= {"email_verified": "true", "custom:old_sub": old["sub"]}
    if old["email_verified"] != "true":
        del expected["email"], expected["email_verified"]  # nobody has shown that the address is theirs
    return {name: value for name, value in new.items() if name != "sub"} == expected and new["sub"] != old[
        "sub"
    ]
