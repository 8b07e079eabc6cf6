"""The stack's functions: what is behind their alias, and what they may call."""

from __future__ import annotations

from collections.abc import Iterator

from cutover.control.alias_state import differing
from cutover.control.doctor.facts import DoctorFacts, FunctionFacts
from cutover.control.doctor.findings import Finding


def check(facts: DoctorFacts) -> Iterator[Finding]:
    for function in facts.functions:
        yield from _alias(function)
        for action, resource, decision in function.denied or ():
            yield Finding(
                "permission_denied",
                f"{function.name} may not call {action}",
                f"IAM's simulation says {decision} for {resource}",
                "look for a permissions boundary, a service control policy, or a change of the role by hand; "
                "then deploy the stack again",
                data={"function": function.name, "action": action, "resource": resource},
            )


def _alias(function: FunctionFacts) -> Iterator[Finding]:
    if not function.alias_found:
        yield Finding(
            "alias_missing",
            f"{function.name} has no alias live",
            "somebody deleted it, or another template was deployed",
            "deploy the stack again",
        )
        return
    if function.weights:
        yield Finding(
            "alias_split",
            f"the alias live of {function.name} sends some calls to another version",
            f"it has the weights {dict(function.weights)}",
            "end the weighted deployment, or deploy the stack again",
        )
    if function.live is None or function.latest is None:
        return
    changed = differing(function.live, function.latest)
    if changed:
        yield Finding(
            "alias_behind",
            f"the alias live of {function.name} points to a version that is not the newest configuration",
            f"{', '.join(changed)} of $LATEST differ: somebody changed it or moved the alias by hand",
            "deploy the stack again: it publishes what its parameters say",
        )
