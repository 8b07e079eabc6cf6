"""What administrators do to users: `pages.ADMIN_CREATE_USER`, `pages.ADMIN_SET_PASSWORD`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.simulator import names, passwords, profile, schema
from tests.simulator.faults import AwsError, nobody
from tests.simulator.mail import verified_contact
from tests.simulator.pool import Pool, User
from tests.simulator.recovery import PURPOSE as RESET
from tests.simulator.triggers import pre_sign_up, sign_up_event

if TYPE_CHECKING:
    from tests.simulator.service import Simulator

DAY = 86400.0


def admin_create_user(sim: Simulator, asked: dict[str, Any]) -> dict[str, Any]:
    pool = sim.pool_of(asked)
    name, attributes = pool.fold(asked["Username"]), schema.pairs(asked.get("UserAttributes"))
    names.check_form(pool, name)
    if pool.username_attributes:
        attributes = {"email" if "@" in name else "phone_number": name, **attributes}
    schema.check_values(pool, attributes)
    event = sign_up_event("PreSignUp_AdminCreateUser", pool, {}, name, attributes, asked)
    pre_sign_up(sim.functions, pool, event)
    names.check_free(pool, name, attributes)
    sub = pool.new_sub()
    days = (pool.setting("Policies").get("PasswordPolicy") or {}).get("TemporaryPasswordValidityDays") or 7
    user = User(
        username=sub if pool.username_attributes else name,
        sub=sub,
        attributes=attributes,
        status="FORCE_CHANGE_PASSWORD",
        created=sim.clock(),
        password=asked.get("TemporaryPassword"),
        origin="admin",
        temporary_until=sim.clock() + days * DAY,
    )
    names.claim_aliases(pool, user, attributes, move=asked.get("ForceAliasCreation") is True)
    pool.add(user)
    return {"User": {**shown(user), "Attributes": schema.rows({"sub": user.sub, **user.attributes})}}


def admin_get_user(sim: Simulator, asked: dict[str, Any]) -> dict[str, Any]:
    _, user = _named(sim, asked)
    factors = (
        {"UserMFASettingList": list(user.factors), "PreferredMfaSetting": user.factors[0]}
        if user.factors
        else {}
    )
    return {**shown(user), "UserAttributes": schema.rows({"sub": user.sub, **user.attributes}), **factors}


def admin_disable_user(sim: Simulator, asked: dict[str, Any]) -> dict[str, Any]:
    _named(sim, asked)[1].enabled = False
    return {}


def admin_enable_user(sim: Simulator, asked: dict[str, Any]) -> dict[str, Any]:
    _named(sim, asked)[1].enabled = True
    return {}


def admin_delete_user(sim: Simulator, asked: dict[str, Any]) -> dict[str, Any]:
    pool, user = _named(sim, asked)
    pool.users.remove(user)
    return {}


def admin_set_user_password(sim: Simulator, asked: dict[str, Any]) -> dict[str, Any]:
    pool, user = _named(sim, asked)
    passwords.check_policy(pool, asked["Password"])
    passwords.set_password(user, asked["Password"])
    if not asked.get("Permanent"):
        user.status, user.temporary_until = "FORCE_CHANGE_PASSWORD", sim.clock() + 7 * DAY
    return {}


def admin_reset_user_password(sim: Simulator, asked: dict[str, Any]) -> dict[str, Any]:
    pool, user = _named(sim, asked)
    contact = verified_contact(user)
    user.status, user.password = "RESET_REQUIRED", None
    if contact:
        sim.mail.send(pool.id, user, RESET, contact, user.attributes[contact])
    return {}


def admin_update_user_attributes(sim: Simulator, asked: dict[str, Any]) -> dict[str, Any]:
    pool, user = _named(sim, asked)
    attributes = schema.pairs(asked["UserAttributes"])
    schema.check_values(pool, attributes)
    schema.check_mutable(pool, attributes)
    profile.update(sim, pool, user, attributes)
    return {}


def admin_set_user_mfa_preference(sim: Simulator, asked: dict[str, Any]) -> dict[str, Any]:
    _, user = _named(sim, asked)
    words = {"SMSMfaSettings": "SMS_MFA", "SoftwareTokenMfaSettings": "SOFTWARE_TOKEN_MFA"}
    user.factors = [factor for word, factor in words.items() if (asked.get(word) or {}).get("Enabled")]
    return {}


OPERATIONS = {
    "AdminCreateUser": admin_create_user,
    "AdminGetUser": admin_get_user,
    "AdminDisableUser": admin_disable_user,
    "AdminEnableUser": admin_enable_user,
    "AdminDeleteUser": admin_delete_user,
    "AdminSetUserPassword": admin_set_user_password,
    "AdminResetUserPassword": admin_reset_user_password,
    "AdminUpdateUserAttributes": admin_update_user_attributes,
    "AdminSetUserMFAPreference": admin_set_user_mfa_preference,
}


def shown(user: User) -> dict[str, Any]:
    """What AdminGetUser and ListUsers say alike."""
    return {
        "Username": user.username,
        "UserStatus": user.status,
        "Enabled": user.enabled,
        "UserCreateDate": user.created,
        "UserLastModifiedDate": user.created,
    }


def _named(sim: Simulator, asked: dict[str, Any]) -> tuple[Pool, User]:
    pool = sim.pool_of(asked)
    user = pool.find(pool.fold(asked["Username"]))
    if user is None:
        raise nobody()
    return pool, user


__all__ = ["OPERATIONS", "AwsError", "shown"]
