"""What must always hold, asked of the world after every step. None of it reads the code under attack.

1. No password in the ledger, the queue or what the functions tell, and no name of a user in the latter.
2. Who is confirmed by migration proved that very password to the old pool in that visit, as that very user;
   every verified flag stands in the old pool. Nobody has two profiles. Who was confirmed and is gone does not
   come back.
3. A refusal is the event itself; a fault is one text.
4. No stranger holds what names an old user, where the guard is attached.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from cutover.users.events import FAULT_TEXT
from cutover.users.sign_ups import GUARD_TEXT
from tests.attacks.setups import LEGACY
from tests.attacks.world import Visit, World
from tests.canary import leaks
from tests.simulator.pool import CONTACTS, User
from tests.simulator.tokens import claims_of

FAULT = f"MigrationFault: {FAULT_TEXT}"
REFUSAL = f"SignUpRefused: {GUARD_TEXT}"


@dataclass
class Oracles:
    """`check` after every step; what was seen before is not looked at again."""

    world: World
    settled: set[str] = field(default_factory=set)
    """Old subs whose row was confirmed when a step ended."""
    released: set[str] = field(default_factory=set)
    """Old subs that an operator ever released."""
    revoked: list[User] = field(default_factory=list)
    """Profiles that lost their group again."""
    arrived: set[str] = field(default_factory=set)
    """Old subs of whom there ever was a profile in the new pool."""
    _known: int = 0
    _visits: int = 0
    _told: int = 0
    _bodies: int = 0

    def release(self, old_sub: str) -> None:
        self.settled.discard(old_sub)
        self.released.add(old_sub)

    def check(self) -> None:
        world = self.world
        visits = world.visits[self._visits :]
        self._visits = len(world.visits)
        rows = world.rows()
        self._no_secret(rows)
        for visit in visits:
            refusals_tell_nothing(visit)
        assert set(world.refused) <= {REFUSAL}, "a refused sign-up was told more"
        came = {row["old_sub"] for row in rows.values() if row.get("state") == "confirmed"}
        for user in world.new.ever[self._known :]:
            if user.origin == "migration" and user.born:
                self._came_over_rightly(user.born, visits)
                self.arrived.add(user.born.attributes[LEGACY])
            if user.origin == "sign_up" and user.born:
                holds_nothing_of(user.born, world, self.settled | came)
        self._known = len(world.new.ever)
        one_profile_each(world)
        confirmed_are_ours(world, rows)
        assert not any(user.groups for user in self.revoked), "a revoked group came back"
        self.settled |= came

    def _no_secret(self, rows: dict[str, Any]) -> None:
        told = self.world.told.getvalue()[self._told :]
        self._told += len(told)
        bodies = self.world.queue.bodies[self._bodies :]
        self._bodies += len(bodies)
        assert not leaks(json.dumps(rows)), "a password stands in the ledger"
        assert not any(map(leaks, bodies)), "a password stands in the queue"
        assert not leaks(told), "a password was told"
        for person in self.world.people:
            for name in (person.name, person.mail, person.phone):
                assert name.lower() not in told.lower(), f"a user's name was told: {name}"

    def _came_over_rightly(self, user: User, visits: list[Visit]) -> None:
        old_sub = user.attributes.get(LEGACY, "")
        assert old_sub not in self.settled, "somebody who was confirmed came over again"
        again = old_sub in self.released and user.status == "CONFIRMED"
        assert not again, "who was released came over without a reset"
        ways = [visit for visit in visits if visit.answer and visit.answer["response"].get("userAttributes")]
        problems = {problem for visit in ways for problem in [not_rightly(user, old_sub, visit)]}
        assert "" in problems, f"{user.username} came over wrongly: {sorted(problems)}"


def not_rightly(user: User, old_sub: str, visit: Visit) -> str:
    """Why this visit to the trigger does not justify this new user; empty where it does."""
    shown = [
        call.reply
        for call in visit.calls
        if call.operation == "AdminGetUser" and not call.error and _attributes(call.reply)["sub"] == old_sub
    ]
    if not shown:
        return "the old pool never showed this user"
    profile, attributes = shown[-1], _attributes(shown[-1])
    if not profile["Enabled"]:
        return "disabled in the old pool"
    for contact in CONTACTS:
        flag = f"{contact}_verified"
        same = user.attributes.get(contact) == attributes.get(contact)
        if user.attributes.get(flag) == "true" and not (same and attributes.get(flag) == "true"):
            return f"{flag} was not true in the old pool"
    if user.status == "CONFIRMED":
        return _unproven(user, old_sub, visit, profile)
    return "" if any(user.verified(contact) for contact in CONTACTS) else "no way to prove who they are"


def _unproven(user: User, old_sub: str, visit: Visit, profile: dict[str, Any]) -> str:
    typed = visit.sent["request"].get("password")
    if typed is None or typed != user.password:
        return "another password than the one that was typed"
    if profile["UserStatus"] != "CONFIRMED":
        return f"the old pool calls the user {profile['UserStatus']}"
    for call in visit.calls:
        tokens = call.reply.get("AuthenticationResult") if call.operation == "AdminInitiateAuth" else None
        if tokens and call.asked["AuthParameters"]["PASSWORD"] == typed:
            return "" if claims_of(tokens["IdToken"])["sub"] == old_sub else "the password was another's"
    return "the old pool never accepted this password"


def refusals_tell_nothing(visit: Visit) -> None:
    if visit.raised:
        assert visit.raised == FAULT, visit.raised
    elif not (visit.answer or {}).get("response", {}).get("userAttributes"):
        assert json.dumps(visit.answer) == json.dumps(visit.sent), "a refusal is not the event itself"


def holds_nothing_of(stranger: User, world: World, settled: set[str]) -> None:
    """Names and subs are the old user's for ever, addresses until that user came over."""
    names = {} if world.new.username_attributes else {stranger.username.lower(): "name"}
    addresses = {stranger.attributes.get(contact, "").lower() for contact in CONTACTS} - {""}
    for old in world.old.users:
        assert not {old.username.lower(), old.sub} & (names.keys() | addresses), "a stranger has a name"
        own = {old.attributes.get(contact, "").lower() for contact in CONTACTS}
        theirs = old.status != "UNCONFIRMED" and old.sub not in settled
        assert not (theirs and own & (names.keys() | addresses)), "a stranger has an address"


def one_profile_each(world: World) -> None:
    subs = [user.attributes[LEGACY] for user in world.new.users if LEGACY in user.attributes]
    assert len(subs) == len(set(subs)), "one old user has two new profiles"


def confirmed_are_ours(world: World, rows: dict[str, Any]) -> None:
    """A map of subs is one to one, and leads to nobody who did not come from there."""
    for key, row in rows.items():
        if key.startswith("newsub#"):
            new = next((user for user in world.new.users if user.sub == key.removeprefix("newsub#")), None)
            assert new is None or new.attributes.get(LEGACY) == row["old_sub"], "a stranger was confirmed"


def _attributes(reply: dict[str, Any]) -> dict[str, str]:
    return {row["Name"]: row["Value"] for row in reply["UserAttributes"]}
