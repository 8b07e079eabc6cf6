"""The attribute that keeps a user's old sub: it exists, it is immutable, and nobody writes it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cutover.control.pool_ports import AppClient, Settings
from cutover.control.refusals import Refusal

SUB_LENGTH = 36
"""A sub is a UUID in text."""


@dataclass(frozen=True)
class AttributeReport:
    """`missing`: it has to be added first. `unlisted` are the clients that have no list of attributes of
    their own; AWS says that these write standard attributes only:
    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UserPoolClientType.html"""

    name: str
    missing: bool
    refusals: tuple[Refusal, ...] = ()
    unlisted: tuple[str, ...] = ()


def definition(name: str) -> dict[str, Any]:
    """The input of AddCustomAttributes, which takes the name without its prefix."""
    return {
        "Name": name.removeprefix("custom:"),
        "AttributeDataType": "String",
        "Mutable": False,
        "Required": False,
        "StringAttributeConstraints": {"MinLength": "1", "MaxLength": "256"},
    }


def check_attribute(
    name: str, pool: Settings, clients: Iterable[AppClient], mappings: Mapping[str, Mapping[str, str]]
) -> AttributeReport:
    """`mappings` are the attribute mappings of the pool's identity providers, by provider."""
    clients = tuple(clients)
    found = next((row for row in pool.get("SchemaAttributes") or () if row["Name"] == name), None)
    refusals = [*(_wrong_definition(name, found) if found else ()), *_writers(name, clients, mappings)]
    unlisted = tuple(client.id for client in clients if not client.settings.get("WriteAttributes"))
    return AttributeReport(name, found is None, tuple(refusals), unlisted)


def _wrong_definition(name: str, found: Settings) -> Iterator[Refusal]:
    fix = "name another attribute in the stack's parameter LegacySubAttribute: a definition cannot be changed"
    if found.get("Mutable", True):
        yield Refusal("old_sub_mutable", f"{name} can be changed after a user was created", fix=fix)
    if not _holds_a_sub(found):
        yield Refusal(
            "old_sub_type",
            f"{name} cannot hold a sub",
            cause=f"type {found.get('AttributeDataType')}, limits {found.get('StringAttributeConstraints')}",
            fix=fix,
        )


def _holds_a_sub(found: Settings) -> bool:
    limits = found.get("StringAttributeConstraints") or {}
    shortest, longest = int(limits.get("MinLength", 0)), int(limits.get("MaxLength", SUB_LENGTH))
    return found.get("AttributeDataType") == "String" and shortest <= SUB_LENGTH <= longest


def _writers(
    name: str, clients: Iterable[AppClient], mappings: Mapping[str, Mapping[str, str]]
) -> Iterator[Refusal]:
    for client in clients:
        if name in (client.settings.get("WriteAttributes") or ()):
            yield Refusal(
                "old_sub_writable",
                f"an app client may write {name}",
                cause=f"client {client.id} {client.name}".rstrip(),
                fix="take it out of the client's WriteAttributes",
            )
    for provider, mapping in sorted(mappings.items()):
        if name in mapping:
            yield Refusal(
                "old_sub_mapped",
                f"an identity provider writes {name}",
                cause=f"provider {provider} maps {mapping[name]} to it",
                fix="take it out of the provider's attribute mapping",
            )
