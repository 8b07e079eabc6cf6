"""Who may hold which name: `pages.ATTRIBUTES`, `pages.CONFIRM_SIGN_UP`, `pages.ADMIN_CREATE_USER`."""

from __future__ import annotations

from collections.abc import Mapping

from tests.simulator.faults import AwsError, parameter
from tests.simulator.pool import CONTACTS, Pool, User

ALIAS_EXISTS = "An account with the given alias already exists."


def check_form(pool: Pool, name: str) -> None:
    """A user name has to be a contact where contacts are the names, and none where they are aliases."""
    mail, phone = "@" in name, name.startswith("+") and name[1:].isdigit()
    if pool.username_attributes:
        if not (
            (mail and "email" in pool.username_attributes)
            or (phone and "phone_number" in pool.username_attributes)
        ):
            raise parameter("Username should be an email or a phone number.")
    elif mail and "email" in pool.alias_attributes:
        raise parameter("Username cannot be of email format, since user pool is configured for email alias.")
    elif phone and "phone_number" in pool.alias_attributes:
        raise parameter(
            "Username cannot be of phone number format, since user pool is configured for phone alias."
        )


def check_free(pool: Pool, name: str, attributes: Mapping[str, str]) -> None:
    """A user name is held once, unverified contacts included where contacts are the names."""
    taken = any(pool.same(user.username, name) for user in pool.users) or any(
        pool.holder(contact, value)
        for contact in pool.username_attributes
        if (value := attributes.get(contact))
    )
    if taken:
        raise AwsError("UsernameExistsException", "User account already exists")


def claim_aliases(pool: Pool, user: User, attributes: Mapping[str, str], *, move: bool = False) -> None:
    """These attributes begin to name `user`. Raises AliasExistsException where they name another, unless
    they are to move: the other's contact is then not verified any more."""
    for alias in (*pool.alias_attributes, *pool.username_attributes):
        value = attributes.get(alias)
        counts = (
            alias not in pool.alias_attributes
            or alias not in CONTACTS
            or attributes.get(f"{alias}_verified") == "true"
        )
        holder = pool.holder(alias, value) if value and counts else None
        if holder is None or holder is user:
            continue
        if not move:
            raise AwsError("AliasExistsException", ALIAS_EXISTS)
        holder.attributes[f"{alias}_verified"] = "false"
