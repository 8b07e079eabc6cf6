"""boto3 clients that speak to the emulator as its root user."""

from __future__ import annotations

import threading
from typing import Any

import boto3
from botocore.config import Config

from cutover.rehearsal.emulator import credentials


def client(service: str, url: str, *, read_timeout: float = 60, attempts: int = 1) -> Any:
    """One client; boto3's clients may be shared between threads, their making may not."""
    config = Config(
        retries={"total_max_attempts": attempts, "mode": "standard"},
        connect_timeout=5,
        read_timeout=read_timeout,
        max_pool_connections=64,
    )
    make: Any = boto3.client
    with _making:
        return make(service, endpoint_url=url, config=config, **credentials())


class Clients:
    """One client a service, made when it is first asked for."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._made: dict[str, Any] = {}
        self._lock = threading.Lock()

    def __call__(self, service: str) -> Any:
        with self._lock:
            if service not in self._made:
                self._made[service] = client(service, self._url, read_timeout=900)
            return self._made[service]


_making = threading.Lock()
