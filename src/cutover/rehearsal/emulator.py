"""ministack as a child process on a free port of the loopback interface, and its clean end."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cutover.errors import CutoverError

LOOPBACK = "127.0.0.1"
REGION = "us-east-1"
ACCESS_KEY = "test"
READY_SECONDS = 30.0


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


@dataclass
class Emulator:
    """`folder` takes its log and every temporary file of its functions; `functions_call` is the address
    that the functions call AWS at (the front's)."""

    folder: Path
    functions_call: str
    enforce_iam: bool = False

    def __post_init__(self) -> None:
        self.port = free_port()
        self.url = f"http://{LOOPBACK}:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        return self.folder / "emulator.log"

    def start(self) -> None:
        """Returns once it answers. Raises CutoverError where it does not within half a minute."""
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "cutover.rehearsal.emulator_main"],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=self._environment(),
                cwd=self.folder,
                start_new_session=True,
            )
        self._wait_until_it_answers()

    def stop(self) -> None:
        """Ends the process and every function it started: they share one process group."""
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError):  # it ended by itself
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        if self._process.stdin:
            self._process.stdin.close()
        self._process = None

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "LAMBDA_"))}
        return {
            **kept,
            "GATEWAY_PORT": str(self.port),
            "BIND_HOST": LOOPBACK,
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
            "AUTH": "true" if self.enforce_iam else "false",
            "LOG_LEVEL": "WARNING",
            "MINISTACK_COGNITO_PRETOKEN_STRICT": "1",
            "PERSIST_STATE": "0",
            "S3_PERSIST": "0",
            "STATE_DIR": str(self.folder / "state"),
            "S3_DATA_DIR": str(self.folder / "s3"),
            "TMPDIR": str(self.folder),
            "MINISTACK_REGION": REGION,
            "AWS_ENDPOINT_URL": self.functions_call,
            "AWS_ACCESS_KEY_ID": ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY": ACCESS_KEY,
            "AWS_DEFAULT_REGION": REGION,
        }

    def _wait_until_it_answers(self) -> None:
        end = time.monotonic() + READY_SECONDS
        while time.monotonic() < end:
            if self._process is None or self._process.poll() is not None:
                break
            if self._answers():
                return
            time.sleep(0.05)
        tail = self.log.read_text(encoding="utf-8", errors="replace")[-2000:]
        self.stop()
        raise CutoverError(
            "the local AWS (ministack) does not start",
            cause=tail.strip() or f"it did not answer within {READY_SECONDS:.0f} seconds",
            fix="install the extra: pip install 'cutover[rehearse]'",
        )

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/_ministack/health", timeout=1) as reply:  # noqa: S310
                return bool(reply.status == 200)
        except (urllib.error.URLError, OSError):
            return False


def credentials() -> dict[str, Any]:
    """The keyword arguments of a boto3 client that speaks to the local stack as its root."""
    return {"region_name": REGION, "aws_access_key_id": ACCESS_KEY, "aws_secret_access_key": ACCESS_KEY}
