"""The state machine: owners, a stranger, administrators, Cognito's losses, outages, the clock.

The stranger knows every password that anybody ever had in the old pool, all names, addresses and subs; only
mailboxes, the new pool's passwords and what administrators can do are out of reach.
"""

from __future__ import annotations

import itertools
import json
from collections import Counter
from collections.abc import Callable
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.attacks import setups
from tests.attacks.oracles import Oracles
from tests.attacks.setups import KINDS, LEGACY, OLD_ID, SETUPS, Person
from tests.attacks.weather import KINDS as STORMS
from tests.attacks.weather import PLACES
from tests.attacks.world import Deployment, World
from tests.canary import PASSWORD
from tests.simulator.migration import BEFORE_CREATION
from tests.simulator.triggers import Fate

SOURCES = ("", "PreSignUp_AdminCreateUser", "PreSignUp_SignUp")
"""As what PreSignUp runs during a migration, if at all."""
MOMENTS = ("AdminInitiateAuth", "AdminGetUser", BEFORE_CREATION)
GROUP = "editors"
EVE = "eve@stranger.example"
EVES = f"{PASSWORD}of-eve"
WHO = st.integers(0, 2)
FORM = st.integers(0, 6)
SPARE = st.integers(0, 2)


class Attack(RuleBasedStateMachine):
    """`deployment` is what is attacked; `counts` says how many histories and steps were played."""

    deployment: ClassVar[Deployment] = Deployment()
    setups: ClassVar[tuple[str, ...]] = tuple(SETUPS)
    kinds: ClassVar[tuple[str, ...]] = tuple(sorted(KINDS))
    counts: ClassVar[Counter[str]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.world: World | None = None
        self.resting = False

    @initialize(data=st.data())
    def begin(self, data: st.DataObject) -> None:
        setup = data.draw(st.sampled_from(self.setups), label="pools")
        self.world = world = World(setup, self.deployment)
        world.sim.sign_up_source_of_migration = data.draw(st.sampled_from(SOURCES), label="PreSignUp as")
        self.oracles = Oracles(world)
        kinds = ["plain", "plain", data.draw(st.sampled_from(self.kinds), label="the third")]
        for number, kind in enumerate(kinds):
            name = f"{('anna', 'Boris', 'chloe')[number]}-k{number}9x"
            world.people.append(setups.person(world.old, name, world.clock(), kind, verified=number != 1))
        world.build_index()
        world.admin.create_group(UserPoolId=OLD_ID, GroupName=GROUP)
        self.changed = 0
        self.lost: set[str] = set()
        """Old subs whose profile another person reset, who was given its address in the old pool."""
        self.counts["histories"] += 1

    # Owners.

    @rule(who=WHO, spare=SPARE)
    def owner_signs_in(self, who: int, spare: int) -> None:
        person = self.person(who)
        self.play(lambda: self.world.sign_in(self.own_name(person, spare), person.password))

    @rule(who=WHO, later=st.booleans(), gone=st.booleans())
    def owner_comes_over_and_is_confirmed(self, who: int, later: bool, gone: bool) -> None:
        """The plain course of things; perhaps the profile is deleted at its end."""
        person = self.person(who)
        self.play(lambda: self.world.sign_in(self.own_name(person), person.password))
        self.world.clock.step(1000 if later else 40)
        self.play(self.world.deliver)
        if gone:
            self.remove(person)

    @rule(who=WHO, spare=SPARE)
    def owner_resets(self, who: int, spare: int) -> None:
        """Asks for a code, reads it, and chooses a new password."""
        person, name = self.person(who), self.own_name(self.person(who), spare)
        self.play(lambda: self.world.forgot(name))
        self.resets_with_newest_code(person, name)

    @rule(who=WHO)
    def owner_changes_the_new_password(self, who: int) -> None:
        person, user = self.person(who), self.world.new_of(self.person(who))
        if user is not None and user.status == "CONFIRMED" and user.enabled:
            user.password = person.password = self.new_password()

    @rule(who=WHO)
    def owner_deletes_the_new_profile(self, who: int) -> None:
        self.remove(self.person(who))

    # The stranger.

    @rule(who=WHO, form=FORM, leak=st.integers(0, 5))
    def stranger_signs_in(self, who: int, form: int, leak: int) -> None:
        person = self.person(who)
        known = [*person.leaked, EVES]
        self.play(lambda: self.world.sign_in(person.forms()[form], known[leak % len(known)]))

    @rule(who=WHO, form=FORM)
    def stranger_forgets_for_somebody(self, who: int, form: int) -> None:
        self.play(lambda: self.world.forgot(self.person(who).forms()[form]))

    @rule(who=WHO, form=FORM, mail=st.booleans(), forged=st.booleans(), force=st.booleans())
    def stranger_signs_up(self, who: int, form: int, mail: bool, forged: bool, force: bool) -> None:
        """Under a name of somebody's, with that person's e-mail or with Eve's own."""
        person = self.person(who)
        name, letters = person.forms()[form], person.mail if mail else EVE
        extra = {LEGACY.replace(":", "__"): person.sub} if forged else {}
        self.play(lambda: self.world.sign_up(name, EVES, email=letters, **extra))
        self.world.confirm(name, EVE, force=force)

    @rule(who=WHO, fate=st.sampled_from([Fate.FORGOTTEN, Fate.UNSEEN, Fate.LATE]), admin=st.booleans())
    def somebody_takes_the_name_of_a_lost_answer(self, who: int, fate: Fate, admin: bool) -> None:
        """The stranger, or an administrator who makes a namesake."""
        person = self.person(who)
        self.world.sim.functions.fates.appendleft(fate)
        self.play(lambda: self.world.sign_in(self.own_name(person), person.password))
        name = self.own_name(person)
        if admin:
            self.play(lambda: self.world.namesake(name, EVES))
        self.play(lambda: self.world.sign_up(name, EVES, email=name if "@" in name else EVE))
        self.world.confirm(name, EVE)
        self.world.clock.step(40)
        self.play(self.world.deliver)

    @rule(who=WHO, again=st.integers(0, 3000))
    def stranger_forges_a_message(self, who: int, again: int) -> None:
        body = {"v": 1, "old_sub": self.person(who).sub, "attempt": again, "target_name": "eve"}
        self.play(lambda: self.world.settle(json.dumps(body), "no message"))

    # Administrators.

    @rule(who=WHO)
    def old_pool_disables(self, who: int) -> None:
        person = self.person(who)
        person.old.enabled, person.plain = False, False

    @rule(who=WHO)
    def old_pool_enables(self, who: int) -> None:
        self.person(who).old.enabled = True

    @rule(who=WHO)
    def old_pool_changes_a_password(self, who: int) -> None:
        person = self.person(who)
        if person.old.status == "CONFIRMED":
            person.old.password = chosen = self.new_password()
            person.leaked.append(chosen)
            if self.world.new_of(person) is None:
                person.password = chosen

    @rule(who=WHO, status=st.sampled_from(["RESET_REQUIRED", "FORCE_CHANGE_PASSWORD", "UNCONFIRMED"]))
    def old_pool_changes_a_status(self, who: int, status: str) -> None:
        person = self.person(who)
        person.old.status, person.plain = status, False

    @rule(who=WHO, verified=st.booleans())
    def old_pool_changes_a_flag(self, who: int, verified: bool) -> None:
        self.world.admin.admin_update_user_attributes(
            UserPoolId=OLD_ID,
            Username=self.person(who).old.sub,
            UserAttributes=[{"Name": "email_verified", "Value": "true" if verified else "false"}],
        )

    @rule(who=WHO)
    def new_pool_deletes(self, who: int) -> None:
        self.remove(self.person(who))

    @rule(who=WHO, gone=st.booleans())
    def operator_releases(self, who: int, gone: bool) -> None:
        """As the verb does: only whose profile is gone. The old password is tried at once."""
        person = self.person(who)
        if gone:
            self.remove(person)
        if self.world.new_of(person) is None and self.world.release(person):
            self.oracles.release(person.sub)
            self.play(lambda: self.world.sign_in(self.own_name(person), person.old.password or EVES))

    @rule(who=WHO, joins=st.booleans())
    def old_pool_changes_a_group(self, who: int, joins: bool) -> None:
        groups = self.person(who).old.groups
        groups.add(GROUP) if joins else groups.discard(GROUP)

    @rule(who=WHO)
    def new_pool_revokes_a_group(self, who: int) -> None:
        user = self.world.new_of(self.person(who))
        if user is not None and GROUP in user.groups:
            user.groups.discard(GROUP)
            self.oracles.revoked.append(user)

    @rule(who=WHO, enabled=st.booleans())
    def new_pool_switches(self, who: int, enabled: bool) -> None:
        user = self.world.new_of(self.person(who))
        if user is not None:
            user.enabled = enabled

    # Between two calls of one sign-in.

    @rule(
        moment=st.sampled_from(MOMENTS),
        who=WHO,
        other=WHO,
        what=st.sampled_from(["move", "sign in", "sign up"]),
    )
    def something_happens_in_between(self, moment: str, who: int, other: int, what: str) -> None:
        """The next time Cognito gets to `moment`, something else happens first."""
        one, two = self.person(who), self.person(other)
        plays: dict[str, Callable[[], Any]] = {
            "move": lambda: self.move_mail(one, two),
            "sign in": lambda: self.world.sign_in(one.name, one.password),
            "sign up": lambda: self.world.sign_up(one.name, EVES, email=one.mail),
        }
        self.world.sim.before[moment].append(plays[what])

    @rule(who=WHO, other=WHO)
    def old_pool_moves_an_address(self, who: int, other: int) -> None:
        self.move_mail(self.person(who), self.person(other))

    # Losses, outages, queue, clock.

    @rule(fates=st.lists(st.sampled_from(list(Fate)), min_size=1, max_size=4))
    def cognito_loses(self, fates: list[Fate]) -> None:
        self.world.sim.functions.fates.extend(fates)

    @rule(place=st.sampled_from(PLACES), kind=st.sampled_from(STORMS), calls=st.sampled_from([1, 2, 50]))
    def a_storm_begins(self, place: str, kind: Callable[[], Exception], calls: int) -> None:
        self.world.weather.begin(place, kind, calls)

    @rule()
    def it_is_calm_again(self) -> None:
        self.world.weather.calm()

    @rule(early=st.booleans(), twice=st.booleans(), backwards=st.booleans())
    def the_queue_delivers(self, early: bool, twice: bool, backwards: bool) -> None:
        bodies = self.world.queue.take(due_only=not early)
        for body in (bodies[::-1] if backwards else bodies) * (2 if twice else 1):
            self.play(
                lambda body=body: [self.world.queue.put_back(row, 30) for row in self.world.settle(body)]
            )

    @rule(seconds=st.sampled_from([1, 40, 1000, 90_000]))
    def time_passes(self, seconds: int) -> None:
        self.world.clock.step(seconds)

    @rule()
    def two_weeks_pass(self) -> None:
        """Each chain of reminders ends by then, as it should."""
        self.world.clock.step(15 * 86400)

    # What must always hold.

    @invariant()
    @precondition(lambda self: self.world is not None)
    def nothing_that_must_not_be(self) -> None:
        self.counts["steps"] += 1
        self.resting = False
        self.oracles.check()
        self.resting = True

    def teardown(self) -> None:
        if self.world is None:
            return
        try:
            if self.resting:
                self.everybody_comes_home()
        finally:
            self.world.close()

    def everybody_comes_home(self) -> None:
        """Once outages end, a plain owner comes over, or signs in to or resets the profile that is there."""
        world = self.world
        world.weather.calm()
        world.sim.functions.fates.clear()
        world.sim.before.clear()
        world.clock.step(7200)
        for person in world.people:
            lost = person.sub in self.lost
            excused = lost or self.unreachable(person) or self.squatted(person) or self.nameless(person)
            gone = person.sub in self.oracles.arrived and world.new_of(person) is None
            if person.plain and not gone and not excused:
                assert self.comes_over(person), f"{person.name} is locked out: {world.state(person)}"

    def comes_over(self, person: Person) -> bool:
        """At once; or by a reset; or once a profile that nobody reset was swept, a day later."""
        user = self.world.new_of(person)
        if user is not None and not user.enabled:
            return True
        if self.gets_in(person) or (user is not None and self.resets(person)):
            return True
        for _ in range(3):
            self.world.clock.step(86_400)
            self.world.deliver()
        return self.gets_in(person)

    def gets_in(self, person: Person) -> bool:
        known = [person.password, person.old.password or ""]
        for name, password in itertools.product(self.names(person), known):
            self.world.clock.step(1000)
            if self.world.sign_in(name, password) == ("", ""):
                return True
        return False

    def resets(self, person: Person) -> bool:
        world = self.world
        return any(
            world.forgot(name) == ("", "") and self.resets_with_newest_code(person, name)
            for name in self.names(person)
        )

    def resets_with_newest_code(self, person: Person, name: str) -> bool:
        """Whose profile it is has lost it: a code goes to whoever reads the address that it has."""
        user, chosen = self.world.new.find(self.world.new.fold(name)), self.new_password()
        if user is None or self.world.reset(name, person.mail, chosen) != ("", ""):
            return False
        person.password = chosen
        for owner in self.world.people:
            if owner.sub == user.attributes.get(LEGACY) and owner is not person:
                moved = owner.mail != user.attributes["email"] == person.mail
                assert moved, f"{person.name} chose the password of {owner.name}"
                self.lost.add(owner.sub)
        return True

    def names(self, person: Person) -> list[str]:
        return [form for form in (*person.forms(), *person.mails) if form != person.sub]

    def unreachable(self, person: Person) -> bool:
        """Whether a code is all that lets them in, and no mailbox of theirs gets it: it is not verified, or
        the old pool gave them another one since their profile was made."""
        user = self.world.new_of(person)
        left = user is not None and user.attributes.get("email") != person.mail
        return person.sub in self.oracles.released and (left or not person.old.verified("email"))

    def squatted(self, person: Person) -> bool:
        """Whether a name of theirs is another's: a profile's that an administrator made, or that of somebody
        who had the address before, or an offer's to that one."""
        world = self.world
        rows = ((key.rpartition("#")[2], row) for key, row in world.rows().items() if key.startswith("name#"))
        bound = {name: row["old_sub"] for name, row in rows if "old_sub" in row}  # the others were given up
        holders = {bound.get(form.lower(), person.sub) for form in person.forms()}
        if len(person.mails) > 1 and holders != {person.sub}:
            return True
        held = [world.new.find(world.new.fold(form)) for form in person.forms()]
        mine = world.new_of(person)
        return any(user is not None and user is not mine for user in held)

    def nameless(self, person: Person) -> bool:
        """Whether the new pool signs in by an e-mail that the old pool does not call this person's."""
        world = self.world
        vouched = "email" in world.old.username_attributes or person.old.verified("email")
        return bool(world.new.username_attributes) and not vouched

    # Words of the rules.

    def person(self, number: int) -> Person:
        return self.world.people[number]

    def play(self, step: Callable[[], Any]) -> None:
        step()

    def own_name(self, person: Person, spare: int = 0) -> str:
        """A name of theirs that the new pool may know: first the one that it signs in by."""
        mails = bool(self.world.new.username_attributes or self.world.old.username_attributes)
        names = [person.mail, person.name] if mails else [person.name, person.mail]
        return [*names, names[0].upper()][spare]

    def new_password(self) -> str:
        self.changed += 1
        return f"{PASSWORD}{self.changed}"

    def remove(self, person: Person) -> None:
        user = self.world.new_of(person)
        if user is not None:
            self.world.new.users.remove(user)

    def move_mail(self, one: Person, two: Person) -> None:
        """An administrator of the old pool gives one person's e-mail to another, who gets a new one."""
        if one is two:
            return
        one.mail, two.mail = two.mail, one.mail
        for person in (one, two):
            person.old.attributes["email"] = person.mail
            person.mails.append(person.mail)
