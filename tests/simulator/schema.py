"""What an attribute may be written with, and by whom: `pages.ATTRIBUTES`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tests.simulator.faults import AwsError, parameter
from tests.simulator.pool import CONTACTS, Client, Pool

FLAGS = tuple(f"{contact}_verified" for contact in CONTACTS)


def pairs(rows: Sequence[Mapping[str, str]] | None) -> dict[str, str]:
    return {row["Name"]: row.get("Value", "") for row in rows or ()}


def rows(attributes: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Name": name, "Value": value} for name, value in attributes.items()]


def check_values(pool: Pool, attributes: Mapping[str, str]) -> None:
    """Every attribute exists and is neither too short nor too long."""
    schema = {row["Name"]: row for row in pool.description["SchemaAttributes"]}
    for name, value in attributes.items():
        if name not in schema or name == "sub":
            raise parameter(
                f"Attributes did not conform to the schema: {name}: Attribute does not exist in the schema."
            )
        limits: Mapping[str, Any] = schema[name].get("StringAttributeConstraints") or {}
        if not int(limits.get("MinLength") or 0) <= len(value) <= int(limits.get("MaxLength") or 2048):
            raise parameter(f"Attributes did not conform to the schema: {name}: String has another length")


def check_required(pool: Pool, attributes: Mapping[str, str]) -> None:
    for row in pool.description["SchemaAttributes"]:
        if row.get("Required") and row["Name"] != "sub" and not attributes.get(row["Name"]):
            raise parameter(
                f"Attributes did not conform to the schema: {row['Name']}: The attribute is required"
            )


def check_mutable(pool: Pool, attributes: Mapping[str, str]) -> None:
    for row in pool.description["SchemaAttributes"]:
        if row["Name"] in attributes and row.get("Mutable") is False:
            raise parameter(f"user.{row['Name']}: Attribute cannot be updated.")


def check_rights(client: Client, attributes: Mapping[str, str]) -> None:
    """A client that says nothing may write the standard attributes, no custom one; nobody writes a flag."""
    writable = client.get("WriteAttributes")
    for name in attributes:
        standard = ":" not in name
        may = standard if writable is None else name in writable
        if not may or name in FLAGS:
            raise AwsError("NotAuthorizedException", "A client attempted to write unauthorized attribute")
