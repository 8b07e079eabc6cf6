"""Two pools, a ledger and a stack on moto, with import jobs played by the simulator."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3

from cutover.users.ledger_rows import State, listed
from tests.cli.verbs import Ran, Shell
from tests.fakes.ledger_table import create_ledger, put_row
from tests.simulator.import_csv import Line, parse
from tests.simulator.import_jobs import ImportJobs

REGION = "eu-west-1"
ROLE = "arn:aws:iam::123456789012:role/import-logs"
TEMPLATE = {
    "Parameters": {
        name: {"Type": "String", "Default": ""}
        for name in ("NewUserPoolId", "OldUserPoolId", "LegacySubAttribute", "Attributes", "Table", "Role")
    },
    "Resources": {"Anything": {"Type": "AWS::SQS::Queue"}},
    "Outputs": {
        "LedgerTable": {"Value": {"Ref": "Table"}},
        "ImportLogsRoleArn": {"Value": {"Ref": "Role"}},
    },
}
SCHEMA = [
    {"Name": "old_sub", "AttributeDataType": "String", "Mutable": False},
    {"Name": "plan", "AttributeDataType": "String", "Mutable": True},
]


@dataclass
class StragglerWorld:
    shell: Shell
    folder: Path
    name: str
    jobs: ImportJobs
    new_settings: dict[str, Any] = field(default_factory=dict)
    old_settings: dict[str, Any] = field(default_factory=dict)
    clock: float = 0.0

    def __post_init__(self) -> None:
        self.cognito = boto3.client("cognito-idp", region_name=REGION)
        self.dynamodb = boto3.client("dynamodb", region_name=REGION)
        settings = {"AutoVerifiedAttributes": ["email"], **self.new_settings}
        self.new_pool = self._pool("new", SCHEMA, **settings)
        self.old_pool = self._pool("old", SCHEMA[1:], **self.old_settings)
        create_ledger(self.dynamodb, self.name)
        self._stack()

    def run(self, verb: str, *words: str, typed: str = "") -> Ran:
        given = (*words, "--stack", self.name, "--region", REGION, "--calls-per-second", "100000")
        return self.shell.run(verb, *given, typed=typed)

    def export(self, *words: str, folder: str = "export") -> Ran:
        return self.run("export-users", "--folder", str(self.folder / folder), "--yes", *words)

    def counts(self, *words: str, folder: str = "export") -> dict[str, Any]:
        ran = self.export("--output", "json", *words, folder=folder)
        assert ran.code == 0, ran.err
        counts: dict[str, Any] = ran.envelope["data"]["counts"]
        return counts

    def old_user(self, name: str, *, status: str = "CONFIRMED", **attributes: str) -> str:
        """An old user with a verified e-mail; answers the sub."""
        return self._user(self.old_pool, name, status, attributes)

    def new_user(self, name: str, *, status: str = "CONFIRMED", **attributes: str) -> str:
        return self._user(self.new_pool, name, status, attributes)

    def row(self, old_sub: str, state: State, **more: Any) -> None:
        """The ledger's word on an old user."""
        fields = {"old_sub": old_sub, "new_pool": self.new_pool, "state": state.value, **more}
        keys = {"pk": f"user#{old_sub}", "sk": "state", "listed": listed(state), "listed_at": 1}
        put_row(self.dynamodb, self.name, **{**keys, **fields})

    def put(self, **row: Any) -> None:
        put_row(self.dynamodb, self.name, **row)

    def ledger(self, pk: str, sk: str = "state") -> dict[str, Any]:
        key = {"pk": {"S": pk}, "sk": {"S": sk}}
        item: dict[str, Any] = self.dynamodb.get_item(TableName=self.name, Key=key).get("Item", {})
        return item

    def rows_of(self, pk: str) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = self.dynamodb.query(
            TableName=self.name,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": pk}},
        )["Items"]
        return items

    def lines(self, file: str = "users-001.csv", folder: str = "export") -> list[Line]:
        """The file as the simulator's parser reads it."""
        header = self.jobs.answer("GetCSVHeader", {"UserPoolId": self.new_pool})["CSVHeader"]
        return parse((self.folder / folder / file).read_bytes(), header)

    def reasons(self, file: str, folder: str = "export") -> dict[str, str]:
        """Old sub -> reason."""
        text = (self.folder / folder / file).read_text()
        rows = [json.loads(line) for line in text.splitlines()]
        return {row["old_sub"]: row["reason"] for row in rows}

    def sub_of(self, pool_id: str, name: str) -> str:
        shown = self.cognito.admin_get_user(UserPoolId=pool_id, Username=name)["UserAttributes"]
        return str(next(row["Value"] for row in shown if row["Name"] == "sub"))

    def status_of(self, name: str) -> str:
        return str(self.cognito.admin_get_user(UserPoolId=self.new_pool, Username=name)["UserStatus"])

    def _user(self, pool_id: str, name: str, status: str, attributes: dict[str, str]) -> str:
        given = {"email": f"{name}@example.com", "email_verified": "true", **attributes}
        self.cognito.admin_create_user(
            UserPoolId=pool_id,
            Username=name,
            MessageAction="SUPPRESS",
            TemporaryPassword="Long-enough-4-all",
            UserAttributes=[
                {"Name": key.replace("__", ":"), "Value": value} for key, value in given.items() if value
            ],
        )
        if status != "FORCE_CHANGE_PASSWORD":
            self.cognito.admin_set_user_password(
                UserPoolId=pool_id, Username=name, Password="Long-enough-4-all", Permanent=True
            )
        return self.sub_of(pool_id, name)

    def _pool(self, name: str, custom: list[dict[str, Any]], **settings: Any) -> str:
        """moto forgets the standard attributes of a pool that is made with custom ones."""
        made = self.cognito.create_user_pool(PoolName=f"{self.name}-{name}", **settings)
        self.cognito.add_custom_attributes(UserPoolId=made["UserPool"]["Id"], CustomAttributes=custom)
        return str(made["UserPool"]["Id"])

    def _stack(self) -> None:
        values = {
            "NewUserPoolId": self.new_pool,
            "OldUserPoolId": self.old_pool,
            "LegacySubAttribute": "custom:old_sub",
            "Table": self.name,
            "Role": ROLE,
        }
        boto3.client("cloudformation", region_name=REGION).create_stack(
            StackName=self.name,
            TemplateBody=json.dumps(TEMPLATE),
            Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in values.items()],
        )
