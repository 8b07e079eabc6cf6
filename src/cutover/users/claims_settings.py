"""What the claims function is told: the claim's name, and whose groups may be named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cutover.errors import UsageError
from cutover.users.environment import optional, required
from cutover.users.group_settings import GroupSettings, read_group_settings
from cutover.users.settings import read_legacy_sub, region_of

RESERVED = frozenset(
    {"acr", "amr", "at_hash", "aud", "auth_time", "azp", "client_id", "device_key", "event_id", "exp", "iat"}
    | {"identities", "iss", "jti", "nbf", "nonce", "origin_jti", "scope", "sub", "token_use", "username"}
    | {"version", "groups", "roles"}
)
"""Claims that Cognito sets itself, or that somebody reads as if it had.
Source: https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-pre-token-generation.html"""
STANDARD = frozenset(
    {"address", "birthdate", "email", "email_verified", "family_name", "gender", "given_name", "locale"}
    | {"middle_name", "name", "nickname", "phone_number", "phone_number_verified", "picture"}
    | {"preferred_username", "profile", "updated_at", "website", "zoneinfo"}
)
"""What a profile says of a person: https://openid.net/specs/openid-connect-core-1_0.html#StandardClaims"""
_RESERVED_PREFIXES = ("cognito:", "dev:", "aws:")


@dataclass(frozen=True)
class ClaimsSettings:
    new_pool_id: str
    ledger_table: str
    claim: str | None
    """The claim that holds the old sub; None adds none."""
    legacy_sub: str | None
    """The attribute that holds it in the profile: a hint where to look."""
    groups: GroupSettings

    @property
    def new_region(self) -> str | None:
        return region_of(self.new_pool_id)


def read_claims_settings(environ: Mapping[str, str]) -> ClaimsSettings:
    """Raises UsageError, naming the variable, for a setting that is missing or cannot be used."""
    claim = optional(environ, "OLD_SUB_CLAIM")
    if claim is not None and (claim in RESERVED | STANDARD or claim.startswith(_RESERVED_PREFIXES)):
        raise UsageError(
            "OLD_SUB_CLAIM names a claim that has a meaning already",
            cause=claim,
            fix="choose another name, as old_sub",
        )
    return ClaimsSettings(
        new_pool_id=required(environ, "NEW_USER_POOL_ID"),
        ledger_table=required(environ, "LEDGER_TABLE"),
        claim=claim,
        legacy_sub=read_legacy_sub(environ),
        groups=read_group_settings(environ),
    )
