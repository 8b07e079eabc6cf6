"""The scenes before anybody moves: the old world, the deployment, doctor, the attachment."""

from __future__ import annotations

from collections import Counter

from rich.table import Table

from cutover.rehearsal.deploy import deploy
from cutover.rehearsal.story.stage import BUCKET, STACK, Stage
from cutover.rehearsal.world.people import Kind
from cutover.rehearsal.world.tables import SHAPES

DIFFERENCES = 3
REFUSED_BY_INTERLOCK = 4
PACE = ("--calls-per-second", "50")


def the_old_world(stage: Stage) -> None:
    narrator = stage.narrator
    narrator.scene("The old world")
    narrator.say(
        "A shop has run for years on one user pool and two tables. Here is who has an account, and what may "
        "be special about it. The new pool and the new tables are there already, and empty."
    )
    with narrator.waiting("making people and items…"):
        stage.build()
    kinds = Counter(person.kind for person in stage.people)
    people = Table("people", "", box=None, header_style="bold")
    for kind, number in kinds.most_common():
        people.add_row(str(number), kind.value)
    narrator.show(people)
    tables = Table("items", "source table", "target table", "keys", box=None, header_style="bold")
    for shape in SHAPES:
        keys = ", ".join(f"{name} ({kind})" for name, kind in shape.keys)
        tables.add_row(f"{stage.size.items:,}", shape.source, shape.target, keys)
    narrator.show(tables)
    stage.writer.start()
    narrator.say(
        "The shop's application keeps writing to both source tables from now on: inserts, updates, deletes."
    )


def the_deployment(stage: Stage) -> None:
    narrator = stage.narrator
    narrator.scene("Deploy beside the new pool")
    narrator.say(
        "The real template.yaml goes through CloudFormation: a change set with its transforms, executed."
    )
    with narrator.waiting("deploying…"):
        stack = deploy(stage.client, stage.template, STACK, stage.parameters(), bucket=BUCKET)
    resources = stage.client("cloudformation").list_stack_resources(StackName=STACK)["StackResourceSummaries"]
    narrator.say(f"{len(resources)} resources. Nothing has changed for anybody yet.")
    stage.checks.equal("the stack is deployed", "CREATE_COMPLETE", stack["StackStatus"])


def the_doctor(stage: Stage) -> None:
    narrator, checks = stage.narrator, stage.checks
    narrator.scene("Ask whether it will work")
    found = stage.verbs.run("doctor", "--stack", STACK, *PACE)
    checks.equal("doctor finds errors (exit code)", DIFFERENCES, found.code)
    checks.equal("doctor names the flow that was forgotten", True, "(old_client_flow)" in found.out)
    narrator.say(
        "Without that flow every sign-in would have ended in an error. The client is put right; it was made "
        "for this migration, and nobody else uses it."
    )
    stage.client("cognito-idp").update_user_pool_client(
        UserPoolId=stage.pools.old_pool,
        ClientId=stage.pools.old_client,
        ClientName="migration",
        ExplicitAuthFlows=["ALLOW_ADMIN_USER_PASSWORD_AUTH"],
    )
    left = _errors(stage)
    narrator.say(f"What is left, doctor asks once more: {', '.join(left)}.")
    checks.equal("what doctor still calls an error before attach", "sign_up_unguarded", ", ".join(left))


def _errors(stage: Stage) -> list[str]:
    """The codes of doctor's errors."""
    data = stage.verbs.ask("doctor", "--stack", STACK, *PACE, "--output", "json").data
    return sorted(one["code"] for one in data.get("findings", []) if one["severity"] == "error")


def the_attachment(stage: Stage) -> None:
    narrator, verbs = stage.narrator, stage.verbs
    narrator.scene("Attach the trigger, the guard and the claims to the live pool")
    before = stage.describe_new_pool()
    narrator.say("First without accepting that people can still sign up in the old pool:")
    refused = verbs.run("attach", "--stack", STACK, "--yes")
    stage.checks.equal(
        "attach refuses while the old pool takes sign-ups (exit code)", REFUSED_BY_INTERLOCK, refused.code
    )
    stage.checks.equal("attach says that this is why", True, "(old_sign_up_open)" in refused.out)
    stage.checks.equal(
        "a refused attach leaves the pool as it was", True, stage.describe_new_pool() == before
    )
    narrator.say(
        "Now with the words that it asks for. Before the guard stands at the door, all that old users go by "
        "is written down for it."
    )
    done = verbs.run("attach", "--stack", STACK, "--old-sign-up-open", "--yes", *PACE)
    stage.checks.equal("attach succeeds (exit code)", 0, done.code)
    after = stage.describe_new_pool()
    changed = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
    stage.checks.equal("the only setting that attach changed", "LambdaConfig", ", ".join(changed))
    old_users = sum(person.kind is not Kind.UNKNOWN for person in stage.people)
    stage.checks.equal("old users whose names are reserved", old_users, _reserved(stage))
    left = ", ".join(_errors(stage)) or "none"
    narrator.say(f"Doctor looks once more. Errors: {left}.")
    stage.checks.equal("what doctor calls an error after attach", "none", left)
    stage.pool_before_attach = before


def _reserved(stage: Stage) -> int:
    """Over how many users the guard's index was built; none as long as it is not complete."""
    key = {"pk": {"S": f"index#{stage.pools.new_pool}"}, "sk": {"S": "state"}}
    row = stage.client("dynamodb").get_item(TableName=stage.output("LedgerTable"), Key=key).get("Item", {})
    return int(row["users"]["N"]) if "built_at" in row else 0
