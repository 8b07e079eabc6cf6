"""No test talks to anything but this machine, and none finds an AWS account.

An audit hook sees each connection and each look-up of a name, whichever library makes them:
https://docs.python.org/3/library/audit_events.html
"""

from __future__ import annotations

import ipaddress
import os
import socket
import sys
from collections.abc import MutableMapping
from typing import Any

DEAD_ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_SESSION_TOKEN": "testing",
    "AWS_DEFAULT_REGION": "eu-west-1",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
}


class NetworkForbidden(RuntimeError):
    """A test tried to reach another machine."""


def bury_credentials(environment: MutableMapping[str, str] = os.environ) -> None:
    """Takes every AWS setting of the person who runs the tests away."""
    for name in [name for name in environment if name.startswith(("AWS_", "SAM_CLI_"))]:
        del environment[name]
    environment.update(DEAD_ENVIRONMENT)


def refuse_network(event: str, arguments: tuple[Any, ...]) -> None:
    """The audit hook. Raises NetworkForbidden for another machine's address or name."""
    if event == "socket.connect" and arguments[0].family in (socket.AF_INET, socket.AF_INET6):
        _only_here(arguments[1][0])
    elif event in ("socket.getaddrinfo", "socket.gethostbyname") and arguments[0] is not None:
        _only_here(arguments[0])


def _only_here(host: str | bytes) -> None:
    name = host.decode() if isinstance(host, bytes) else host
    if name in ("", "localhost", socket.gethostname()):
        return
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        raise NetworkForbidden(f"a test asked for the address of {name}") from None
    if not (address.is_loopback or address.is_unspecified):
        raise NetworkForbidden(f"a test connected to {name}")


def forbid() -> None:
    """For the rest of this process: an audit hook cannot be taken back."""
    sys.addaudithook(refuse_network)
