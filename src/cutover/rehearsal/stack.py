"""The local stack: emulator, front and stream pump, put together and taken down as one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cutover.rehearsal.clients import Clients
from cutover.rehearsal.emulator import Emulator
from cutover.rehearsal.front.cognito import Cognito
from cutover.rehearsal.front.server import Front
from cutover.rehearsal.front.uses import Uses
from cutover.rehearsal.pump.pump import Pump


class LocalStack:
    """`url` is the one address that clients, functions and the command line use: the front's."""

    def __init__(self, folder: Path, *, enforce_iam: bool = False) -> None:
        self._front = Front()
        self.url = self._front.url
        self._emulator = Emulator(folder, self._front.url, enforce_iam)
        self._pump = Pump(Clients(self._emulator.url))

    def start(self) -> None:
        """Returns when requests are answered. Raises CutoverError where the emulator does not start."""
        self._emulator.start()
        self._front.start(self._emulator.url, (Uses().play, Cognito(self._emulator.url).play))
        self._pump.start()

    def stop(self) -> None:
        self._pump.stop()
        self._emulator.stop()
        self._front.stop()

    def __enter__(self) -> LocalStack:
        self.start()
        return self

    def __exit__(self, *_: Any) -> None:
        self.stop()
