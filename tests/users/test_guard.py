"""Who may sign up while old users still come over, and who may not."""

from __future__ import annotations

from typing import Any

import pytest

from cutover.control.taken_names import PoolUser
from cutover.users.decision_table import Decision, Stop
from cutover.users.guard import Reason
from cutover.users.reservations import MOST_OWNERS
from cutover.users.sign_ups import Source
from tests.users.guard_world import ANN, BOB, GOOGLE_ANN, GuardWorld, person
from tests.users.world import OTHER_SUB, SUB

KNOWN = ["indexed", "newer"]
"""Where an old user is known: in the index, or only in the old pool, being newer than it."""


def knowing(how: str, *users: PoolUser) -> GuardWorld:
    world: GuardWorld = getattr(GuardWorld(), how)(*users)
    return world


@pytest.mark.parametrize("source", [Source.SIGN_UP, Source.PROVIDER, None])
def test_whoever_takes_nothing_of_an_old_user_signs_up(source: Source | None) -> None:
    world = GuardWorld().indexed(ANN).newer(BOB)
    assert world.reason("zoe", source, email="zoe@example.com") is Reason.FREE


@pytest.mark.parametrize("how", KNOWN)
@pytest.mark.parametrize("source", [Source.SIGN_UP, Source.PROVIDER, None])
def test_an_old_user_name_is_nobody_elses(how: str, source: Source | None) -> None:
    assert knowing(how, ANN).reason("ann", source) is Reason.NAME


@pytest.mark.parametrize("how", KNOWN)
@pytest.mark.parametrize(
    ("attribute", "value"),
    [("email", "ann@example.com"), ("phone_number", "+491701"), ("preferred_username", "annie")],
)
def test_a_contact_is_its_owners(how: str, attribute: str, value: str) -> None:
    assert knowing(how, ANN).reason("zoe", **{attribute: value}) is Reason.CONTACT


@pytest.mark.parametrize("how", KNOWN)
@pytest.mark.parametrize("name", ["ann@example.com", "+491701", "annie"])
def test_a_contact_of_somebody_is_no_name_for_another(how: str, name: str) -> None:
    assert knowing(how, ANN).reason(name) is Reason.CONTACT


@pytest.mark.parametrize("how", KNOWN)
@pytest.mark.parametrize("attribute", ["email", "preferred_username", "cognito__email_alias"])
def test_a_name_of_somebody_is_no_contact_for_another(how: str, attribute: str) -> None:
    by_mail = person(ANN, name="ann@old.example.com", attributes={})
    assert knowing(how, by_mail).reason("zoe", **{attribute: "ann@old.example.com"}) is Reason.NAME


@pytest.mark.parametrize("how", KNOWN)
def test_an_old_sub_is_no_name(how: str) -> None:
    assert knowing(how, ANN).reason(SUB) is Reason.NAME


@pytest.mark.parametrize("how", KNOWN)
@pytest.mark.parametrize("typed", ["ANN", "Ann", "\uff41\uff4e\uff4e", "\uff21nn"])
def test_another_case_or_full_width_letters_make_no_other_name(how: str, typed: str) -> None:
    assert knowing(how, ANN).reason(typed) is Reason.NAME


@pytest.mark.parametrize("how", KNOWN)
def test_another_case_makes_no_other_mailbox(how: str) -> None:
    assert knowing(how, ANN).reason("zoe", email="Ann@Example.COM") is Reason.CONTACT


def test_a_name_that_only_looks_like_an_old_one_is_refused_the_other_way_round_too() -> None:
    wide = person(ANN, name="\uff41\uff4e\uff4e", attributes={})
    assert GuardWorld().indexed(wide).reason("ann") is Reason.LOOK_ALIKE


def test_a_mailbox_with_another_dot_is_another_mailbox() -> None:
    """What a provider of mail thinks of dots and plus signs is not Cognito's affair."""
    world = GuardWorld().indexed(ANN)
    assert world.reason("zoe", email="a.nn@example.com") is Reason.FREE
    assert world.reason("zoe", email="ann+x@example.com") is Reason.FREE


def test_a_verified_alias_that_the_old_pool_knows_is_found_by_its_value() -> None:
    verified = person(ANN, attributes={"email": "ann@example.com", "email_verified": "true"})
    world = GuardWorld().newer(verified, aliases=("email",))
    assert world.reason("ann@example.com") is Reason.CONTACT


