"""What the two runs of attach share: the one that changes the pool, and the one that waits for its code."""

from __future__ import annotations

from dataclasses import dataclass

from cutover.cli.attach_users import Look
from cutover.cli.attach_words import next_of
from cutover.cli.options import Invocation
from cutover.cli.pool_plan_view import taken_view
from cutover.control.attach_facts import Accepted
from cutover.control.attach_plan import AttachPlan, with_taken
from cutover.control.deployment import Deployment
from cutover.control.refusals import raise_first


@dataclass(frozen=True)
class Run:
    """What a run needs beside its plan and its ports. `given` are the words that were typed."""

    invocation: Invocation
    look: Look
    accepted: Accepted
    deployment: Deployment
    given: tuple[str, ...]
    show_users: bool


def indexed(run: Run, plan: AttachPlan) -> AttachPlan:
    """Builds the index where the plan says so, with the comparison of the users, and asks about who is found.

    Raises InterlockRefused `names_taken`; the pool was not changed.
    """
    if plan.builds_index:
        plan = with_taken(plan, run.look.taken_while_indexing(), run.accepted)
        found = taken_view(plan, show_users=run.show_users)
        if found:
            run.invocation.render.say(found)
        following = next_of(run.invocation, run.deployment, plan, run.given)
        raise_first(plan.refusals, next_command=following)
    if plan.taken:
        count = str(len(plan.taken))
        run.invocation.confirm(f"{count} users of the new pool keep old users out.", typed=count)
    return plan
