"""Signing up and confirming it: `pages.CONFIRM_SIGN_UP`, `pages.PRE_SIGN_UP`, `pages.ADMIN_CREATE_CONFIG`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cutover.rehearsal.front.clients import secret_error
from tests.simulator import names, passwords, schema
from tests.simulator.faults import AwsError, refuse, unknown_user
from tests.simulator.pool import CONTACTS, Pool, User
from tests.simulator.triggers import pre_sign_up, sign_up_event

if TYPE_CHECKING:
    from tests.simulator.service import Simulator

PURPOSE = "sign_up"


def sign_up(sim: Simulator, asked: dict[str, Any]) -> dict[str, Any]:
    """No page tells whether the trigger or the look for a taken name comes first; here it is the trigger."""
    pool, client = sim.client_of(asked)
    if pool.setting("AdminCreateUserConfig").get("AllowAdminCreateUserOnly"):
        raise AwsError("NotAuthorizedException", "SignUp is not permitted for this user pool")
    refuse(secret_error(client, asked["Username"], asked.get("SecretHash")))
    name, attributes = pool.fold(asked["Username"]), schema.pairs(asked.get("UserAttributes"))
    names.check_form(pool, name)
    passwords.check_policy(pool, asked.get("Password", ""))
    schema.check_rights(client, attributes)
    attributes = {**_named_by(pool, name), **attributes}
    schema.check_values(pool, attributes)
    schema.check_required(pool, attributes)
    said = pre_sign_up(
        sim.functions, pool, sign_up_event("PreSignUp_SignUp", pool, client, name, attributes, asked)
    )
    for contact, word in zip(CONTACTS, ("autoVerifyEmail", "autoVerifyPhone"), strict=True):
        if contact in attributes:
            attributes[f"{contact}_verified"] = "true" if said.get(word) is True else "false"
    names.check_free(pool, name, attributes)
    sub = pool.new_sub()
    user = User(
        username=sub if pool.username_attributes else name,
        sub=sub,
        attributes=attributes,
        status="CONFIRMED" if said.get("autoConfirmUser") is True else "UNCONFIRMED",
        created=sim.clock(),
        password=asked.get("Password"),
        origin="sign_up",
    )
    names.claim_aliases(pool, user, attributes)
    pool.add(user)
    reply: dict[str, Any] = {"UserConfirmed": user.status == "CONFIRMED", "UserSub": sub}
    contact = _to_verify(pool, user)
    if user.status == "UNCONFIRMED" and contact:
        reply["CodeDeliveryDetails"] = sim.mail.send(
            pool.id, user, PURPOSE, contact, user.attributes[contact]
        )
    return reply


def confirm_sign_up(sim: Simulator, asked: dict[str, Any]) -> dict[str, Any]:
    pool, client = sim.client_of(asked)
    user = pool.find(pool.fold(asked["Username"]))
    if user is None:
        raise unknown_user(client)
    if user.status != "UNCONFIRMED":
        raise AwsError(
            "NotAuthorizedException", "User cannot be confirmed. Current status is not UNCONFIRMED"
        )
    if user.codes.get(PURPOSE) != asked["ConfirmationCode"]:
        raise AwsError("CodeMismatchException", "Invalid verification code provided, please try again.")
    contact = _to_verify(pool, user)
    verified = {**user.attributes, **({f"{contact}_verified": "true"} if contact else {})}
    names.claim_aliases(pool, user, verified, move=asked.get("ForceAliasCreation") is True)
    user.attributes, user.status = verified, "CONFIRMED"
    user.codes.pop(PURPOSE)
    return {}


OPERATIONS = {"SignUp": sign_up, "ConfirmSignUp": confirm_sign_up}


def _named_by(pool: Pool, name: str) -> dict[str, str]:
    """Where contacts are the names, the name that was given is the contact."""
    if not pool.username_attributes:
        return {}
    return {"email" if "@" in name else "phone_number": name}


def _to_verify(pool: Pool, user: User) -> str | None:
    wanted = pool.description.get("AutoVerifiedAttributes") or ()
    return next((contact for contact in CONTACTS if contact in wanted and user.attributes.get(contact)), None)
