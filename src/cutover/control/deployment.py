"""The deployed stack as the command line reads it: parameters in, outputs out, no second configuration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from cutover.errors import UsageError
from cutover.tables.pairs import TablePair, parse_pairs


@dataclass(frozen=True)
class Deployment:
    """One stack: `parameters` and `outputs` by the names that template.yaml gives them."""

    stack: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    outputs: Mapping[str, str] = field(default_factory=dict)
    status: str = ""

    def parameter(self, name: str) -> str | None:
        """The value, or None where the parameter is absent or empty."""
        return self.parameters.get(name) or None

    def output(self, name: str) -> str:
        """The output. Raises UsageError where the stack has none of that name."""
        try:
            return self.outputs[name]
        except KeyError:
            raise UsageError(
                f"stack {self.stack} has no output {name}",
                cause=f"the stack is {self.status or 'of another template, or of users or tables only'}",
                fix="deploy this version's template.yaml to it",
                next_command=f"make deploy && cutover status --stack {self.stack}",
            ) from None

    @property
    def pairs(self) -> tuple[TablePair, ...]:
        """The table pairs of the parameter `Tables`, where it holds them itself (not `ssm:`)."""
        return parse_pairs(self.parameters.get("Tables", ""))
