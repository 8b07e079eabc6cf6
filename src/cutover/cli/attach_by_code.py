"""`cutover attach --print`: for a pool that is kept as code, which alone changes it."""

from __future__ import annotations

from cutover.cli.attach_run import Run, indexed
from cutover.control.attach import AttachPorts
from cutover.control.attach_by_code import note, wait_until_shown
from cutover.control.attach_plan import AttachPlan
from cutover.control.snippets import snippet


def print_alone(run: Run, plan: AttachPlan, tool: str) -> int:
    """Prints what to write into the pool's code, and does no more."""
    render = run.invocation.render
    if plan.builds_index:
        render.say("the index of old users' names is not complete: without --no-wait it is built before this")
    text = snippet(tool, plan)
    data = {"dry_run": True, "plan": plan.as_json(show_users=run.show_users), "snippet": text}
    render.result("attach", data, text=text, next_command=run.invocation.command("attach", *run.given))
    return 0


def print_and_wait(run: Run, plan: AttachPlan, ports: AttachPorts, tool: str) -> int:
    """Builds the index, prints what to write into the code, waits until the pool shows it, notes it."""
    render = run.invocation.render
    run.invocation.confirm(f"Print it, wait until {plan.pool_id} shows it, and note it in the ledger?")
    plan = indexed(run, plan)
    text = snippet(tool, plan)
    render.data(text)
    render.say("deploy the pool with this. Ctrl-C stops the waiting; the same command goes on with it")
    with render.progress(f"looking at {plan.pool_id}") as bar:
        wait_until_shown(plan, ports, say=lambda missing: bar.advance(1, note=missing))
    note(plan, ports)
    render.say(f"{plan.pool_id} is attached by its own code; that is noted in the ledger")
    data = {"dry_run": False, "plan": plan.as_json(show_users=run.show_users), "snippet": text, "shown": True}
    render.result("attach", data, next_command=run.invocation.command("status"))
    return 0