@pytest.mark.parametrize("how", KNOWN)
def test_an_account_that_nobody_confirmed_keeps_its_name_and_no_contact(how: str) -> None:
    unconfirmed = person(ANN, status="UNCONFIRMED")
    assert knowing(how, unconfirmed).reason("zoe", email="ann@example.com") is Reason.FREE
    assert knowing(how, unconfirmed).reason("ann") is Reason.NAME


@pytest.mark.parametrize("how", KNOWN)
def test_a_contact_is_free_once_its_only_owner_came_over(how: str) -> None:
    assert knowing(how, ANN).came_over(ANN).reason("zoe", email="ann@example.com") is Reason.FREE


@pytest.mark.parametrize("how", KNOWN)
def test_a_contact_of_two_waits_for_both(how: str) -> None:
    world = knowing(how, ANN, BOB).came_over(ANN)
    assert world.reason("zoe", email="ann@example.com") is Reason.CONTACT
    assert world.came_over(BOB).reason("zoe", email="ann@example.com") is Reason.FREE


def test_an_offer_alone_frees_no_contact() -> None:
    world = GuardWorld().indexed(ANN)
    world.offered()
    assert world.reason("zoe", email="ann@example.com") is Reason.CONTACT


@pytest.mark.parametrize("how", KNOWN)
@pytest.mark.parametrize("taken", ["ann", SUB])
def test_a_name_and_a_sub_stay_taken_when_their_owner_came_over(how: str, taken: str) -> None:
    assert knowing(how, ANN).came_over(ANN).reason(taken) is Reason.NAME


def test_a_contact_that_more_share_than_are_written_down_stays_taken() -> None:
    many = [PoolUser(f"u{n}", f"s{n}", "CONFIRMED", {"email": "all@x.org"}) for n in range(MOST_OWNERS)]
    world = GuardWorld().indexed(*many).came_over(*many)
    assert world.reason("zoe", email="all@x.org") is Reason.CONTACT


def test_an_administrator_creates_whom_they_like_and_nobody_is_asked() -> None:
    world = GuardWorld().indexed(ANN)
    assert world.reason("ann", Source.ADMINISTRATOR, custom__old_sub=OTHER_SUB) is Reason.ADMINISTRATOR
    assert (world.index.reads, world.old.asked) == (0, [])


@pytest.mark.parametrize("source", list(Source))
def test_an_event_of_another_pool_is_refused(source: Source) -> None:
    assert GuardWorld().reason("zoe", source, "eu-west-1_other") is Reason.WRONG_POOL


@pytest.mark.parametrize("source", [*Source, None])
def test_an_event_that_names_nobody_is_refused(source: Source | None) -> None:
    assert GuardWorld().reason("", source, email="zoe@example.com") is Reason.UNREADABLE


@pytest.mark.parametrize("how", KNOWN)
@pytest.mark.parametrize("name", ["Google_7", "google_7"])
def test_whom_a_provider_brings_again_passes_with_what_was_his(how: str, name: str) -> None:
    case_sensitive = name == "Google_7" or how == "indexed"
    world = knowing(how, GOOGLE_ANN)
    world.old.case_sensitive = case_sensitive
    assert world.reason(name, Source.PROVIDER, email="ann.g@example.com") is Reason.FREE


@pytest.mark.parametrize("how", KNOWN)
def test_whom_a_provider_brings_again_passes_with_an_address_that_was_also_anothers(how: str) -> None:
    shared = person(GOOGLE_ANN, attributes={"email": "ann@example.com"})
    world = knowing(how, shared, ANN)
    assert world.reason("Google_7", Source.PROVIDER, email="ann@example.com") is Reason.FREE


def test_whom_a_provider_brings_again_passes_where_the_index_knows_only_the_other() -> None:
    shared = person(GOOGLE_ANN, attributes={"email": "ann@example.com"})
    world = GuardWorld().indexed(ANN).newer(shared, ANN)
    assert world.reason("Google_7", Source.PROVIDER, email="ann@example.com") is Reason.FREE


def test_whom_a_provider_brings_with_what_the_index_reserves_is_refused_in_an_outage_too() -> None:
    world = GuardWorld(allow_on_outage=True).indexed(ANN)
    world.old.fault = Stop(Decision.OLD_POOL_UNAVAILABLE)
    assert world.reason("Google_7", Source.PROVIDER, email="ann@example.com") is Reason.CONTACT


