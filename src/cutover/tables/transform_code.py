"""Which transform it was: what the setting names, and the code behind the names."""

from __future__ import annotations

import hashlib
import importlib
import inspect
import json
from dataclasses import fields
from typing import Any

from cutover.tables.pairs import TablePair

IDENTITY_NAME = "none: items go over as they are"


def transform_settings(pair: TablePair) -> dict[str, Any]:
    """Everything of the pair but its tables, as far as it is set."""
    values = {
        one.name: getattr(pair, one.name) for one in fields(pair) if one.name not in {"source", "target"}
    }
    return {name: value for name, value in values.items() if value}


def transform_hash(pair: TablePair) -> str:
    """SHA-256, in hex, of the settings and of the source text of each module that they name.

    What such a module imports is not in it. Raises OSError where a module has no source text.
    """
    settings = transform_settings(pair)
    text = json.dumps(settings, sort_keys=True, default=list)
    parts = [text, *(_module_text(name) for name in sorted(_modules(settings)))]
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def transform_name(pair: TablePair) -> str:
    settings = transform_settings(pair)
    return json.dumps(settings, sort_keys=True, default=list) if settings else IDENTITY_NAME


def _modules(settings: dict[str, Any]) -> set[str]:
    """Of the settings of the form `module:function`."""
    texts = [value for value in settings.values() if isinstance(value, str)]
    return {value.partition(":")[0] for value in texts if ":" in value}


def _module_text(name: str) -> str:
    return inspect.getsource(importlib.import_module(name))
