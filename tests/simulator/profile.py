"""What users do to their own profile, by access token: `pages.UPDATE_SETTINGS`, `pages.ATTRIBUTES`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.simulator import names, passwords, schema
from tests.simulator.faults import AwsError
from tests.simulator.pool import CONTACTS, Pool, User

if TYPE_CHECKING:
    from tests.simulator.service import Simulator


def get_user(sim: Simulator, asked: dict[str, Any]) -> dict[str, Any]:
    _, _, user = sim.tokens.holder(asked["AccessToken"])
    return {"Username": user.username, "UserAttributes": schema.rows({"sub": user.sub, **user.attributes})}


def update_user_attributes(sim: Simulator, asked: dict[str, Any]) -> dict[str, Any]:
    pool, client, user = sim.tokens.holder(asked["AccessToken"])
    attributes = schema.pairs(asked["UserAttributes"])
    schema.check_rights(client, attributes)
    schema.check_values(pool, attributes)
    schema.check_mutable(pool, attributes)
    update(sim, pool, user, attributes)
    return {}


def verify_user_attribute(sim: Simulator, asked: dict[str, Any]) -> dict[str, Any]:
    """The new value counts from here on; one that names another user by now is refused."""
    pool, _, user = sim.tokens.holder(asked["AccessToken"])
    contact = asked["AttributeName"]
    if user.codes.get(f"verify {contact}") != asked["Code"]:
        raise AwsError("CodeMismatchException", "Invalid verification code provided, please try again.")
    value = user.pending.get(contact, user.attributes.get(contact, ""))
    after = {contact: value, f"{contact}_verified": "true"}
    names.claim_aliases(pool, user, after)
    user.attributes.update(after)
    user.pending.pop(contact, None)
    user.codes.pop(f"verify {contact}")
    return {}


def change_password(sim: Simulator, asked: dict[str, Any]) -> dict[str, Any]:
    pool, _, user = sim.tokens.holder(asked["AccessToken"])
    passwords.try_password(user, asked["PreviousPassword"], sim.clock())
    passwords.check_policy(pool, asked["ProposedPassword"])
    passwords.set_password(user, asked["ProposedPassword"])
    return {}


def delete_user(sim: Simulator, asked: dict[str, Any]) -> dict[str, Any]:
    pool, _, user = sim.tokens.holder(asked["AccessToken"])
    pool.users.remove(user)
    return {}


OPERATIONS = {
    "GetUser": get_user,
    "UpdateUserAttributes": update_user_attributes,
    "VerifyUserAttribute": verify_user_attribute,
    "ChangePassword": change_password,
    "DeleteUser": delete_user,
}


def update(sim: Simulator, pool: Pool, user: User, attributes: dict[str, str]) -> None:
    """A contact that has to be verified first waits for its code; another one counts at once, unverified,
    unless the caller (an administrator) calls it verified: `pages.ADMIN_UPDATE_ATTRIBUTES`."""
    waits = pool.setting("UserAttributeUpdateSettings").get("AttributesRequireVerificationBeforeUpdate") or ()
    after = dict(user.attributes)
    waiting = {}
    for name, value in attributes.items():
        vouched = attributes.get(f"{name}_verified") == "true"
        if name in waits and not vouched and value != user.attributes.get(name):
            waiting[name] = value
            continue
        after[name] = value
        if name in CONTACTS and not vouched and value != user.attributes.get(name):
            after[f"{name}_verified"] = "false"
    names.claim_aliases(pool, user, after)
    user.attributes = after
    user.pending.update(waiting)
    for contact in CONTACTS:
        value = waiting.get(contact) or attributes.get(contact)
        auto = contact in (pool.description.get("AutoVerifiedAttributes") or ())
        if value and (contact in waiting or (auto and user.attributes.get(f"{contact}_verified") != "true")):
            sim.mail.send(pool.id, user, f"verify {contact}", contact, value)
