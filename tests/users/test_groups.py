"""Groups come over once, by the ledger's word alone, and go on where they were cut off."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest

from cutover.users.decision_table import Decision, Stop
from cutover.users.group_ports import Group
from cutover.users.group_rows import By, GroupRow
from cutover.users.group_settings import GroupSettings
from cutover.users.groups import (
    CREATE_WINDOW,
    RENEW_AFTER,
    Account,
    Bringing,
    GroupParts,
    Left,
    bring_groups,
)
from cutover.users.ledger_rows import State
from tests.fakes.groups import FakeGroupLedger, FakeNewGroups, FakeOldGroups
from tests.users.world import NEW, NEW_SUB, OLD, OTHER_SUB, SUB, World

HERE = Account("aws", "123456789012")
ROLE = "arn:aws:iam::123456789012:role/editors"
EDITORS = Group("editors", "who may edit", 0, ROLE)
READERS = Group("readers")


@dataclass
class Groups:
    """Ann was confirmed and is an editor and a reader in the old pool."""

    users: World = field(default_factory=World)
    settings: GroupSettings = field(default_factory=GroupSettings)
    account: Account = HERE
    told: list[Left] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.users.sign_in()
        self.users.create()
        self.users.settle()
        self.old = FakeOldGroups({SUB: [EDITORS, READERS]})
        self.new = FakeNewGroups(lambda: self.users.now, subs={NEW_SUB})
        self.ledger = FakeGroupLedger(self.users.ledger)

    def bring(self, old_sub: str = SUB) -> Bringing:
        parts = GroupParts(
            self.settings, OLD, NEW, self.old, self.new, self.users.new, self.ledger, lambda: self.users.now
        )
        return bring_groups(old_sub, parts, self.account, self.told.append)

    def cut_off(self, call: str = "", *, after: str = "") -> None:
        """The function dies before or after a call to the new pool, the first of its kind."""

        def die() -> None:
            raise Stop(Decision.MISCONFIGURED, "cut off")

        hooks = self.new.after if after else self.new.before
        hooks[after or call] = die
        with pytest.raises(Stop):
            self.bring()

    @property
    def joined(self) -> set[str]:
        return {name for sub, name in self.new.members if sub == NEW_SUB}


@pytest.fixture
def groups() -> Groups:
    return Groups()


def test_the_groups_are_made_and_joined(groups: Groups) -> None:
    assert groups.bring() is Bringing.BROUGHT
    assert groups.joined == {"editors", "readers"}
    assert groups.told == []


def test_a_group_comes_over_with_all_that_it_says(groups: Groups) -> None:
    groups.bring()
    assert groups.new.groups == {"editors": EDITORS, "readers": READERS}


def test_the_ledger_says_which_groups_are_ours(groups: Groups) -> None:
    groups.bring()
    assert {row.new_name: row.by for row in groups.ledger.groups.values()} == {
        "editors": By.CREATED,
        "readers": By.CREATED,
    }


def test_a_group_that_we_made_before_is_joined_by_the_next_one(groups: Groups) -> None:
    groups.ledger.groups["editors"] = GroupRow("editors", "editors", By.CREATED)
    groups.new.groups["editors"] = replace(EDITORS, description="changed since")
    groups.bring()
    assert "editors" in groups.joined


def test_a_user_without_groups_is_done(groups: Groups) -> None:
    groups.old.members = {}
    assert groups.bring() is Bringing.BROUGHT
    assert groups.ledger.progress[SUB].done


def test_nothing_is_brought_when_it_is_switched_off(groups: Groups) -> None:
    groups.settings = GroupSettings(on=False)
    assert groups.bring() is Bringing.NOTHING
    assert (groups.joined, groups.ledger.progress) == (set(), {})


class TestWhoIsNotBrought:
    @pytest.mark.parametrize("state", [State.OFFERED, State.RESET_OFFERED, State.IMPORTED, "another"])
    def test_a_user_who_is_not_confirmed(self, groups: Groups, state: str) -> None:
        groups.users.ledger.rows[SUB] = replace(groups.users.row, state=state)
        assert groups.bring() is Bringing.NOTHING
        assert groups.joined == set()

    def test_a_user_of_another_new_pool(self, groups: Groups) -> None:
        groups.users.ledger.rows[SUB] = replace(groups.users.row, new_pool="eu-west-1_before")
        assert groups.bring() is Bringing.NOTHING

    def test_nobody(self, groups: Groups) -> None:
        assert groups.bring(OTHER_SUB) is Bringing.NOTHING

    def test_somebody_who_took_the_name_since(self, groups: Groups) -> None:
        groups.users.new.people.clear()
        groups.users.create(sub=OTHER_SUB)
        groups.new.subs.add(OTHER_SUB)
        assert groups.bring() is Bringing.USER_GONE
        assert (groups.new.members, groups.told) == (set(), [Left.USER_GONE])

    def test_a_user_who_was_deleted_since(self, groups: Groups) -> None:
        groups.users.new.people.clear()
        assert groups.bring() is Bringing.USER_GONE
        assert groups.bring() is Bringing.NOTHING


class TestGroupsOfAnotherMeaning:
    """A name is no right to join."""

    def test_a_group_of_the_same_name_is_left_alone(self, groups: Groups) -> None:
        groups.new.groups["editors"] = Group("editors", "of another application")
        groups.bring()
        assert (groups.joined, groups.told) == ({"readers"}, [Left.EXISTS])
        assert groups.new.groups["editors"].description == "of another application"
        assert "editors" not in groups.ledger.groups

    def test_a_mapping_is_the_operators_word(self, groups: Groups) -> None:
        groups.new.groups["staff"] = Group("staff")
        groups.settings = GroupSettings(pairs=(("editors", "staff"),))
        groups.bring()
        assert groups.joined == {"staff", "readers"}
        assert "editors" not in groups.new.groups

    def test_a_mapping_to_the_same_name_lets_them_join(self, groups: Groups) -> None:
        groups.new.groups["editors"] = Group("editors", "of another application")
        groups.settings = GroupSettings(pairs=(("editors", "editors"),))
        groups.bring()
        assert groups.joined == {"editors", "readers"}

    def test_a_mapping_to_nothing_brings_nobody(self, groups: Groups) -> None:
        groups.settings = GroupSettings(pairs=(("editors", "stuff"),))
        groups.bring()
        assert (groups.joined, groups.told) == ({"readers"}, [Left.MISSING])
        assert "editors" not in groups.ledger.groups

    def test_a_mapping_that_was_taken_back_brings_nobody(self, groups: Groups) -> None:
        groups.new.groups["staff"] = Group("staff")
        groups.ledger.groups["editors"] = GroupRow("editors", "staff", By.MAPPED)
        groups.bring()
        assert (groups.joined, groups.told) == ({"readers"}, [Left.UNMAPPED])

    def test_a_mapping_takes_the_place_of_a_group_that_we_made(self, groups: Groups) -> None:
        groups.ledger.groups["editors"] = GroupRow("editors", "editors", By.CREATED)
        groups.new.groups |= {"editors": EDITORS, "staff": Group("staff")}
        groups.settings = GroupSettings(pairs=(("editors", "staff"),))
        groups.bring()
        assert groups.joined == {"staff", "readers"}

    def test_groups_of_identity_providers_stay(self, groups: Groups) -> None:
        groups.old.members = {SUB: [Group(f"{OLD}_Google"), READERS]}
        groups.settings = GroupSettings(pairs=((f"{OLD}_Google", "readers"),))
        groups.bring()
        assert (groups.joined, groups.told) == ({"readers"}, [Left.PROVIDER])

    def test_nobody_is_put_into_a_group_of_an_identity_provider(self, groups: Groups) -> None:
        groups.new.groups[f"{NEW}_Google"] = Group(f"{NEW}_Google")
        groups.settings = GroupSettings(pairs=(("editors", f"{NEW}_Google"),))
        groups.bring()
        assert (groups.joined, groups.told) == ({"readers"}, [Left.PROVIDER])

    def test_a_group_of_ours_that_somebody_deleted_is_not_made_again(self, groups: Groups) -> None:
        groups.ledger.groups["editors"] = GroupRow("editors", "editors", By.CREATED)
        groups.bring()
        assert (groups.joined, groups.told) == ({"readers"}, [Left.MISSING])


class TestRoles:
    @pytest.mark.parametrize(
        "role",
        [
            "arn:aws:iam::210987654321:role/editors",
            "arn:aws-cn:iam::123456789012:role/editors",
            "arn:aws:sts::123456789012:assumed-role/editors",
            "editors",
        ],
    )
    def test_a_role_of_another_account_stays_and_the_group_comes(self, groups: Groups, role: str) -> None:
        groups.old.members = {SUB: [replace(EDITORS, role_arn=role)]}
        groups.bring()
        assert groups.new.groups["editors"].role_arn == ""
        assert (groups.joined, groups.told) == ({"editors"}, [Left.ROLE])

    def test_a_role_that_may_not_be_passed_on_stays_and_the_group_comes(self, groups: Groups) -> None:
        groups.new.passes_roles = False
        groups.bring()
        assert groups.new.groups["editors"] == replace(EDITORS, role_arn="")
        assert (groups.joined, groups.told) == ({"editors", "readers"}, [Left.ROLE])

    def test_without_knowing_the_account_no_role_comes(self, groups: Groups) -> None:
        groups.account = Account()
        groups.bring()
        assert groups.new.groups["editors"].role_arn == ""


class TestOnce:
    def test_a_membership_that_was_taken_away_stays_away(self, groups: Groups) -> None:
        groups.bring()
        groups.new.members.clear()
        assert groups.bring() is Bringing.NOTHING
        assert groups.joined == set()

    def test_what_the_old_pool_adds_later_does_not_come(self, groups: Groups) -> None:
        groups.bring()
        groups.old.members[SUB].append(Group("admins"))
        groups.bring()
        assert groups.joined == {"editors", "readers"}

    def test_after_a_crash_the_list_is_that_of_before(self, groups: Groups) -> None:
        groups.cut_off("join")
        groups.old.members[SUB] = [Group("admins")]
        groups.bring()
        assert groups.joined == {"editors", "readers"}

    def test_after_a_crash_what_was_done_is_not_done_again(self, groups: Groups) -> None:
        def second_time() -> None:
            groups.new.before["join"] = crash

        def crash() -> None:
            raise Stop(Decision.MISCONFIGURED, "cut off")

        groups.new.before["join"] = second_time
        with pytest.raises(Stop):
            groups.bring()
        assert groups.joined == {"editors"}
        groups.new.members.clear()
        groups.bring()
        assert groups.joined == {"readers"}

    def test_one_membership_may_be_made_twice_where_its_mark_was_cut_off(self, groups: Groups) -> None:
        """The only one: what was marked before it, and all that was never planned, stays away."""
        groups.cut_off(after="join")
        groups.new.members.clear()
        groups.bring()
        assert groups.joined == {"editors", "readers"}

    def test_of_two_workers_the_second_goes_on_with_the_firsts_list(self, groups: Groups) -> None:
        of = groups.old.of

        class Overtaken(FakeOldGroups):
            def of(self, old_sub: str) -> tuple[Group, ...]:
                groups.old = first
                groups.bring()
                return (*of(old_sub), Group("admins"))

        first = groups.old
        groups.old = Overtaken()
        assert groups.bring() is Bringing.BROUGHT
        assert groups.joined == {"editors", "readers"}

    def test_a_user_who_was_released_and_came_again_gets_no_groups_again(self, groups: Groups) -> None:
        groups.bring()
        groups.users.ledger.rows[SUB] = replace(groups.users.row, new_sub=OTHER_SUB)
        assert groups.bring() is Bringing.NOTHING


class TestCreation:
    """Whose is a group that is there after we meant to make it?"""

    @pytest.fixture(autouse=True)
    def only_editors(self, groups: Groups) -> None:
        groups.old.members = {SUB: [EDITORS]}

    def test_ours_when_the_reply_was_lost(self, groups: Groups) -> None:
        groups.cut_off(after="create")
        groups.users.now += 180
        groups.bring()
        assert groups.joined == {"editors"}

    def test_ours_when_the_function_died_before_it_asked(self, groups: Groups) -> None:
        groups.cut_off("create")
        groups.users.now += 180
        groups.bring()
        assert groups.joined == {"editors"}

    def test_ours_when_another_worker_made_it_at_the_same_time(self, groups: Groups) -> None:
        groups.new.before["create"] = lambda: groups.new.groups.update(
            editors=replace(EDITORS, created_at=groups.users.now)
        )
        groups.bring()
        assert groups.joined == {"editors"}

    @pytest.mark.parametrize(
        "foreign",
        [
            lambda now: replace(EDITORS, description="of another application", created_at=now),
            lambda now: replace(EDITORS, precedence=7, created_at=now),
            lambda now: replace(EDITORS, role_arn="arn:aws:iam::123456789012:role/admins", created_at=now),
            lambda now: replace(EDITORS, created_at=now - 60),
        ],
        ids=["another description", "another precedence", "another role", "made before"],
    )
    def test_somebody_elses_when_it_is_another_one(
        self, groups: Groups, foreign: Callable[[float], Group]
    ) -> None:
        groups.new.before["create"] = lambda: groups.new.groups.update(editors=foreign(groups.users.now))
        groups.bring()
        assert (groups.joined, groups.told) == (set(), [Left.EXISTS])
        assert groups.ledger.groups["editors"].by == By.LEFT

    def test_somebody_elses_when_it_was_made_long_after_we_meant_to(self, groups: Groups) -> None:
        groups.cut_off("create")
        groups.users.now += CREATE_WINDOW + 1
        groups.new.groups["editors"] = replace(EDITORS, created_at=groups.users.now)
        groups.bring()
        assert (groups.joined, groups.told) == (set(), [Left.EXISTS])

    def test_a_later_attempt_is_written_down_before_it_is_made(self, groups: Groups) -> None:
        groups.cut_off("create")
        groups.users.now += RENEW_AFTER + 1
        groups.cut_off("create")
        assert groups.ledger.groups["editors"].claimed_at == groups.users.now

    def test_what_was_left_alone_once_is_left_alone_after_that(self, groups: Groups) -> None:
        groups.ledger.groups["editors"] = GroupRow("editors", "editors", By.LEFT)
        groups.bring()
        assert (groups.joined, groups.told) == (set(), [Left.EXISTS])

    def test_a_group_that_comes_and_goes_is_a_fault(self, groups: Groups) -> None:
        def there_and_gone() -> None:
            groups.new.groups["editors"] = EDITORS
            groups.new.before["group"] = groups.new.groups.clear

        groups.new.before["create"] = there_and_gone
        with pytest.raises(Stop):
            groups.bring()


def test_a_throttled_old_pool_brings_the_message_back(groups: Groups) -> None:
    groups.old.fault = Stop(Decision.MISCONFIGURED, "old pool's groups TooManyRequestsException")
    with pytest.raises(Stop):
        groups.bring()
    assert groups.ledger.progress == {}
    groups.old.fault = None
    assert groups.bring() is Bringing.BROUGHT
