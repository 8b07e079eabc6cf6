"""What the trigger leaves in the ledger and the queue, and which attributes it carries by default."""

from __future__ import annotations

import copy
from collections.abc import Iterator

import pytest

from cutover.users.events import MigrationFault
from tests.fakes.migration import FORGOT, NEW, NEW_CLIENT, OLD, SUB, Migration, event, migration
from tests.fakes.scripted_cognito import app_client, attribute, error, pool, user


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[Migration]:
    with migration(monkeypatch) as made:
        yield made


class TestTheLedger:
    def test_the_offer_is_kept_as_it_was_answered(self, world: Migration) -> None:
        world.trigger()
        row = world.user_row()
        assert {
            name: row[name] for name in ("state", "old_sub", "target_name", "new_pool", "source", "listed")
        } == {
            "state": "offered",
            "old_sub": SUB,
            "target_name": "ann",
            "new_pool": NEW,
            "source": "sign_in",
            "listed": "user#offered",
        }
        assert world.rows()[f"name#{NEW}#ann"]["old_sub"] == SUB

    def test_the_reminder_waits_half_a_minute(self, world: Migration) -> None:
        world.trigger()
        (message,) = world.messages()
        assert (message["old_sub"], message["attempt"]) == (SUB, 0)

    def test_three_tries_of_one_click_are_one_offer(self, world: Migration) -> None:
        answers = [world.trigger() for _ in range(3)]
        assert answers[0] == answers[1] == answers[2]
        assert world.user_row()["attempts"] == "3"

    def test_a_lost_answer_is_given_again(self, world: Migration) -> None:
        queue = world.queue_url
        world.setting(SETTLE_QUEUE_URL=f"{queue}-gone")
        with pytest.raises(MigrationFault):
            world.trigger()
        world.setting(SETTLE_QUEUE_URL=queue)
        assert world.trigger()["response"]["finalUserStatus"] == "CONFIRMED"

    @pytest.mark.parametrize("state", ["confirmed", "imported"])
    @pytest.mark.parametrize("source", ["UserMigration_Authentication", FORGOT])
    def test_a_user_who_came_over_stays_away(self, world: Migration, state: str, source: str) -> None:
        world.setting(FORGOT_PASSWORD="on")
        world.trigger()
        world.set_row(SUB, state={"S": state})
        sent = event(source=source)
        assert world.trigger(copy.deepcopy(sent)) == sent

    def test_without_a_ledger_nobody_is_answered(self, world: Migration) -> None:
        world.setting(LEDGER_TABLE="gone")
        with pytest.raises(MigrationFault):
            world.trigger()


class TestDefaultAttributes:
    ROLE = attribute("custom:role")

    @pytest.fixture
    def roles(self, world: Migration) -> Migration:
        world.cognito.on("AdminGetUser", user("ann", SUB, custom__role="admin"), OLD)
        world.cognito.on("DescribeUserPool", pool(self.ROLE), NEW)
        return world

    def test_what_people_set_themselves_in_the_old_pool_stays_behind(self, roles: Migration) -> None:
        roles.cognito.on("DescribeUserPoolClient", app_client(["custom:role"]), OLD)
        assert "custom:role" not in roles.trigger()["response"]["userAttributes"]

    def test_what_nobody_could_set_goes_over(self, roles: Migration) -> None:
        assert roles.trigger()["response"]["userAttributes"]["custom:role"] == "admin"

    def test_what_a_new_client_may_set_too_goes_over(self, roles: Migration) -> None:
        for pool_id in (OLD, NEW):
            roles.cognito.on("DescribeUserPoolClient", app_client(["custom:role"]), pool_id)
        assert roles.trigger()["response"]["userAttributes"]["custom:role"] == "admin"

    def test_what_may_not_be_known_stays_behind(self, roles: Migration) -> None:
        roles.cognito.on("DescribeUserPoolClient", error("AccessDeniedException"))
        assert "custom:role" not in roles.trigger()["response"]["userAttributes"]

    def test_a_passing_fault_costs_no_attribute(self, roles: Migration) -> None:
        roles.cognito.on("DescribeUserPoolClient", error("TooManyRequestsException"))
        with pytest.raises(MigrationFault):
            roles.trigger()

    def test_named_attributes_need_no_look_at_any_client(self, roles: Migration) -> None:
        roles.setting(ATTRIBUTES="role")
        assert roles.trigger()["response"]["userAttributes"] == {"custom:role": "admin"}
        assert roles.cognito.made("DescribeUserPoolClient") == []

    def test_the_client_that_signs_in_is_looked_at_first(self, roles: Migration) -> None:
        roles.trigger()
        assert roles.cognito.made("DescribeUserPoolClient")[0]["ClientId"] == NEW_CLIENT

    def test_what_was_looked_at_is_kept_for_the_next_sign_in(self, roles: Migration) -> None:
        roles.trigger()
        before = len(roles.cognito.calls)
        roles.trigger()
        assert [name for name, _ in roles.cognito.calls[before:]] == ["AdminInitiateAuth", "AdminGetUser"]
