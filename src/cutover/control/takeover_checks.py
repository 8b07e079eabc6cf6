"""Two ways round the sign-up guard: changing a sign-in name later, and signing up in the old pool."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from cutover.control.pool_ports import AppClient, Settings
from cutover.control.refusals import Refusal

VERIFIABLE = ("email", "phone_number")
_OPTION = "--old-sign-up-open"


@dataclass(frozen=True)
class OldSignUp:
    """Whether people may sign themselves up in the old pool; None where that could not be read, and why."""

    open: bool | None
    why_unknown: str = ""


def changeable_names(pool: Settings, clients: Iterable[AppClient]) -> Iterator[Refusal]:
    """One refusal for each attribute by which people sign in, and which a user may set to another's value.

    Who holds an old user's e-mail keeps that user out, because the trigger runs only for a name that nobody
    has. An attribute that is verified before it changes is held by nobody until then; preferred_username is
    never verified:
    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UserAttributeUpdateSettingsType.html
    """
    clients = tuple(clients)
    settings = pool.get("UserAttributeUpdateSettings") or {}
    verified_first = settings.get("AttributesRequireVerificationBeforeUpdate") or ()
    by = {*(pool.get("AliasAttributes") or ()), *(pool.get("UsernameAttributes") or ())}
    for name in sorted(by):
        writers = [client.id for client in clients if _may_write(client, name)]
        if writers and _is_mutable(pool, name) and name not in verified_first:
            yield _changeable(name, writers)


def refuse_old_sign_up(old: OldSignUp) -> Refusal | None:
    """Unless people can no longer sign up in the old pool."""
    if old.open is None:
        return Refusal(
            "old_sign_up_unknown",
            "it is unknown whether people can still sign up in the old pool",
            cause=f"the old pool could not be described: {old.why_unknown}",
            fix="let the caller call cognito-idp:DescribeUserPool there (--old-profile names another one), "
            f"or accept the risk with {_OPTION}",
            options=(_OPTION,),
        )
    if not old.open:
        return None
    return Refusal(
        "old_sign_up_open",
        "people can still sign up in the old pool",
        cause="whoever signs up there now comes over like everybody else, past what the new pool asks of new "
        "people, also under the name that a user of the new pool gives up; and the migration never ends",
        fix="close self sign-up of the old pool (AllowAdminCreateUserOnly) once the application signs people "
        f"up in the new one, or accept the risk with {_OPTION}",
        options=(_OPTION,),
    )


def _may_write(client: AppClient, name: str) -> bool:
    """A client without a list of its own writes every standard attribute:
    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UserPoolClientType.html"""
    writes = client.settings.get("WriteAttributes")
    return not writes or name in writes


def _is_mutable(pool: Settings, name: str) -> bool:
    return not any(
        row["Name"] == name and not row.get("Mutable", True) for row in pool.get("SchemaAttributes") or ()
    )


def _changeable(name: str, writers: list[str]) -> Refusal:
    verify = (
        f"let the pool verify {name} before it changes (AttributesRequireVerificationBeforeUpdate), or "
        if name in VERIFIABLE
        else ""
    )
    return Refusal(
        "name_changeable",
        f"a user of the new pool can take an old user's {name}",
        cause=f"people sign in by {name}, and it can be set at once to a value that nobody has proven, by "
        f"app client {', '.join(writers)}",
        fix=f"{verify}take {name} out of the WriteAttributes of these clients",
    )
