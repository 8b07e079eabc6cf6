"""A deployed stack as attach and detach find it: two pools, a trigger behind an alias, a ledger."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import dataclass, field
from typing import Any

import boto3

REGION = "us-east-1"
STACK_TEMPLATE: dict[str, Any] = {
    "Parameters": {
        name: {"Type": "String", "Default": ""}
        for name in (
            "NewUserPoolId",
            "OldUserPoolId",
            "LegacySubAttribute",
            "AllowedClientIds",
            "ChainedPreSignUpArn",
            "ChainedPreTokenArn",
            "Arn",
            "GuardArn",
            "ClaimsArn",
            "Table",
        )
    },
    "Resources": {"Anything": {"Type": "AWS::SQS::Queue"}},
    "Outputs": {
        "MigrateUserArn": {"Value": {"Ref": "Arn"}},
        "LedgerTable": {"Value": {"Ref": "Table"}},
    },
}
GUARD_AND_CLAIMS = {
    "GuardSignUpArn": {"Value": {"Ref": "GuardArn"}},
    "AddClaimsArn": {"Value": {"Ref": "ClaimsArn"}},
}
"""The outputs that an older template does not have."""
CLOSED = {"AllowAdminCreateUserOnly": True}
"""AdminCreateUserConfig of a pool in which nobody signs up."""
ATTRIBUTE = {"Name": "old_sub", "AttributeDataType": "String", "Mutable": False}


@dataclass
class PoolWorld:
    """`endpoint` None: whatever the process's own AWS is (moto)."""

    endpoint: str | None
    name: str
    settings: dict[str, Any] = field(default_factory=dict)
    old_pool: str = ""
    """A pool that may be shared with others; made where there is none."""
    attribute: str = "custom:old_sub"
    """What the stack calls the attribute for the old sub; the new pool has `custom:old_sub`."""
    chained: str | None = None
    """The function that the stack's guard calls after itself, in a stack that has guard and claims."""

    def __post_init__(self) -> None:
        self.cognito = self.client("cognito-idp")
        self.new_pool = self._pool(f"{self.name}-new", Schema=[ATTRIBUTE], **self.settings)
        self.old_pool = self.old_pool or self._pool(f"{self.name}-old", AdminCreateUserConfig=CLOSED)
        self.arn = self._function(self.name)
        self.permit(self.name)
        self.guard, self.claims = "", ""
        if self.chained is not None:
            self.guard, self.claims = (self._function(f"{self.name}-{part}") for part in ("guard", "claims"))
            self.permit(f"{self.name}-guard")
            self.permit(f"{self.name}-claims")
        self._ledger()
        self._stack()

    def client(self, service: str) -> Any:
        return boto3.client(service, region_name=REGION, endpoint_url=self.endpoint)

    @property
    def words(self) -> list[str]:
        """The options that every run needs."""
        return ["--stack", self.name, "--region", REGION, "--calls-per-second", "10000"] + (
            ["--endpoint-url", self.endpoint] if self.endpoint else []
        )

    @property
    def without_stack(self) -> list[str]:
        words = ["--new-pool", self.new_pool, "--ledger", self.name, *self.words]
        del words[words.index("--stack") : words.index("--stack") + 2]
        return words

    def settings_of(self, pool_id: str) -> dict[str, Any]:
        settings: dict[str, Any] = self.cognito.describe_user_pool(UserPoolId=pool_id)["UserPool"]
        return settings

    def schema(self) -> dict[str, dict[str, Any]]:
        return {row["Name"]: row for row in self.settings_of(self.new_pool)["SchemaAttributes"]}

    def trigger(self) -> str | None:
        found: str | None = self.settings_of(self.new_pool).get("LambdaConfig", {}).get("UserMigration")
        return found

    def set_trigger(self, arn: str) -> None:
        """As somebody else would; the rest of the pool is not looked at again."""
        self.cognito.update_user_pool(UserPoolId=self.new_pool, LambdaConfig={"UserMigration": arn})

    def protected(self) -> bool:
        stacks = self.client("cloudformation").describe_stacks(StackName=self.name)["Stacks"]
        return bool(stacks[0].get("EnableTerminationProtection"))

    def ledger_rows(self) -> dict[str, dict[str, Any]]:
        items = self.client("dynamodb").scan(TableName=self.name, ConsistentRead=True)["Items"]
        return {item["sk"]["S"]: item for item in items}

    def add_user(self, pool_id: str, name: str, **attributes: str) -> None:
        self.cognito.admin_create_user(
            UserPoolId=pool_id,
            Username=name,
            MessageAction="SUPPRESS",
            TemporaryPassword="Long-enough-for-14",
            UserAttributes=[{"Name": key, "Value": value} for key, value in attributes.items()],
        )

    def permit(self, function: str) -> None:
        self.client("lambda").add_permission(
            FunctionName=function,
            Qualifier="live",
            StatementId="cognito",
            Action="lambda:InvokeFunction",
            Principal="cognito-idp.amazonaws.com",
            SourceArn=self.settings_of(self.new_pool)["Arn"],
            SourceAccount=self.settings_of(self.new_pool)["Arn"].split(":")[4],
        )

    def forbid(self) -> None:
        self.client("lambda").remove_permission(
            FunctionName=self.name, Qualifier="live", StatementId="cognito"
        )

    def move_from(self, old_pool: str) -> None:
        """Another old pool, by a deployment that changes nothing else."""
        stack = self.client("cloudformation").describe_stacks(StackName=self.name)["Stacks"][0]
        others = [row for row in stack["Parameters"] if row["ParameterKey"] != "OldUserPoolId"]
        self.client("cloudformation").update_stack(
            StackName=self.name,
            TemplateBody=json.dumps(self._template()),
            Parameters=[*others, {"ParameterKey": "OldUserPoolId", "ParameterValue": old_pool}],
        )

    def delete_stack(self) -> None:
        self.client("cloudformation").delete_stack(StackName=self.name)

    def lose_outputs(self) -> None:
        """As after a deployment of another template."""
        bare = {name: part for name, part in STACK_TEMPLATE.items() if name != "Outputs"}
        self.client("cloudformation").update_stack(StackName=self.name, TemplateBody=json.dumps(bare))

    def _template(self) -> dict[str, Any]:
        more = {} if self.chained is None else GUARD_AND_CLAIMS
        return {**STACK_TEMPLATE, "Outputs": {**STACK_TEMPLATE["Outputs"], **more}}

    def _pool(self, name: str, **settings: Any) -> str:
        return str(self.cognito.create_user_pool(PoolName=name, **settings)["UserPool"]["Id"])

    def _function(self, name: str) -> str:
        code = io.BytesIO()
        with zipfile.ZipFile(code, "w") as archive:
            archive.writestr("app.py", "def handler(event, context): return event\n")
        functions = self.client("lambda")
        functions.create_function(
            FunctionName=name,
            Runtime="python3.13",
            Role=self._role(name),
            Handler="app.handler",
            Code={"ZipFile": code.getvalue()},
        )
        version = functions.publish_version(FunctionName=name)["Version"]
        alias = functions.create_alias(FunctionName=name, Name="live", FunctionVersion=version)
        return str(alias["AliasArn"])

    def _role(self, name: str) -> str:
        trust = {"Version": "2012-10-17", "Statement": []}
        made = self.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))
        return str(made["Role"]["Arn"])

    def _ledger(self) -> None:
        self.client("dynamodb").create_table(
            TableName=self.name,
            KeySchema=[
                {"AttributeName": "pk", "KeyType": "HASH"},
                {"AttributeName": "sk", "KeyType": "RANGE"},
            ],
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
            BillingMode="PAY_PER_REQUEST",
        )

    def _stack(self) -> None:
        values = {
            "NewUserPoolId": self.new_pool,
            "OldUserPoolId": self.old_pool,
            "LegacySubAttribute": self.attribute,
            "ChainedPreSignUpArn": self.chained or "",
            "Arn": self.arn,
            "GuardArn": self.guard,
            "ClaimsArn": self.claims,
            "Table": self.name,
        }
        self.client("cloudformation").create_stack(
            StackName=self.name,
            TemplateBody=json.dumps(self._template()),
            Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in values.items()],
        )
        self.client("cloudformation").get_waiter("stack_create_complete").wait(
            StackName=self.name, WaiterConfig={"Delay": 1}
        )
