"""The scene about sign-ups: a stranger gets nothing that an old user goes by, and somebody new gets in."""

from __future__ import annotations

import json

from cutover.rehearsal.story.door import OK, Answer
from cutover.rehearsal.story.stage import Stage
from cutover.rehearsal.world.people import Kind, of_kind


def strangers_sign_up(stage: Stage) -> None:
    narrator, checks = stage.narrator, stage.checks
    narrator.scene("A stranger signs up as somebody else")
    victim, other = of_kind(stage.people, Kind.PLAIN)[3:5]
    old_sub = stage.profile(stage.pools.old_pool, victim.name)["sub"]
    narrator.say(
        f"{victim.given_name} has not come over yet. Whoever signs up first under that name or e-mail "
        "address would keep the owner out, and get what the shop sends there. A stranger tries: the address "
        "and the name in capitals, somebody else's address, the old sub as a name, a word to the functions."
    )
    password = f"{stage.canary}-stranger-Aa1!"
    tries = [
        stage.door.sign_up("stranger-1", victim.email.upper(), password),
        stage.door.sign_up(victim.name.upper(), "stranger@example.net", password),
        stage.door.sign_up("stranger-2", other.email, password),
        stage.door.sign_up(old_sub, "stranger@example.net", password),
        stage.door.sign_up("stranger-3", victim.email, password, {"old_sub": old_sub, "guard": "off"}),
    ]
    heard = sorted({_heard(one) for one in tries})
    for text in heard:
        narrator.output(text)
    checks.equal("sign-ups by strangers that succeed", 0, sum(one.status == OK for one in tries))
    checks.equal(f"different replies to {len(tries)} refused sign-ups", 1, len(heard))
    narrator.say("Somebody whom the old pool has never seen signs up:")
    new = stage.door.sign_up("new.customer", "new.customer@example.net", f"{stage.canary}-new-Aa1!")
    narrator.output("signed up" if new.status == OK else _heard(new))
    checks.equal("a new customer signs up", OK, new.status)
    users = stage.client("cognito-idp").list_users(UserPoolId=stage.pools.new_pool)["Users"]
    checks.equal("who is in the new pool now", "new.customer", ", ".join(user["Username"] for user in users))


def _heard(answer: Answer) -> str:
    """The error as the client reads it."""
    said = json.loads(answer.body)
    return f"{said.get('__type', '')}: {said.get('message', '')}"
