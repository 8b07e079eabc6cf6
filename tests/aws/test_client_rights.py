"""Reading what app clients may write: page by page, client by client, and no secret."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.exceptions import ClientError

from cutover.aws.client_rights import MAX_AGE, ClientRights
from cutover.users.decision_table import Stop
from cutover.users.ports import RightsUnknown

POOL = "eu-west-1_new"


@dataclass
class Clients:
    """Cognito's two calls over `rights`, two clients a page; `fault` answers instead."""

    rights: dict[str, list[str] | None]
    fault: tuple[str, int] | None = None
    described: list[str] = field(default_factory=list)
    lists: int = 0

    def list_user_pool_clients(self, **asked: Any) -> dict[str, Any]:
        self.lists += 1
        self._check()
        start = int(asked.get("NextToken", 0))
        names = sorted(self.rights)
        page: dict[str, Any] = {"UserPoolClients": [{"ClientId": name} for name in names[start : start + 2]]}
        return page | ({"NextToken": str(start + 2)} if start + 2 < len(names) else {})

    def describe_user_pool_client(self, **asked: Any) -> dict[str, Any]:
        self._check()
        self.described.append(asked["ClientId"])
        rights = self.rights[asked["ClientId"]]
        writable = {} if rights is None else {"WriteAttributes": rights}
        return {"UserPoolClient": {"ClientSecret": "never-taken", **writable}}

    def _check(self) -> None:
        if self.fault is not None:
            code, status = self.fault
            reply: Any = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
            raise ClientError(reply, "DescribeUserPoolClient")


def test_every_page_of_clients_is_read() -> None:
    clients = Clients({name: [f"custom:{name}"] for name in "abcde"})
    rights = list(ClientRights(clients, POOL, clock=lambda: 0.0).read())
    assert rights == [frozenset({f"custom:{name}"}) for name in "abcde"]


def test_the_first_client_is_read_once() -> None:
    clients = Clients(dict.fromkeys("abc"))
    list(ClientRights(clients, POOL, clock=lambda: 0.0).read("b"))
    assert clients.described == ["b", "a", "c"]


def test_only_as_many_clients_are_read_as_are_asked_for() -> None:
    clients = Clients(dict.fromkeys("abc"))
    next(ClientRights(clients, POOL, clock=lambda: 0.0).read("b"))
    assert (clients.described, clients.lists) == (["b"], 0)


def test_what_was_read_is_kept_for_a_while() -> None:
    clients, now = Clients(dict.fromkeys("abc")), [0.0]
    rights = ClientRights(clients, POOL, clock=lambda: now[0])
    list(rights.read())
    list(rights.read())
    assert len(clients.described) == 3
    now[0] = MAX_AGE
    list(rights.read())
    assert len(clients.described) == 6


def test_a_look_that_was_cut_short_goes_on_where_it_stopped() -> None:
    clients = Clients(dict.fromkeys("abc"))
    rights = ClientRights(clients, POOL, clock=lambda: 0.0)
    next(rights.read())
    clients.fault = ("TooManyRequestsException", 400)
    with pytest.raises(Stop):
        list(rights.read())
    clients.fault = None
    list(rights.read())
    assert clients.described == ["a", "b", "c"]


@pytest.mark.parametrize(
    "fault", [("TooManyRequestsException", 400), ("InternalErrorException", 500), ("x", 429)]
)
def test_a_passing_fault_stops_the_sign_in(fault: tuple[str, int]) -> None:
    with pytest.raises(Stop):
        list(ClientRights(Clients({}, fault), POOL, clock=lambda: 0.0).read())


def test_a_refusal_leaves_the_rights_unknown_for_a_while() -> None:
    clients, now = Clients({}, ("AccessDeniedException", 400)), [0.0]
    rights = ClientRights(clients, POOL, clock=lambda: now[0])
    for _ in range(3):
        with pytest.raises(RightsUnknown):
            list(rights.read())
    assert clients.lists == 1
    clients.fault, now[0] = None, MAX_AGE
    assert list(rights.read()) == []
