"""The old pool with its people, and the new pool that waits for them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import struct
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from cutover.rehearsal.world.people import TEAMS, Kind, Person

THREADS = 4
POLICY = {"PasswordPolicy": {"MinimumLength": 12, "RequireLowercase": True, "RequireNumbers": True}}


def _custom(name: str, *, mutable: bool = True) -> dict[str, Any]:
    limits = {"MinLength": "0", "MaxLength": "256"}
    return {
        "Name": name,
        "AttributeDataType": "String",
        "Mutable": mutable,
        "StringAttributeConstraints": limits,
    }


@dataclass(frozen=True)
class Pools:
    old_pool: str
    old_client: str
    old_client_secret: str
    """The ARN of the secret that holds the old client's secret."""
    old_app: str
    """The client that the old application signs in with."""
    new_pool: str
    new_app: str


def make_pools(client: Callable[[str], Any]) -> Pools:
    """Two pools with settings of their own, so that an attach that forgets one is noticed."""
    cognito = client("cognito-idp")
    old = cognito.create_user_pool(
        PoolName="shop-2019",
        Policies=POLICY,
        AliasAttributes=["email"],
        MfaConfiguration="OPTIONAL",
        UsernameConfiguration={"CaseSensitive": False},
        Schema=[_custom("plan"), _custom("tenant")],
    )["UserPool"]["Id"]
    new = cognito.create_user_pool(
        PoolName="shop",
        Policies=POLICY,
        AliasAttributes=["email"],
        AutoVerifiedAttributes=["email"],
        UserAttributeUpdateSettings={"AttributesRequireVerificationBeforeUpdate": ["email"]},
        MfaConfiguration="OPTIONAL",
        UsernameConfiguration={"CaseSensitive": False},
        EmailVerificationSubject="Your code for the shop",
        VerificationMessageTemplate={"DefaultEmailOption": "CONFIRM_WITH_LINK"},
        AccountRecoverySetting={"RecoveryMechanisms": [{"Priority": 1, "Name": "verified_email"}]},
        UserPoolTags={"team": "identity"},
        DeletionProtection="ACTIVE",
        Schema=[_custom("plan"), _custom("organisation"), _custom("old_sub", mutable=False)],
    )["UserPool"]["Id"]
    for team in TEAMS:
        cognito.create_group(UserPoolId=old, GroupName=team)
    migration = cognito.create_user_pool_client(
        UserPoolId=old,
        ClientName="migration",
        GenerateSecret=True,
        ExplicitAuthFlows=["ALLOW_REFRESH_TOKEN_AUTH"],  # the flow was forgotten: doctor finds it
    )["UserPoolClient"]
    secret = client("secretsmanager").create_secret(
        Name="shop/old-client-secret", SecretString=migration["ClientSecret"]
    )
    return Pools(
        old_pool=old,
        old_client=migration["ClientId"],
        old_client_secret=secret["ARN"],
        old_app=_app_client(cognito, old, ["email", "given_name", "family_name", "locale"]),
        new_pool=new,
        new_app=_app_client(cognito, new, ["email", "given_name", "family_name", "locale"]),
    )


def _app_client(cognito: Any, pool: str, writes: list[str]) -> str:
    made = cognito.create_user_pool_client(
        UserPoolId=pool,
        ClientName="web",
        ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
        PreventUserExistenceErrors="ENABLED",
        WriteAttributes=writes,
    )
    return str(made["UserPoolClient"]["ClientId"])


def move_in(cognito: Any, pools: Pools, people: Sequence[Person]) -> None:
    """Every person into the old pool, in the state of their kind."""
    with ThreadPoolExecutor(THREADS) as threads:
        list(threads.map(lambda person: _move_in(cognito, pools, person), people))


def _move_in(cognito: Any, pools: Pools, person: Person) -> None:
    if person.kind is Kind.UNKNOWN:
        return
    if person.kind is Kind.UNCONFIRMED:
        cognito.sign_up(
            ClientId=pools.old_app,
            Username=person.name,
            Password=person.password,
            UserAttributes=[{"Name": "email", "Value": person.email}],
        )
        return
    who = {"UserPoolId": pools.old_pool, "Username": person.name}
    cognito.admin_create_user(
        **who,
        UserAttributes=[{"Name": name, "Value": value} for name, value in person.attributes.items()],
        TemporaryPassword=person.password,
        MessageAction="SUPPRESS",
    )
    if person.kind is Kind.TEMPORARY:
        return
    cognito.admin_set_user_password(**who, Password=person.password, Permanent=True)
    for team in person.teams:
        cognito.admin_add_user_to_group(**who, GroupName=team)
    if person.kind is Kind.TOTP:
        _register_authenticator(cognito, pools, person)
    elif person.kind is Kind.RESET:
        cognito.admin_reset_user_password(**who)
    elif person.kind is Kind.DISABLED:
        cognito.admin_disable_user(**who)


def _register_authenticator(cognito: Any, pools: Pools, person: Person) -> None:
    token = cognito.initiate_auth(
        ClientId=pools.old_app,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": person.name, "PASSWORD": person.password},
    )["AuthenticationResult"]["AccessToken"]
    seed = cognito.associate_software_token(AccessToken=token)["SecretCode"]
    cognito.verify_software_token(AccessToken=token, UserCode=one_time_code(seed, time.time()))
    cognito.set_user_mfa_preference(
        AccessToken=token, SoftwareTokenMfaSettings={"Enabled": True, "PreferredMfa": True}
    )


def one_time_code(seed: str, now: float) -> str:
    """https://www.rfc-editor.org/rfc/rfc6238 with its defaults: six digits, thirty seconds, SHA-1."""
    key = base64.b32decode(seed + "=" * (-len(seed) % 8))
    digest = hmac.digest(key, struct.pack(">Q", int(now) // 30), hashlib.sha1)
    offset = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[offset : offset + 4])[0] & 0x7FFFFFFF) % 1_000_000:06d}"
