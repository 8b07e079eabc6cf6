"""Start the local stack, talk to it, and be sure that it is gone afterwards."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cutover.errors import CutoverError
from cutover.rehearsal.clients import client
from cutover.rehearsal.emulator import ACCESS_KEY, REGION
from cutover.rehearsal.host import KEEP

STOP_SECONDS = 10.0


@dataclass
class Local:
    """A running local stack. Leaving its `with` block ends every process and removes every file of it, unless
    it is to be kept."""

    url: str
    folder: Path
    process: subprocess.Popen[str]
    kept: bool = False

    def client(self, service: str, *, attempts: int = 3) -> Any:
        """A boto3 client of the stack's root user."""
        return client(service, self.url, attempts=attempts)

    def environment(self) -> dict[str, str]:
        """What to export so that the AWS CLI, an SDK or `cutover` talks to this stack."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY": ACCESS_KEY,
            "AWS_DEFAULT_REGION": REGION,
        }

    def keep(self) -> str:
        """Lets the stack live on when this process ends; the command that stops it then."""
        if self.process.stdin:
            self.process.stdin.write(KEEP + "\n")
            self.process.stdin.flush()
        self.kept = True
        return f"kill {self.process.pid}"

    def stop(self) -> None:
        if self.process.stdin:
            self.process.stdin.close()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()  # the emulator ends by itself when this process has gone
            self.process.wait()
        if self.process.stdout:
            self.process.stdout.close()
        if self.folder != Path():
            shutil.rmtree(self.folder, ignore_errors=True)  # where the host could not do it itself

    def __enter__(self) -> Local:
        return self

    def __exit__(self, *_: Any) -> None:
        if not self.kept:
            self.stop()
        elif self.process.stdin:
            self.process.stdin.close()


def start_local_stack(*, enforce_iam: bool = False) -> Local:
    """A new local stack in a process group of its own, so that Ctrl-C on the terminal does not reach it.

    Raises CutoverError where it cannot start.
    """
    command = [sys.executable, "-m", "cutover.rehearsal.host"] + ["--enforce-iam"] * enforce_iam
    process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # a kept stack must not hold a pipe of ours open; it has its own log
        text=True,
        start_new_session=True,
    )
    local = Local("", Path(), process)
    try:
        first = process.stdout.readline() if process.stdout else ""
        told = json.loads(first or '{"error": "the local stack ended before it answered"}')
        if "url" not in told:
            raise CutoverError(told["error"], cause=told.get("cause", ""), fix=told.get("fix", ""))
    except BaseException:
        local.stop()
        raise
    local.url, local.folder = told["url"], Path(told["folder"])
    return local
