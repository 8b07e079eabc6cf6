"""A pytest plugin: the canary password must not leave a test by any way but a sign-in.

Watched are what a test printed or logged (passed tests too), what it read back through `capsys` and `capfd`,
every request that an AWS client of the test process sends (tables, queues, metrics, objects), and at the end
every file below the run's temporary folder. Under xdist a worker watches its tests, the controller the files.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.handlers import BUILTIN_HANDLERS, REGISTER_FIRST

from tests.canary import leaking_files, leaks

_MAY_CARRY_A_PASSWORD = {
    ("cognito-identity-provider", operation)
    for operation in (
        "AdminCreateUser",
        "AdminInitiateAuth",
        "AdminRespondToAuthChallenge",
        "AdminSetUserPassword",
        "ChangePassword",
        "ConfirmForgotPassword",
        "InitiateAuth",
        "RespondToAuthChallenge",
        "SignUp",
    )
} | {("lambda", "Invoke")}

_seen: list[str] = []
_files: list[str] = []


def note(where: str, content: str | bytes) -> None:
    """Remembers a leak against the test that is running."""
    if leaks(content):
        _seen.append(where)


def _watch_request(request: Any, event_name: str, **_: Any) -> None:
    _, service, operation = event_name.split(".", 2)
    if (service, operation) not in _MAY_CARRY_A_PASSWORD:
        body = request.body if isinstance(request.body, str | bytes | bytearray) else b""
        note(f"a request {service}.{operation}", bytes(body) if isinstance(body, bytearray) else body)
        note(f"the address of a request {service}.{operation}", str(request.url))


class _Watched:
    """A capture fixture whose readings are searched on their way to the test."""

    def __init__(self, capture: Any, name: str) -> None:
        self._capture, self._name = capture, name

    def readouterr(self) -> Any:
        read = self._capture.readouterr()
        for stream in read:
            note(f"what {self._name} read", stream)
        return read

    def __getattr__(self, name: str) -> Any:
        return getattr(self._capture, name)


@pytest.fixture
def capsys(capsys: pytest.CaptureFixture[str]) -> Iterator[Any]:
    watched = _Watched(capsys, "capsys")
    yield watched
    watched.readouterr()


@pytest.fixture
def capfd(capfd: pytest.CaptureFixture[str]) -> Iterator[Any]:
    watched = _Watched(capfd, "capfd")
    yield watched
    watched.readouterr()


@pytest.fixture(autouse=True)
def _no_canary_escapes() -> Iterator[None]:
    """Set up before every other fixture of a test, hence torn down after them."""
    _seen.clear()
    yield
    assert not _seen, f"the canary password was found in {', '.join(_seen)}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Any:
    report = yield
    found = [name for name, content in report.sections if leaks(content)]
    if found and report.passed:
        report.outcome = "failed"
        report.longrepr = f"the canary password was found in {', '.join(found)}"
    return report


def pytest_configure() -> None:
    # moto hooks itself in by the same list: https://github.com/getmoto/moto/blob/master/moto/core/models.py
    BUILTIN_HANDLERS.append(("before-send", _watch_request, REGISTER_FIRST))


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    if hasattr(session.config, "workerinput"):
        return
    folder = session.config._tmp_path_factory.getbasetemp()  # type: ignore[attr-defined]  # noqa: SLF001
    _files.extend(str(path) for path in leaking_files(folder))
    if _files:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any) -> None:
    for path in _files:
        terminalreporter.write_line(f"FAILED the canary password was found in {path}", red=True)