@pytest.mark.parametrize("how", KNOWN)
def test_whom_a_provider_brings_again_gets_no_address_that_was_anothers_alone(how: str) -> None:
    world = knowing(how, GOOGLE_ANN, ANN)
    assert world.reason("Google_7", Source.PROVIDER, email="ann@example.com") is Reason.CONTACT


@pytest.mark.parametrize("how", KNOWN)
def test_a_provider_brings_nobody_under_the_name_of_a_native_old_user(how: str) -> None:
    native = person(ANN, name="Corp_ann")
    assert knowing(how, native).reason("Corp_ann", Source.PROVIDER) is Reason.NAME


@pytest.mark.parametrize("how", KNOWN)
def test_nobody_signs_up_under_the_name_of_a_federated_old_user(how: str) -> None:
    assert knowing(how, GOOGLE_ANN).reason("Google_7") is Reason.NAME


def test_the_index_is_read_once_and_the_old_pool_only_for_what_it_does_not_refuse() -> None:
    world = GuardWorld().indexed(ANN)
    world.rule("ann", email="zoe@example.com", phone_number="+1")
    assert (world.index.reads, world.old.asked) == (1, [])


def test_the_old_pool_is_asked_for_each_value_once() -> None:
    world = GuardWorld()
    world.rule("zoe", email="Zoe@x.org", phone_number="+1", preferred_username="zoe")
    assert sorted(world.old.asked) == [
        ("email", "Zoe@x.org"),
        ("email", "zoe@x.org"),
        ("named", "+1"),
        ("named", "Zoe@x.org"),
        ("named", "zoe"),
        ("named", "zoe@x.org"),
        ("phone_number", "+1"),
        ("preferred_username", "zoe"),
    ]


def test_every_page_of_the_old_pools_answer_is_read() -> None:
    came = [PoolUser(f"u{n}", f"s{n}", "CONFIRMED", {"email": "all@x.org"}) for n in range(3)]
    last = PoolUser("u9", "s9", "CONFIRMED", {"email": "all@x.org"})
    world = GuardWorld().newer(*came, last, page=1).came_over(*came)
    assert world.reason("zoe", email="all@x.org") is Reason.CONTACT


@pytest.mark.parametrize("decision", [Decision.OLD_POOL_THROTTLED, Decision.OLD_POOL_UNAVAILABLE])
@pytest.mark.parametrize(("allow", "reason"), [(False, Reason.UNAVAILABLE), (True, Reason.NOT_ASKED)])
def test_while_the_old_pool_is_out_the_operator_says_what_becomes_of_sign_ups(
    decision: Decision, allow: bool, reason: Reason
) -> None:
    world = GuardWorld(allow_on_outage=allow)
    world.old.fault = Stop(decision, "old pool TooManyRequestsException")
    ruling = world.rule("zoe")
    assert (ruling.reason, ruling.passes, ruling.cause) == (
        reason,
        allow,
        "old pool TooManyRequestsException",
    )


def test_what_the_index_refuses_is_refused_in_an_outage_too() -> None:
    world = GuardWorld(allow_on_outage=True).indexed(ANN)
    world.old.fault = Stop(Decision.OLD_POOL_UNAVAILABLE)
    assert world.reason("ann") is Reason.NAME


def test_out_of_time_nothing_more_is_asked() -> None:
    left = iter([4.0, 0.9])
    world = GuardWorld(seconds_left=lambda: next(left))
    assert world.reason("zoe") is Reason.UNAVAILABLE
    assert world.old.asked == [("named", "zoe")]


def failing_index(world: GuardWorld, stop: Stop) -> None:
    world.index.fault = stop


def failing_ledger(world: GuardWorld, stop: Stop) -> None:
    world.newer(ANN).ledger.users.fault = stop


def misconfigured_old_pool(world: GuardWorld, stop: Stop) -> None:
    world.old.fault = stop


@pytest.mark.parametrize("fail", [failing_index, failing_ledger, misconfigured_old_pool])
def test_a_fault_of_our_own_refuses_whatever_is_allowed_in_an_outage(fail: Any) -> None:
    world = GuardWorld(allow_on_outage=True)
    fail(world, Stop(Decision.MISCONFIGURED, "AccessDeniedException"))
    assert world.reason("zoe", email="ann@example.com") is Reason.UNAVAILABLE
