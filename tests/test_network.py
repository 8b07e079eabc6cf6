from __future__ import annotations

import os
import socket

import pytest

from cutover.aws.session import Aws
from tests.network import NetworkForbidden, bury_credentials


@pytest.mark.parametrize("address", ["192.0.2.1", "8.8.8.8", "169.254.169.254"])
def test_another_machine_cannot_be_connected_to(address: str) -> None:
    with socket.socket() as client, pytest.raises(NetworkForbidden):
        client.connect((address, 443))


def test_another_machines_name_cannot_be_looked_up() -> None:
    with pytest.raises(NetworkForbidden):
        socket.getaddrinfo("sts.amazonaws.com", 443)


def test_this_machine_can_be_connected_to() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname()).close()


def test_no_credentials_of_the_person_who_runs_the_tests_are_left() -> None:
    environment = {"AWS_PROFILE": "production", "AWS_ACCESS_KEY_ID": "AKIAREAL", "PATH": "/bin"}
    bury_credentials(environment)
    assert "AWS_PROFILE" not in environment
    assert environment["AWS_ACCESS_KEY_ID"] == "testing"
    assert environment["PATH"] == "/bin"


def test_a_client_of_this_process_has_dead_credentials() -> None:
    assert os.environ["AWS_ACCESS_KEY_ID"] == "testing"
    client = Aws().client("sts")
    assert client._request_signer._credentials.access_key == "testing"  # noqa: SLF001
