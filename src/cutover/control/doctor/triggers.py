"""Functions that other people gave to either pool, and what they do to a migration."""

from __future__ import annotations

from collections.abc import Iterator

from cutover.control.doctor.facts import DoctorFacts, PoolFacts
from cutover.control.doctor.findings import Finding, of_refusal
from cutover.control.trigger_plan import plan_triggers

_AS_STATUS_SAYS = "foreign_trigger"
"""Once attached it is found as `trigger_foreign`."""
_RUN_BY_OLD = ("PreAuthentication", "PostAuthentication", "PreTokenGeneration")


def check(facts: DoctorFacts) -> Iterator[Finding]:
    if facts.new is not None:
        yield from _of_new(facts, facts.new)
    if facts.old is not None:
        for name in _RUN_BY_OLD:
            if facts.old.triggers.get(name):
                yield Finding(
                    "old_trigger_runs",
                    f"the old pool's {name} function runs each time that somebody comes over",
                    f"{facts.old.triggers[name]}: the trigger signs in to the old pool. Where that function "
                    "fails, nobody comes over, and what it does besides is done once more",
                    "see that it can bear that, and that it does not refuse the migration's client",
                )


def _of_new(facts: DoctorFacts, new: PoolFacts) -> Iterator[Finding]:
    if facts.triggers is not None:
        refusals = plan_triggers(new.state, facts.triggers, frozenset()).refusals
        attached = facts.attachment is not None and facts.attachment.open
        for refusal in refusals:
            if not (attached and refusal.code == _AS_STATUS_SAYS):
                yield of_refusal(refusal)
    if new.triggers.get("PreAuthentication"):
        yield Finding(
            "pre_authentication",
            "the new pool's PreAuthentication function runs at a migration, too",
            f"{new.triggers['PreAuthentication']}: AWS says that a pool with both activates both",
            "see that it lets people in whom the new pool does not know yet",
        )
    for name in ("CustomEmailSender", "CustomSMSSender"):
        if new.triggers.get(name):
            yield Finding(
                "custom_sender",
                f"the new pool's {name} function sends the codes of those who have to reset their password",
                "it replaces Cognito's own sending",
                "see that it knows CustomEmailSender_ForgotPassword and its like",
            )
