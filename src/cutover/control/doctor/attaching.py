"""Where attaching stands, and what of the pools attach itself refuses."""

from __future__ import annotations

from collections.abc import Iterator

from cutover.control.doctor.facts import DoctorFacts
from cutover.control.doctor.findings import Finding, of_refusal
from cutover.control.status import blockers
from cutover.control.status_facts import StatusFacts, UsersFacts

_BEFORE_IT_BEGINS = "not_attached"


def check(facts: DoctorFacts) -> Iterator[Finding]:
    yield from (of_refusal(one) for one in facts.refused)
    if facts.new is not None and facts.old is not None and facts.new.state.pool_id == facts.old.state.pool_id:
        yield Finding("same_pool", "the old pool is the new pool", fix="name two pools")
    if facts.attribute is not None:
        yield from (of_refusal(one) for one in facts.attribute.refusals)
        if facts.attribute.missing:
            yield Finding(
                "old_sub_missing",
                f"the new pool has no attribute {facts.attribute.name}",
                "it keeps every migrated user's old sub; without it the ledger alone knows",
                "let attach add it, which cannot be undone",
                ("attach", "--add-attribute", "--dry-run"),
            )
    if facts.new is not None and facts.attachment is not None:
        yield from _as_status_says(facts)
    if facts.old_role_error is not None:
        yield Finding(
            "old_role_refused",
            "this caller may not take the role in the old pool's account",
            f"AssumeRole on OldRoleArn: {facts.old_role_error}; it has to trust the stack's functions alone",
            "nothing, if that is meant; name a profile that may read the old pool with --old-profile",
        )


def _as_status_says(facts: DoctorFacts) -> Iterator[Finding]:
    users = UsersFacts(
        pool_id=facts.new.state.pool_id if facts.new else "",
        trigger=facts.new.state.trigger if facts.new else None,
        attachment=facts.attachment,
        dead=facts.dead_letters,
    )
    for blocker in blockers(StatusFacts(facts.at, users=users)):
        if blocker.code != _BEFORE_IT_BEGINS:
            yield Finding(blocker.code, blocker.what, fix=blocker.fix, words=blocker.words)
