"""A deployed stack as the verbs about users find it: two pools and a ledger, on moto."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from cutover.aws.session import Aws
from cutover.aws.user_ledger import UserLedger
from cutover.users.ledger_rows import Offer, State, UserRow
from tests.fakes.ledger_table import create_ledger

AWS = Aws(region="eu-west-1")
STACK = ("--stack", "people", "--region", "eu-west-1")


@dataclass
class UsersWorld:
    """Ann is in the old pool; what became of her the tests say."""

    old: str
    new: str
    ann: str
    """Her old sub."""

    @classmethod
    def made(cls, **parameters: str) -> UsersWorld:
        create_ledger(AWS.client("dynamodb"), "ledger")
        cognito = AWS.client("cognito-idp")
        old, new = (str(cognito.create_user_pool(PoolName=name)["UserPool"]["Id"]) for name in ("o", "n"))
        _stack({"NewUserPoolId": new, "OldUserPoolId": old, **parameters})
        world = cls(old, new, "")
        world.ann = world.person(old, "ann")
        return world

    def person(self, pool: str, name: str, **attributes: str) -> str:
        given = {"email": f"{name}@example.com", "email_verified": "true", **attributes}
        made = AWS.client("cognito-idp").admin_create_user(
            UserPoolId=pool,
            Username=name,
            MessageAction="SUPPRESS",
            UserAttributes=[{"Name": key, "Value": value} for key, value in given.items()],
        )
        return next(str(row["Value"]) for row in made["User"]["Attributes"] if row["Name"] == "sub")

    def gone(self, name: str) -> None:
        AWS.client("cognito-idp").admin_delete_user(UserPoolId=self.new, Username=name)

    @property
    def ledger(self) -> UserLedger:
        return UserLedger(AWS.client("dynamodb"), "ledger", sleep=lambda _: None)

    def offer(self, name: str = "ann") -> Offer:
        offer = Offer(self.ann, name, "username", True, self.new, State.OFFERED, "sign_in", 1000)
        self.ledger.offer(offer)
        return offer

    def came_over(self, new_sub: str, name: str = "ann") -> None:
        self.offer(name)
        assert self.ledger.confirm(self.row, new_sub, 2000)

    @property
    def row(self) -> UserRow:
        found = self.ledger.row(self.ann)
        assert found is not None
        return found

    def item(self, pk: str, sk: str) -> dict[str, Any] | None:
        reply = AWS.client("dynamodb").get_item(
            TableName="ledger", Key={"pk": {"S": pk}, "sk": {"S": sk}}, ConsistentRead=True
        )
        found: dict[str, Any] | None = reply.get("Item")
        return found


def _stack(parameters: dict[str, str]) -> None:
    template = {
        "Parameters": {name: {"Type": "String"} for name in parameters},
        "Resources": {"Anything": {"Type": "AWS::SNS::Topic"}},
        "Outputs": {"LedgerTable": {"Value": "ledger"}},
    }
    AWS.client("cloudformation").create_stack(
        StackName="people",
        TemplateBody=json.dumps(template),
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
    )
