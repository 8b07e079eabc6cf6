"""Old users and a new pool for the tests of import files."""

from __future__ import annotations

from typing import Any

from cutover.users.import_rows import ImportPool
from cutover.users.ports import PoolRules, Profile, SchemaAttribute
from cutover.users.stragglers import RowMaker
from tests.fakes.pools import schema

LEGACY = "custom:old_sub"
SUB = "0a1b2c3d-0000-4000-8000-00000000000a"
MORE = (
    SchemaAttribute(LEGACY),
    SchemaAttribute("birthdate", min_length=10, max_length=10),
    SchemaAttribute("updated_at", "Number"),
    SchemaAttribute("custom:plan", max_length=20),
)
HEADER = ["cognito:username", "name", "nickname", "preferred_username", "email", "email_verified"]
HEADER += ["phone_number", "phone_number_verified", "birthdate", "updated_at", "cognito:mfa_enabled"]
HEADER += [LEGACY, "custom:plan"]


def pool(*attributes: SchemaAttribute, **changes: Any) -> ImportPool:
    rules = {
        name: changes.pop(name)
        for name in ("username_attributes", "alias_attributes", "case_sensitive")
        if name in changes
    }
    described = PoolRules(schema=schema(*MORE, *attributes), **rules)
    fields = {"header": tuple(HEADER), "mfa": "OFF", "auto_verified": frozenset({"email"}), **changes}
    return ImportPool(rules=described, **fields)


def maker(new: ImportPool | None = None, **old: Any) -> RowMaker:
    rules = PoolRules(schema=schema(), **old)
    return RowMaker(new or pool(), lambda: rules, None, LEGACY, frozenset)


def ann(name: str = "ann", *, status: str = "CONFIRMED", enabled: bool = True, **attributes: str) -> Profile:
    """Ann, whose e-mail is verified. `custom__plan="x"` stands for `custom:plan`; an empty value for none."""
    given = {"email": "ann@example.com", "email_verified": "true", "sub": SUB}
    given |= {key.replace("__", ":"): value for key, value in attributes.items()}
    return Profile(name, {key: value for key, value in given.items() if value}, status, enabled)


def described(new: ImportPool) -> dict[str, Any]:
    """The pool as the simulator knows it."""
    return {
        "MfaConfiguration": new.mfa,
        "AutoVerifiedAttributes": sorted(new.auto_verified),
        "SchemaAttributes": [
            {
                "Name": attribute.name,
                "Required": attribute.required,
                "StringAttributeConstraints": {
                    key: str(value)
                    for key, value in (
                        ("MinLength", attribute.min_length),
                        ("MaxLength", attribute.max_length),
                    )
                    if value is not None
                },
            }
            for attribute in new.rules.schema.values()
        ],
    }
