"""The template with its short tags (`!Ref`, `!Sub`, …) written out, as every deployment tool sends it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]

_PLAIN = ("Ref", "Condition", "Transform")


class _Loader(yaml.SafeLoader):  # type: ignore[misc]
    """Reads what https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/
    intrinsic-function-reference.html writes with a tag."""


def _written_out(loader: _Loader, tag: str, node: yaml.Node) -> dict[str, Any]:
    value: Any
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)
    if tag == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {tag if tag in _PLAIN else f"Fn::{tag}": value}


_Loader.add_multi_constructor("!", _written_out)


def read_template(path: Path) -> dict[str, Any]:
    """The template as plain data. Raises yaml.YAMLError where it is not YAML."""
    template = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 - a SafeLoader
    return dict(template)
