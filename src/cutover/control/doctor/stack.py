"""The stack itself: finished, and not to be deleted by accident."""

from __future__ import annotations

from collections.abc import Iterator

from cutover.control.doctor.facts import DoctorFacts
from cutover.control.doctor.findings import Finding


def check(facts: DoctorFacts) -> Iterator[Finding]:
    status = facts.deployment.status
    if status and (not status.endswith("_COMPLETE") or "ROLLBACK" in status or "DELETE" in status):
        rolled_back = status == "UPDATE_ROLLBACK_COMPLETE"
        yield Finding(
            "stack_unfinished",
            f"the stack is {status}",
            "its last deployment failed and was rolled back"
            if rolled_back
            else "it is not deployed as a whole",
            "see its events in CloudFormation, put the reason right and deploy again",
        )
    attached = facts.attachment is not None and facts.attachment.open
    if attached and facts.protected is False:
        yield Finding(
            "stack_unprotected",
            "the stack can be deleted while its trigger is attached",
            "its termination protection is off; attach had switched it on",
            "switch it on again: run attach once more",
            ("attach", "--dry-run"),
        )
