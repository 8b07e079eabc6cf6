"""Whatever the old pool, the profile, the settings and the client say: what no answer may ever claim."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cutover.users.ledger_rows import FirstOwner
from cutover.users.password_policy import PasswordPolicy
from cutover.users.ports import Accepted, Challenged, Failed
from tests.canary import PASSWORD
from tests.users.world import LEGACY, OTHER_SUB, SUB, World, ann

FLAGS = st.sampled_from(["true", "false", ""])
NAMES = st.sampled_from(
    ["ann", "ANN", "ann@example.com", "Ann@Example.com", "+15550100", "annie", SUB, "bob", ""]
)
REPLIES = st.one_of(
    st.sampled_from([SUB, OTHER_SUB, None]).map(Accepted),
    st.builds(
        Challenged,
        st.sampled_from(["SMS_MFA", "SOFTWARE_TOKEN_MFA", "MFA_SETUP", "NEW_PASSWORD_REQUIRED", "X"]),
        st.sampled_from(["ann", SUB, "bob", None]),
    ),
    st.builds(
        Failed,
        st.sampled_from(
            [
                "NotAuthorizedException",
                "UserNotFoundException",
                "PasswordResetRequiredException",
                "InternalErrorException",
                "X",
            ]
        ),
        st.text(max_size=5),
        st.sampled_from([0, 400, 500]),
    ),
)
PROFILES = st.fixed_dictionaries(
    {
        "enabled": st.booleans(),
        "status": st.sampled_from(
            ["CONFIRMED", "RESET_REQUIRED", "FORCE_CHANGE_PASSWORD", "EXTERNAL_PROVIDER"]
        ),
        "second_factors": st.sampled_from([(), ("SMS_MFA",)]),
        "attributes": st.fixed_dictionaries(
            {
                "email_verified": FLAGS,
                "phone_number": st.sampled_from(["+15550100", ""]),
                "phone_number_verified": FLAGS,
                "preferred_username": st.sampled_from(["annie", ""]),
                LEGACY: st.sampled_from(["forged", ""]),
            }
        ),
    }
)
SIGN_IN_BY = st.sampled_from([frozenset[str](), frozenset({"email"}), frozenset({"email", "phone_number"})])
POOLS = st.one_of(
    st.fixed_dictionaries({"username_attributes": SIGN_IN_BY, "case_sensitive": st.booleans()}),
    st.fixed_dictionaries({"alias_attributes": SIGN_IN_BY, "case_sensitive": st.booleans()}),
)
POLICIES = (
    "accept_mfa",
    "forgot_password",
    "reset_temporary_password",
    "reset_required_comes_over",
    "reset_weak_password",
)
SETTINGS = st.fixed_dictionaries({name: st.booleans() for name in POLICIES})
STRICT = PasswordPolicy(minimum_length=len(PASSWORD) + 1)
OWNERS = st.sampled_from([None, FirstOwner(SUB, "ann"), FirstOwner(OTHER_SUB, "bob")])


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(NAMES, REPLIES, PROFILES, POOLS, POOLS, SETTINGS, OWNERS, st.booleans())
def test_no_answer_claims_more_than_was_proven(
    name: str,
    reply: Any,
    profile: dict[str, Any],
    old: dict[str, Any],
    new: dict[str, Any],
    chosen: dict[str, Any],
    owner: FirstOwner | None,
    forgot: bool,
) -> None:
    world = World()
    person = ann(**profile)
    world.old.people = [person]
    world.old.also = dict.fromkeys([name, "bob"], person)
    world.old.replies = [reply]
    world.old_pool(**old)
    world.new_pool(**new)
    world.new.described = replace(world.new.described, password=STRICT)
    world.set(**chosen)
    if owner is not None:
        for kind in ("name", "email", "phone_number", "preferred_username"):
            world.ledger.reserve(kind, name, owner)
    outcome = world.forgot(name) if forgot else world.sign_in(name)
    if outcome.response is None:
        assert world.ledger.rows == {}
        return
    answered = outcome.response["userAttributes"]
    assert person.enabled
    assert outcome.response["forceAliasCreation"] is False
    assert name.lower() != SUB
    assert answered[LEGACY] == SUB
    assert "sub" not in answered
    for contact in ("email", "phone_number"):
        if answered.get(f"{contact}_verified") == "true":
            assert person.attributes[f"{contact}_verified"] == "true"
    if "finalUserStatus" in outcome.response:
        assert not forgot
        assert reply == Accepted(SUB)
        assert person.status == "CONFIRMED"
    else:
        assert answered.get("email_verified") == "true" or answered.get("phone_number_verified") == "true"
        assert chosen[_policy(reply, forgot=forgot)]
    if forgot:
        assert person.second_factors == ()
    assert world.row.target_name
    assert world.reminders.sent == [(SUB, 0, 30)]


def _policy(reply: Any, *, forgot: bool) -> str:
    """The one setting by which such a reply may be answered with a reset."""
    if forgot:
        return "forgot_password"
    if isinstance(reply, Failed):
        assert reply.code == "PasswordResetRequiredException"
        return "reset_required_comes_over"
    if isinstance(reply, Challenged):
        temporary = reply.name == "NEW_PASSWORD_REQUIRED"
        return "reset_temporary_password" if temporary else "accept_mfa"
    return "reset_weak_password"
