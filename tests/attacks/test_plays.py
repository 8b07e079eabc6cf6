"""Named interleavings against the real handlers, over the simulated pools: each by what happens in it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest
from moto import mock_aws

from tests.attacks import setups
from tests.attacks.machine import EVE, EVES
from tests.attacks.oracles import Oracles
from tests.attacks.setups import LEGACY, NEW_ID, OLD_ID, Person
from tests.attacks.world import World
from tests.canary import PASSWORD
from tests.simulator.migration import BEFORE_CREATION
from tests.simulator.triggers import Fate

WRONG = ("NotAuthorizedException", "Incorrect username or password.")
IN = ("", "")
DAY = 86_400


class Play(World):
    """Anna (e-mail verified) and Boris (not) are in the old pool."""

    def __init__(self, setup: str = "names to names without case", **changes: object) -> None:
        super().__init__(setup, **changes)  # type: ignore[arg-type]
        self.oracles = Oracles(self)
        self.anna, self.boris = (
            setups.person(self.old, name, self.clock(), verified=verified)
            for name, verified in (("anna-k09x", True), ("boris-k19x", False))
        )
        self.people += [self.anna, self.boris]
        self.build_index()

    def come_over(self, person: Person) -> None:
        assert self.sign_in(person.name, person.password) == IN
        self.settled()
        assert self.state(person) == "confirmed"

    def settled(self) -> None:
        self.clock.step(40)
        self.deliver()

    def sign_in(self, name: str, password: str) -> tuple[str, str]:
        seen = super().sign_in(name, password)
        self.oracles.check()
        return seen


@pytest.fixture
def play() -> Iterator[Play]:
    with mock_aws():
        yield Play()


@pytest.fixture
def playing() -> Iterator[Callable[[str], Play]]:
    with mock_aws():
        yield Play


@pytest.mark.parametrize("setup", sorted(setups.SETUPS))
def test_a_leaked_old_password_after_its_owner_migrated_and_changed_it(
    playing: Callable[[str], Play], setup: str
) -> None:
    play = playing(setup)
    anna = play.anna
    name = anna.mail if play.new.username_attributes else anna.name
    assert play.sign_in(name, anna.password) == IN
    play.settled()
    user = play.new_of(anna)
    assert user is not None
    user.password = f"{PASSWORD}changed"
    for form in anna.forms():
        assert play.sign_in(form, anna.password) == WRONG
        play.clock.step(1000)
    assert [user.sub for user in play.new.users] == [user.sub]


def test_a_leaked_old_password_after_its_owner_was_deleted_in_the_new_pool(play: Play) -> None:
    play.come_over(play.anna)
    play.admin.admin_delete_user(UserPoolId=NEW_ID, Username=play.anna.name)
    for form in play.anna.forms():
        assert play.sign_in(form, play.anna.password) == WRONG
        play.forgot(form)
    assert play.new.users == []


def test_after_a_release_the_old_password_leads_to_a_reset_and_never_in(play: Play) -> None:
    play.come_over(play.anna)
    play.admin.admin_delete_user(UserPoolId=NEW_ID, Username=play.anna.name)
    assert play.release(play.anna)
    play.oracles.release(play.anna.sub)
    assert play.sign_in(play.anna.name, play.anna.password) == WRONG
    assert [user.status for user in play.new.users] == ["RESET_REQUIRED"]
    assert play.forgot(play.anna.name) == IN
    assert play.reset(play.anna.name, EVE, EVES)[0] == "CodeMismatchException"
    assert play.reset(play.anna.name, play.anna.mail, f"{PASSWORD}new") == IN
    assert play.sign_in(play.anna.name, f"{PASSWORD}new") == IN


def test_a_strangers_forgotten_password_for_everybody_takes_the_old_one_from_nobody_for_good(
    play: Play,
) -> None:
    for person in play.people:
        play.forgot(person.name)
    assert play.sign_in(play.anna.name, play.anna.password) == WRONG
    for _ in range(120):
        play.clock.step(1000)
        play.deliver()
    assert play.sign_in(play.anna.name, play.anna.password) == IN
    assert play.sign_in(play.boris.name, play.boris.password) == IN


def test_a_strangers_forgotten_password_sends_its_code_to_the_owner_alone(play: Play) -> None:
    play.forgot(play.anna.name)
    assert [letter.to for letter in play.sim.mail.sent] == [play.anna.mail]
    assert play.reset(play.anna.name, EVE, EVES)[0] == "CodeMismatchException"


@pytest.mark.parametrize("moment", ["AdminInitiateAuth", "AdminGetUser"])
def test_an_alias_moves_between_the_two_calls_of_a_sign_in(
    playing: Callable[[str], Play], moment: str
) -> None:
    play = playing("mail aliases")
    anna, boris = play.anna, play.boris

    def move() -> None:
        anna.old.attributes["email"], boris.old.attributes["email"] = "gone@people.example", anna.mail
        boris.old.attributes["email_verified"] = "true"

    play.sim.before[moment].append(move)
    assert play.sign_in(anna.mail, anna.password) == WRONG
    assert play.new.users == []
    assert {play.state(anna), play.state(boris)} == {""}


def test_a_name_is_freed_and_taken_again_between_the_two_calls_of_a_sign_in(play: Play) -> None:
    anna = play.anna

    def retake() -> None:
        play.admin.admin_delete_user(UserPoolId=OLD_ID, Username=anna.name)
        play.boris.old.username = anna.name

    play.sim.before["AdminGetUser"].append(retake)
    assert play.sign_in(anna.name, anna.password) == WRONG
    assert play.new.users == []


def test_a_name_that_was_freed_and_taken_again_does_not_lead_into_the_former_owners_profile(
    play: Play,
) -> None:
    play.come_over(play.anna)
    play.admin.admin_delete_user(UserPoolId=OLD_ID, Username=play.anna.name)
    play.boris.old.username = play.anna.name
    assert play.sign_in(play.anna.name, play.boris.password) == WRONG
    play.admin.admin_delete_user(UserPoolId=NEW_ID, Username=play.anna.name)
    assert play.sign_in(play.anna.name, play.boris.password) == WRONG
    assert play.new.users == []


def test_an_address_that_moved_in_the_old_pool_goes_on_naming_the_first_owners_profile(
    playing: Callable[[str], Play],
) -> None:
    """Cognito's own rule, and the runbook's reason: the new pool does not follow the old one."""
    play = playing("mail names")
    anna, boris, mail = play.anna, play.boris, play.anna.mail
    assert play.sign_in(mail, anna.password) == IN
    play.settled()
    anna.old.attributes["email"], boris.old.attributes["email"] = boris.mail, mail
    assert play.sign_in(mail, boris.password) == WRONG
    assert play.forgot(mail) == IN
    assert play.reset(mail, mail, f"{PASSWORD}9") == IN
    profile = play.new_of(anna)
    assert profile is not None
    assert profile.password == f"{PASSWORD}9"
    assert play.new_of(boris) is None


def test_a_name_that_an_offer_binds_is_free_once_its_holder_signs_in_by_the_name_they_have_now(
    playing: Callable[[str], Play],
) -> None:
    play = playing("mail names")
    anna, boris = play.anna, play.boris
    play.sim.functions.fates.append(Fate.FORGOTTEN)
    play.sign_in(anna.mail, anna.password)
    anna.mail, boris.mail = boris.mail, anna.mail
    anna.old.attributes["email"], boris.old.attributes["email"] = anna.mail, boris.mail
    play.settled()
    assert play.sign_in(boris.mail, boris.password) == WRONG
    play.clock.step(1000)
    assert play.sign_in(anna.mail, anna.password) == IN
    assert play.sign_in(boris.mail, boris.password) == IN


def test_a_forged_settling_message_confirms_nobody(play: Play) -> None:
    play.sim.functions.fates.append(Fate.FORGOTTEN)
    play.sign_in(play.anna.name, play.anna.password)
    squatter = setups.person(play.new, play.anna.name, play.clock() + 1000 * DAY)
    for attempt in (0, 7, 10**9):
        play.settle(json.dumps({"v": 1, "old_sub": play.anna.sub, "attempt": attempt}))
    play.settle(json.dumps({"v": 1, "old_sub": play.boris.sub, "attempt": 0}))
    play.oracles.check()
    assert play.state(play.anna) == "offered"
    assert play.state(play.boris) == ""
    assert squatter.old in play.new.users


def test_a_replayed_settling_message_brings_nobody_back(play: Play) -> None:
    play.come_over(play.anna)
    play.admin.admin_delete_user(UserPoolId=NEW_ID, Username=play.anna.name)
    before = play.rows()
    for body in play.queue.bodies * 3:
        play.settle(body)
    assert play.rows() == before
    assert play.sign_in(play.anna.name, play.anna.password) == WRONG


@pytest.mark.parametrize("moment", ["AdminInitiateAuth", "AdminGetUser", BEFORE_CREATION])
def test_a_sign_up_that_races_a_migration_wins_nothing(play: Play, moment: str) -> None:
    anna, seen = play.anna, []
    extra = {LEGACY.replace(":", "__"): anna.sub}
    for attributes in ({}, extra):
        play.sim.before[moment].append(
            lambda attributes=attributes: seen.append(play.sign_up(anna.name, EVES, email=EVE, **attributes))
        )
        play.sign_in(anna.name, anna.password)
    play.settled()
    assert seen
    assert IN not in seen
    assert [user.attributes[LEGACY] for user in play.new.users] == [anna.sub]


@pytest.mark.parametrize("source", ["", "PreSignUp_AdminCreateUser", "PreSignUp_SignUp"])
def test_the_guard_lets_a_migration_through_whatever_source_it_comes_as(play: Play, source: str) -> None:
    play.sim.sign_up_source_of_migration = source
    play.come_over(play.anna)


@pytest.mark.parametrize("setup", sorted(setups.SETUPS))
def test_nobody_signs_up_under_what_an_old_user_goes_by(playing: Callable[[str], Play], setup: str) -> None:
    play = playing(setup)
    for form in play.anna.forms():
        for mail in (EVE, play.anna.mail, play.anna.mail.upper()):
            assert play.sign_up(form, EVES, email=mail) != IN
    assert play.sign_up(EVE if "@" in play.anna.old.username else "eve", EVES, email=play.anna.mail) != IN
    assert play.new.users == []


@pytest.mark.parametrize("fate", [Fate.FORGOTTEN, Fate.UNSEEN, Fate.LATE, Fate.UNREACHED])
def test_a_lost_answer_locks_nobody_out(play: Play, fate: Fate) -> None:
    play.sim.functions.fates.append(fate)
    play.sign_in(play.anna.name, play.anna.password)
    assert play.sign_in(play.anna.name, play.anna.password) == IN
    play.settled()
    assert play.state(play.anna) == "confirmed"


def test_of_two_sign_ins_at_once_one_profile_comes(play: Play) -> None:
    anna = play.anna
    play.sim.before[BEFORE_CREATION].append(lambda: World.sign_in(play, anna.name, anna.password))
    play.sign_in(anna.name, anna.password)
    assert [user.attributes[LEGACY] for user in play.new.users] == [anna.sub]


def test_a_group_that_was_revoked_stays_revoked_when_its_message_is_redriven(play: Play) -> None:
    play.admin.create_group(UserPoolId=OLD_ID, GroupName="editors")
    play.admin.admin_add_user_to_group(UserPoolId=OLD_ID, Username=play.anna.name, GroupName="editors")
    play.come_over(play.anna)
    user = play.new_of(play.anna)
    assert user is not None
    assert user.groups == {"editors"}
    play.admin.admin_remove_user_from_group(UserPoolId=NEW_ID, Username=play.anna.name, GroupName="editors")
    for body in play.queue.bodies * 2:
        play.settle(body)
    assert user.groups == set()
