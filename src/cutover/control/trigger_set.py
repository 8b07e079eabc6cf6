"""The triggers that attach sets, as entries of a pool's LambdaConfig.

A pre token generation trigger stands under two names, PreTokenGeneration and PreTokenGenerationConfig, which
must agree where both stand; a description may show either or both:
https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_LambdaConfigType.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import deepcopy
from typing import Any

MIGRATION = "UserMigration"
GUARD = "PreSignUp"
CLAIMS = "PreTokenGeneration"
CLAIMS_CONFIG = "PreTokenGenerationConfig"
KINDS = (MIGRATION, GUARD, CLAIMS)
"""A trigger is called by its older name."""

Entries = Mapping[str, Any]
"""Entries of LambdaConfig by AWS's names. In an edit, None takes an entry out."""

_NAMES = {MIGRATION: (MIGRATION,), GUARD: (GUARD,), CLAIMS: (CLAIMS, CLAIMS_CONFIG)}
_TIERS_OF_V2 = ("ESSENTIALS", "PLUS")


def arn_of(config: Entries, kind: str) -> str | None:
    """The function behind a pool's trigger; None where there is none."""
    versioned = config.get(CLAIMS_CONFIG) or {} if kind == CLAIMS else {}
    return versioned.get("LambdaArn") or config.get(kind) or None


def entries_of(config: Entries, kind: str) -> dict[str, Any]:
    """What stands in `config` under the names of `kind`."""
    return {name: deepcopy(config[name]) for name in _NAMES[kind] if config.get(name)}


def kinds_in(entries: Entries) -> tuple[str, ...]:
    return tuple(kind for kind in KINDS if any(name in entries for name in _NAMES[kind]))


def setting(settings: Mapping[str, Any], kind: str, arn: str) -> dict[str, Any]:
    """The edit that makes `arn` the pool's trigger `kind`, under the names that the pool has it under.

    A version that stands there stays: a function that is called after ours was written for it. Version 2
    needs the feature plan Essentials or Plus:
    https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-pre-token-generation.html
    """
    if kind != CLAIMS:
        return {kind: arn}
    config = settings.get("LambdaConfig") or {}
    legacy, versioned = config.get(CLAIMS), config.get(CLAIMS_CONFIG)
    if legacy and not versioned:
        return {CLAIMS: arn, CLAIMS_CONFIG: None}
    by_tier = "V2_0" if settings.get("UserPoolTier") in _TIERS_OF_V2 else "V1_0"
    version = (versioned or {}).get("LambdaVersion", by_tier)
    return {CLAIMS: arn if legacy else None, CLAIMS_CONFIG: {"LambdaVersion": version, "LambdaArn": arn}}


def putting_back(kind: str, before: Entries) -> dict[str, Any]:
    """The edit after which `kind` is what it is in `before`."""
    return {name: deepcopy(before.get(name)) for name in _NAMES[kind]}


def merged(config: Entries, edit: Entries) -> dict[str, Any]:
    """`config` with `edit` and every other entry untouched."""
    kept = {name: deepcopy(value) for name, value in config.items() if name not in edit}
    return {**kept, **{name: deepcopy(value) for name, value in edit.items() if value is not None}}


def canonical(config: Entries) -> dict[str, Any]:
    """`config` with a pre token generation trigger under one name, for comparing."""
    kept = dict(config)
    legacy, versioned = kept.get(CLAIMS), kept.get(CLAIMS_CONFIG) or {}
    if legacy and legacy == versioned.get("LambdaArn", legacy):
        del kept[CLAIMS]
        kept[CLAIMS_CONFIG] = {"LambdaVersion": "V1_0", "LambdaArn": legacy, **versioned}
    return kept


def held(config: Entries, edit: Entries) -> tuple[str, ...]:
    """The kinds of `edit` that `config` holds as the edit has them."""
    now, wanted = canonical(config), canonical(merged({}, edit))
    return tuple(
        kind
        for kind in kinds_in(edit)
        if all((now.get(name) or None) == wanted.get(name) for name in _NAMES[kind])
    )


def only(entries: Entries, kinds: Iterable[str]) -> dict[str, Any]:
    """The entries of these kinds."""
    names = {name for kind in kinds for name in _NAMES[kind]}
    return {name: value for name, value in entries.items() if name in names}
