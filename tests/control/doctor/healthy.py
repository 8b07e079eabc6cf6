"""The facts of a migration that will work: every test changes one thing of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from cutover.control.app_clients import report_clients
from cutover.control.deployment import Deployment
from cutover.control.doctor.examine import examine
from cutover.control.doctor.facts import DoctorFacts, FunctionFacts, PoolFacts
from cutover.control.doctor.findings import Finding
from cutover.control.old_sub import check_attribute, definition
from cutover.control.pool_ports import AppClient, PoolState, TriggerFunction
from cutover.control.trigger_plan import StackTriggers
from tests.control.attaching import attached
from tests.control.pools import CLAIMING, GOOD_POLICY, GUARDING, OURS, SET_BY_US, TRIGGER
from tests.fakes.cognito import ACCOUNT, POOL_ARN, POOL_ID, REGION

OLD_POOL = f"{REGION}_Old000000"
OLD_ARN = f"arn:aws:cognito-idp:{REGION}:{ACCOUNT}:userpool/{OLD_POOL}"
TRIGGERS = StackTriggers(
    {kind: TriggerFunction(arn, "Active", "Successful", GOOD_POLICY) for kind, arn in OURS.items()}
)
OLD_SUB = {**definition("custom:old_sub"), "Name": "custom:old_sub"}
NOW = 1_800_000_000
PARAMETERS = {
    "NewUserPoolId": POOL_ID,
    "OldUserPoolId": OLD_POOL,
    "OldClientId": "old-app",
    "LegacySubAttribute": "custom:old_sub",
    "MfaPolicy": "refuse",
}
OUTPUTS = {
    "LedgerTable": "ledger",
    "MigrateUserArn": TRIGGER,
    "GuardSignUpArn": GUARDING,
    "AddClaimsArn": CLAIMING,
}
NEW = {
    "Id": POOL_ID,
    "Arn": POOL_ARN,
    "SchemaAttributes": [OLD_SUB],
    "LambdaConfig": SET_BY_US,
    "EmailConfiguration": {"EmailSendingAccount": "DEVELOPER"},
}
OLD = {"Id": OLD_POOL, "Arn": OLD_ARN, "AdminCreateUserConfig": {"AllowAdminCreateUserOnly": True}}
CLIENT = {
    "ClientId": "app",
    "ClientName": "web",
    "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH"],
    "PreventUserExistenceErrors": "ENABLED",
    "WriteAttributes": ["email"],
}
OLD_CLIENT = {
    "ClientId": "old-app",
    "ExplicitAuthFlows": ["ALLOW_ADMIN_USER_PASSWORD_AUTH"],
    "HasSecret": False,
}


def pool(settings: Mapping[str, Any], mfa: str = "OFF", clients: tuple[AppClient, ...] = ()) -> PoolFacts:
    return PoolFacts(
        PoolState(str(settings["Id"]), settings, {"MfaConfiguration": mfa}), clients=clients, providers={}
    )


def deployment(**parameters: str) -> Deployment:
    return Deployment("app", {**PARAMETERS, **parameters}, OUTPUTS, "UPDATE_COMPLETE")


def healthy(**changed: Any) -> DoctorFacts:
    client = AppClient(CLIENT)
    new = pool(NEW, clients=(client,))
    facts = DoctorFacts(
        at=NOW,
        deployment=deployment(),
        new=new,
        old=pool(OLD),
        attribute=check_attribute("custom:old_sub", NEW, [client], {}),
        reports=report_clients([client], NEW),
        old_client=OLD_CLIENT,
        triggers=TRIGGERS,
        functions=(FunctionFacts("MigrateUser", live={"Timeout": 5}, latest={"Timeout": 5}, denied=()),),
        attachment=attached(),
        protected=True,
    )
    return replace(facts, **changed)


def with_clients(*settings: Mapping[str, Any], allowed: frozenset[str] = frozenset()) -> DoctorFacts:
    """With these app clients of the new pool, each on top of the good one."""
    clients = tuple(AppClient({**CLIENT, **one}) for one in settings)
    return healthy(
        new=pool(NEW, clients=clients),
        reports=report_clients(clients, NEW, allowed),
        attribute=check_attribute("custom:old_sub", NEW, clients, {}),
        deployment=deployment(AllowedClientIds=",".join(sorted(allowed))),
    )


def codes(facts: DoctorFacts) -> list[str]:
    """Without the note on shared quotas, which the healthy facts have, too."""
    return [one.code for one in examine(facts) if one.code != "quota_shared"]


def only(facts: DoctorFacts, code: str) -> Finding:
    """The one finding of this code."""
    found = [one for one in examine(facts) if one.code == code]
    assert len(found) == 1, [one.code for one in examine(facts)]
    return found[0]
