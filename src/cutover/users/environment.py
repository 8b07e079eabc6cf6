"""How the users' functions read a variable of their environment; empty counts as unset."""

from __future__ import annotations

from collections.abc import Mapping

from cutover.errors import UsageError


def optional(environ: Mapping[str, str], name: str) -> str | None:
    return environ.get(name, "").strip() or None


def required(environ: Mapping[str, str], name: str) -> str:
    value = optional(environ, name)
    if value is None:
        raise UsageError(f"{name} is not set", fix="deploy the stack with this version's template.yaml")
    return value


def choice(environ: Mapping[str, str], name: str, *, no: str, yes: str) -> bool:
    value = optional(environ, name)
    if value not in {None, no, yes}:
        raise UsageError(f"{name} is neither {no} nor {yes}")
    return value == yes


def number(environ: Mapping[str, str], name: str, default: int, *, most: int) -> int:
    value = optional(environ, name)
    if value is None:
        return default
    if not (value.isascii() and value.isdigit()) or int(value) > most:
        raise UsageError(f"{name} is not a number of 0 to {most}")
    return int(value)


def words(text: str | None) -> list[str]:
    return [word.strip() for word in (text or "").split(",") if word.strip()]
