"""Whether what runs behind an alias is what `$LATEST` says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

COMPARED = (
    *("CodeSha256", "Environment", "Handler", "Layers", "MemorySize", "Role", "Runtime", "Timeout"),
    "VpcConfig",
)
"""Of GetFunctionConfiguration: what decides how a version behaves.
https://docs.aws.amazon.com/lambda/latest/api/API_GetFunctionConfiguration.html"""


def differing(live: Mapping[str, Any], latest: Mapping[str, Any]) -> tuple[str, ...]:
    """The names of the settings in which the two differ; what is empty counts as absent."""
    return tuple(name for name in COMPARED if (live.get(name) or None) != (latest.get(name) or None))
