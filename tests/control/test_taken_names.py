"""Who of the new pool holds what an old user goes by."""

from __future__ import annotations

import pytest

from cutover.control.taken_names import HeldNames, PoolUser, Taken


def user(name: str, status: str = "CONFIRMED", sub: str = "", **attributes: str) -> PoolUser:
    return PoolUser(name, sub or f"sub-of-{name}", status, attributes)


def taken(new: PoolUser, old: PoolUser, *, case_sensitive: bool = True) -> list[Taken]:
    return list(HeldNames([new], case_sensitive=case_sensitive).taken_from(old))


@pytest.mark.parametrize(
    ("new", "old", "held"),
    [
        (user("ann"), user("ann"), ("username",)),
        (user("u1", email="ann@x.org"), user("u2", email="ann@x.org"), ("email",)),
        (user("u1", phone_number="+4912"), user("u2", phone_number="+4912"), ("phone_number",)),
        (user("ann@x.org"), user("u2", email="ann@x.org"), ("username",)),
        (user("u1", preferred_username="ann"), user("ann"), ("preferred_username",)),
        (user("ann", email="ann@x.org"), user("ann", email="ann@x.org"), ("email", "username")),
    ],
)
def test_what_an_old_user_goes_by_is_held(new: PoolUser, old: PoolUser, held: tuple[str, ...]) -> None:
    assert [one.held for one in taken(new, old)] == [held]


def test_a_stranger_holds_nothing() -> None:
    assert taken(user("ann", email="a@x.org"), user("bob", email="b@x.org")) == []


@pytest.mark.parametrize(("case_sensitive", "count"), [(False, 1), (True, 0)])
def test_names_are_one_in_any_case_where_the_pool_says_so(case_sensitive: bool, count: int) -> None:
    assert len(taken(user("ANN"), user("ann"), case_sensitive=case_sensitive)) == count


def test_mails_are_one_in_any_case() -> None:
    assert len(taken(user("u1", email="Ann@X.org"), user("u2", email="ann@x.org"))) == 1


def test_an_account_that_nobody_confirmed_reserves_its_name() -> None:
    assert len(taken(user("ann"), user("ann", "UNCONFIRMED"))) == 1


def test_an_account_that_nobody_confirmed_reserves_no_mail() -> None:
    assert taken(user("u1", email="a@x.org"), user("u2", "UNCONFIRMED", email="a@x.org")) == []


def test_a_federated_user_who_came_back_is_the_same_person() -> None:
    back = user("google_1", "EXTERNAL_PROVIDER", email="a@x.org")
    assert taken(back, user("google_1", "EXTERNAL_PROVIDER", email="a@x.org")) == []


def test_a_federated_user_holds_the_mail_of_another_old_user() -> None:
    federated = user("google_1", "EXTERNAL_PROVIDER", email="a@x.org")
    assert len(taken(federated, user("ann", email="a@x.org"))) == 1


def test_a_report_names_nobody() -> None:
    (one,) = taken(user("ann", email="ann@x.org"), user("ann", email="ann@x.org"))
    assert one.as_json(show_users=False) == {
        "new_sub": "sub-of-ann",
        "old_sub": "sub-of-ann",
        "held": ["email", "username"],
    }
    assert "ann@x.org" not in repr(one)


def test_a_report_names_them_where_asked() -> None:
    (one,) = taken(user("ann", sub="s1"), user("ann", sub="s2"))
    assert one.as_json(show_users=True)["new_name"] == "ann"
