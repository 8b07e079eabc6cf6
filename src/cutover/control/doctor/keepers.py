"""Whose deployment would take the trigger off again."""

from __future__ import annotations

from collections.abc import Iterator

from cutover.control.doctor.facts import DoctorFacts
from cutover.control.doctor.findings import Finding

_PRINT = (
    "have `attach --print` write the lines for it and deploy them: attach waits until the pool shows them"
)


def check(facts: DoctorFacts) -> Iterator[Finding]:
    if facts.new is None or not facts.keeper_read:
        return
    if facts.keeper is not None:
        yield Finding(
            "kept_by_a_stack",
            f"the new pool belongs to the stack {facts.keeper.stack} ({facts.keeper.tool})",
            "its next deployment sets the pool's triggers to what its template says, and so detaches ours",
            _PRINT,
            ("attach", "--print", "cdk" if facts.keeper.tool == "CDK" else "cloudformation"),
            data={"stack": facts.keeper.stack, "tool": facts.keeper.tool},
        )
        return
    yield Finding(
        "kept_elsewhere",
        "the new pool belongs to no CloudFormation stack of this account and Region",
        "Terraform and scripts leave no sign on a pool: if one of them keeps it, its next run detaches ours",
        f"if so, {_PRINT}",
    )
