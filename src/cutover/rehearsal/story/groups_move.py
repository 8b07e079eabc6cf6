"""The scene about groups and the old sub: in tokens first, then for good, and a revoked one stays revoked."""

from __future__ import annotations

import json
import time

from cutover.rehearsal.story.door import Answer, claims_of
from cutover.rehearsal.story.stage import Stage
from cutover.rehearsal.world.people import Kind, Person, of_kind

JOIN_SECONDS = 30.0
REPEAT_SECONDS = 4.0
"""What a message of the settling queue takes at the most, from being sent to being dealt with."""


def groups_come_over(stage: Stage) -> None:
    narrator, checks = stage.narrator, stage.checks
    narrator.scene("Groups and the old sub come over")
    narrator.say(
        "Whoever was confirmed is put into the groups of the old pool, which are made in the new one first. "
        "It happens behind the sign-in, once."
    )
    members = [person for person in of_kind(stage.people, Kind.IN_GROUPS) if person is not stage.latecomer]
    with narrator.waiting("groups are coming over…"):
        joined = _wait_for_groups(stage, members)
    checks.equal("people who are in their groups in the new pool", len(members), joined)
    late = stage.latecomer
    narrator.say(
        f"{late.given_name} signs in only now. The very first tokens say what the pool does not know yet: "
        f"{', '.join(late.teams)}, and who {late.given_name} was in the old pool, for applications that have "
        "keyed their data by it."
    )
    answer = stage.door.sign_in(late.typed_name, late.typed_password)
    checks.equal("the first ID and access token name the groups", _twice(late.teams), _groups(answer))
    old_sub = stage.profile(stage.pools.old_pool, late.name)["sub"]
    checks.equal(
        "the first ID and access token carry the old sub", True, _old_subs(answer) == [old_sub, old_sub]
    )
    _revoked(stage, members[0])


def _revoked(stage: Stage, person: Person) -> None:
    narrator, checks = stage.narrator, stage.checks
    cognito, pool = stage.client("cognito-idp"), stage.pools.new_pool
    team, *left = sorted(person.teams)
    cognito.admin_remove_user_from_group(UserPoolId=pool, Username=person.name, GroupName=team)
    narrator.say(
        f"An administrator takes {person.given_name} out of {team}. Then the message that settled "
        f"{person.given_name} is delivered once more, as queues may do."
    )
    message = {"v": 1, "old_sub": stage.profile(stage.pools.old_pool, person.name)["sub"], "attempt": 0}
    url = stage.output("SettleQueueUrl")
    stage.client("sqs").send_message(QueueUrl=url, MessageBody=json.dumps(message))
    with narrator.waiting("the message is on its way…"):
        time.sleep(REPEAT_SECONDS)
    checks.equal(
        "a revoked group stays revoked", ", ".join(left), ", ".join(stage.teams_of(pool, person.name))
    )
    answer = stage.door.sign_in(person.typed_name, person.password)
    checks.equal("later tokens name the groups that are left", _twice(left), _groups(answer))
    checks.equal("later tokens carry the old sub", True, _old_subs(answer) == [message["old_sub"]] * 2)


def _wait_for_groups(stage: Stage, members: list[Person]) -> int:
    end = time.monotonic() + JOIN_SECONDS
    while True:
        pool = stage.pools.new_pool
        joined = sum(stage.teams_of(pool, person.name) == sorted(person.teams) for person in members)
        if joined == len(members) or time.monotonic() > end:
            return joined
        time.sleep(1.0)


def _twice(teams: list[str] | tuple[str, ...]) -> str:
    return str([sorted(teams)] * 2)


def _groups(answer: Answer) -> str:
    """Of the ID and of the access token; empty where nobody was let in."""
    if not answer.tokens:
        return "no tokens"
    return str([sorted(claims.get("cognito:groups", [])) for claims in claims_of(answer)])


def _old_subs(answer: Answer) -> list[str]:
    return [str(claims.get("old_sub", "")) for claims in claims_of(answer)] if answer.tokens else []
