"""A straggler becomes a line that a job reads back as the very same values, or is refused."""

from __future__ import annotations

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cutover.users.import_check import checked_rows
from cutover.users.import_rows import RowRefused, header_line, trimmed
from cutover.users.ports import Profile, SchemaAttribute
from cutover.users.stragglers import RowMaker
from tests.simulator.import_csv import check, parse
from tests.users.importing import HEADER, LEGACY, SUB, ann, described, maker, pool


def values(profile: Profile, by: RowMaker | None = None) -> dict[str, str]:
    """The line as the simulator reads it, after it found no rule broken."""
    by = by or maker()
    line = by.straggler(profile).line
    (read,) = parse((header_line(by.pool.header) + line).encode(), list(by.pool.header))
    check(read.values, described(by.pool))
    return read.values


def refusal(profile: Profile, by: RowMaker | None = None) -> tuple[str, str]:
    with pytest.raises(RowRefused) as refused:
        (by or maker()).straggler(profile)
    return refused.value.reason, refused.value.detail


def test_a_row_has_the_name_the_verified_contact_and_the_old_sub() -> None:
    assert values(ann()) == {
        "cognito:username": "ann",
        "cognito:mfa_enabled": "false",
        "email": "ann@example.com",
        "email_verified": "true",
        LEGACY: SUB,
    }


def test_a_comma_is_escaped() -> None:
    assert values(ann(name__="x", nickname="Smith, Ann, Dr."))["nickname"] == "Smith, Ann, Dr."


def test_a_birthday_is_written_as_the_job_wants_it() -> None:
    assert values(ann(birthdate="1985-02-01"))["birthdate"] == "02/01/1985"


@pytest.mark.parametrize("day", ["1985-02-30", "0000-02-01"])
def test_a_day_that_no_calendar_has_is_left_behind(day: str) -> None:
    straggler = maker().straggler(ann(birthdate=day))
    assert straggler.dropped == ("birthdate",)


@pytest.mark.parametrize("moment", ["1471453471000", "1471453471.5", "-1"])
def test_what_is_no_moment_in_seconds_is_left_behind(moment: str) -> None:
    assert "updated_at" not in values(ann(updated_at=moment))


def test_white_space_at_the_ends_is_taken_off() -> None:
    assert values(ann(nickname=" \u00a0Ann\u2003 "))["nickname"] == "Ann"


def test_a_pool_that_demands_second_factors_says_so_of_everybody() -> None:
    assert values(ann(), maker(pool(mfa="ON")))["cognito:mfa_enabled"] == "true"


@pytest.mark.parametrize("char", '\\"\r\n\0\t\x0b\x0c\x1c\x1e\x85\u2028\u2029\ud800')
def test_a_value_that_could_shift_a_column_or_add_a_row_refuses(char: str) -> None:
    assert refusal(ann(nickname=f"a{char}b")) == ("unsafe_value", "nickname")


def test_a_flag_is_never_made_up() -> None:
    assert refusal(ann(email_verified="false")) == ("no_verified_contact", "")


def test_a_verified_phone_does_not_do_where_the_pool_verifies_e_mails_alone() -> None:
    profile = ann(email="", email_verified="", phone_number="+49301234", phone_number_verified="true")
    assert refusal(profile) == ("no_verified_contact", "")
    both = maker(pool(auto_verified=frozenset({"email", "phone_number"})))
    assert values(profile, both)["phone_number"] == "+49301234"


def test_what_the_pool_requires_refuses_where_it_is_not_there() -> None:
    by = maker(pool(SchemaAttribute("name", required=True)))
    assert refusal(ann(), by) == ("attributes_refused", "required name")


def test_a_required_birthday_that_cannot_be_written_refuses() -> None:
    by = maker(pool(SchemaAttribute("birthdate", required=True)))
    assert refusal(ann(birthdate="1985-02-30"), by) == ("attributes_refused", "birthdate")


@pytest.mark.parametrize("name", ["ann smith", "ann\u2003smith"])
def test_a_name_with_white_space_refuses(name: str) -> None:
    assert refusal(ann(name)) == ("name", "cognito:username")


def test_a_row_is_not_too_long() -> None:
    longer = [SchemaAttribute(f"custom:a{number}") for number in range(9)]
    by = maker(pool(*longer, header=(*HEADER, *(attribute.name for attribute in longer))))
    filled = {f"custom__a{number}": "x" * 2000 for number in range(9)}
    assert refusal(ann(**filled), by) == ("row_too_long", "")


def test_in_a_pool_that_signs_in_by_e_mail_the_e_mail_is_the_name() -> None:
    by = maker(pool(username_attributes=frozenset({"email"})))
    assert values(ann(), by)["cognito:username"] == "ann@example.com"


def test_an_old_pool_that_made_names_up_gives_the_contact_to_a_pool_of_plain_names() -> None:
    by = maker(username_attributes=frozenset({"email"}))
    assert values(ann(SUB), by)["cognito:username"] == "ann@example.com"


def test_in_a_pool_with_aliases_the_old_name_stays() -> None:
    by = maker(pool(alias_attributes=frozenset({"email"})))
    assert values(ann(), by)["cognito:username"] == "ann"


def test_an_old_sub_that_has_no_room_refuses() -> None:
    by = maker(pool(SchemaAttribute(LEGACY, max_length=5)))
    assert refusal(ann(), by) == ("no_old_sub", LEGACY)


TEXT = st.text(max_size=30)


@settings(max_examples=400)
@given(
    name=st.text(min_size=1, max_size=12),
    nickname=TEXT,
    full=TEXT,
    plan=TEXT,
    born=st.one_of(TEXT, st.dates().map(str)),
    updated=st.one_of(TEXT, st.integers(-5, 10**14).map(str)),
    email=st.one_of(st.just("ann@example.com"), st.emails(), TEXT),
    verified=st.sampled_from(["true", "false", "", "TRUE"]),
)
def test_any_user_is_read_back_as_written_or_refused(
    name: str, nickname: str, full: str, plan: str, born: str, updated: str, email: str, verified: str
) -> None:
    new = pool()
    profile = ann(
        name,
        nickname=nickname,
        custom__plan=plan,
        birthdate=born,
        updated_at=updated,
        email=email,
        email_verified=verified,
    )
    profile = Profile(profile.username, {**profile.attributes, "name": full}, "CONFIRMED", True)
    by = maker(new)
    try:
        line = by.straggler(profile).line
    except RowRefused:
        return
    document = (header_line(new.header) + line).encode()
    (read,) = parse(document, list(new.header))
    check(read.values, described(new))
    assert list(checked_rows(io.BytesIO(document), new)) == [read.values]
    assert read.values["cognito:username"] == name
    kept = {"nickname": nickname, "name": full, "custom:plan": plan, "email": email}
    for attribute, value in kept.items():
        assert read.values.get(attribute, "") in ("", trimmed(value))
    assert (read.values.get("email_verified") == "true") <= (verified == "true")
