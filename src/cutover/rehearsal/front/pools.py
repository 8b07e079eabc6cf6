"""What the rules need to know of pools, clients and users, asked of the emulator by its public API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Attributes = dict[str, str]


class Pools:
    """`cognito` is a boto3 client that talks to the emulator itself, not to the front."""

    def __init__(self, cognito: Any) -> None:
        self.cognito = cognito
        self._pool_of_client: dict[str, str] = {}

    def pool_id(self, data: Mapping[str, Any]) -> str | None:
        """The pool that a request names, or that its app client belongs to."""
        if data.get("UserPoolId"):
            return str(data["UserPoolId"])
        client_id = str(data.get("ClientId", ""))
        if client_id and client_id not in self._pool_of_client:
            self._learn_clients()
        return self._pool_of_client.get(client_id)

    def pool(self, pool_id: str) -> dict[str, Any] | None:
        try:
            return dict(self.cognito.describe_user_pool(UserPoolId=pool_id)["UserPool"])
        except self.cognito.exceptions.ResourceNotFoundException:
            return None

    def client(self, pool_id: str, client_id: str) -> dict[str, Any] | None:
        try:
            found = self.cognito.describe_user_pool_client(UserPoolId=pool_id, ClientId=client_id)
        except self.cognito.exceptions.ResourceNotFoundException:
            return None
        return dict(found["UserPoolClient"])

    def user(self, pool_id: str, name: str) -> dict[str, Any] | None:
        """The user of that name, alias or sub, as AdminGetUser shows him."""
        try:
            return dict(self.cognito.admin_get_user(UserPoolId=pool_id, Username=name))
        except self.cognito.exceptions.UserNotFoundException:
            return None

    def holder_of(self, pool_id: str, attribute: str, value: str) -> str | None:
        """The name of the user who has that e-mail or phone as a verified alias."""
        users = self.cognito.list_users(UserPoolId=pool_id, Filter=f'{attribute} = "{value}"')["Users"]
        for user in users:
            if attributes_of(user["Attributes"]).get(f"{attribute}_verified") == "true":
                return str(user["Username"])
        return None

    def _learn_clients(self) -> None:
        for page in self.cognito.get_paginator("list_user_pools").paginate(MaxResults=60):
            for pool in page["UserPools"]:
                self._learn_clients_of(pool["Id"])

    def _learn_clients_of(self, pool_id: str) -> None:
        for page in self.cognito.get_paginator("list_user_pool_clients").paginate(UserPoolId=pool_id):
            for client in page["UserPoolClients"]:
                self._pool_of_client[client["ClientId"]] = pool_id


def attributes_of(pairs: list[dict[str, str]]) -> Attributes:
    return {pair["Name"]: pair.get("Value", "") for pair in pairs}


def pairs_of(attributes: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Name": name, "Value": value} for name, value in attributes.items()]
