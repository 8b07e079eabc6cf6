"""The folder in which a verify keeps its place: which verify it is of, and whether it may be gone on with.

It holds digests of items and the keys of items (never another value), so only its owner may read it.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from cutover.cli.report_file import OWNER_ONLY
from cutover.errors import UsageError

FORMAT = 1
OWNER_FOLDER = 0o700
STALE_SECONDS = 7 * 86400
"""What was read so long ago has mostly changed: reading it again costs less than looking at each suspect."""
_DOCUMENT, _LOCK = "verify.json", "lock"


def state_folder(given: Path | None, *names: str) -> Path:
    """A folder below `given`, or below XDG_STATE_HOME (~/.local/state), that is of these names alone."""
    root = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
    name = hashlib.sha256("\0".join(names).encode()).hexdigest()[:16]
    return (given or root / "cutover" / "verify") / name


class VerifyFolder:
    """A `Keep`. `facts` name the verify: one of other facts is never gone on with."""

    def __init__(
        self, path: Path, facts: Mapping[str, str], *, fresh: bool, clock: Callable[[], float] = time.time
    ) -> None:
        self.path, self._facts, self._fresh, self._clock = path, dict(facts), fresh, clock
        self._document: dict[str, Any] | None = None
        self._files: dict[str, BinaryIO] = {}
        self.began = clock()

    def look(self) -> dict[str, Any] | None:
        """What is kept, and None where there is nothing to go on with; for a plan, nothing is changed.

        Raises UsageError where it is another verify's, too old, or cannot be read.
        """
        if self._fresh:
            return None
        try:
            document: dict[str, Any] = json.loads((self.path / _DOCUMENT).read_text(encoding="utf-8"))
            differ = [name for name, value in self._facts.items() if document["facts"].get(name) != value]
            differ += ["format"] if document["format"] != FORMAT else []
            age = self._clock() - float(document["began"])
            _ = document["phase"], document["segments"], document["facts"].keys()
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise self._refused("it cannot be read", f"{type(error).__name__}") from error
        if differ:
            raise self._refused("it is of another verify", f"another {', '.join(differ)}")
        if age > STALE_SECONDS:
            raise self._refused("it is too old", f"that verify began {age / 86400:.0f} days ago")
        return document

    def _refused(self, message: str, cause: str) -> UsageError:
        return UsageError(
            f"the verify kept in {self.path} is not gone on with: {message}",
            cause=cause,
            fix="run the verify that it is of, or begin this one anew with --fresh",
        )

    @contextmanager
    def held(self) -> Iterator[VerifyFolder]:
        """Ours alone inside; what it holds of an earlier verify is loaded, or removed with `fresh`.

        Raises UsageError as `look` does, and where another process has it.
        """
        self.path.mkdir(parents=True, exist_ok=True, mode=OWNER_FOLDER)
        if self.path.is_symlink() or self.path.stat().st_uid != os.geteuid():
            raise UsageError(
                f"{self.path} is not yours", cause="somebody else has made it", fix="name another --state"
            )
        self.path.chmod(OWNER_FOLDER)
        with os.fdopen(self._opened(_LOCK), "wb") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise UsageError(
                    f"another verify is at work in {self.path}",
                    cause="its folder is locked",
                    fix="wait for it, or name another folder with --state",
                ) from None
            self._document = self.look()
            self.began = float(self._document["began"]) if self._document else self._clock()
            if self._document is None:
                self._remove(keeping=_LOCK)
            try:
                yield self
            finally:
                self._close()

    @property
    def goes_on(self) -> bool:
        return self._document is not None

    def file(self, name: str) -> BinaryIO:
        file = os.fdopen(self._opened(name), "r+b")
        self._files[name] = file
        return file

    def drop(self, *names: str) -> None:
        for name in names:
            file = self._files.pop(name, None)
            if file is not None:
                file.close()
            (self.path / name).unlink(missing_ok=True)

    def load(self) -> Mapping[str, Any] | None:
        return self._document

    def save(self, document: Mapping[str, Any]) -> None:
        for file in list(self._files.values()):
            if not file.closed:
                os.fsync(file.fileno())
        whole = {**document, "format": FORMAT, "facts": self._facts, "began": self.began}
        draft = self.path / f"{_DOCUMENT}.draft"
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
        descriptor = os.open(draft, flags, OWNER_ONLY)
        with os.fdopen(descriptor, "w", encoding="utf-8") as written:
            json.dump(whole, written, separators=(",", ":"))
            written.flush()
            os.fsync(written.fileno())
        draft.replace(self.path / _DOCUMENT)

    def forget(self) -> None:
        """The verify is over, and nothing of it is needed any longer."""
        self._close()
        shutil.rmtree(self.path, ignore_errors=True)

    def _opened(self, name: str) -> int:
        return os.open(self.path / name, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, OWNER_ONLY)

    def _close(self) -> None:
        for file in self._files.values():
            with contextlib.suppress(OSError):
                file.close()
        self._files.clear()

    def _remove(self, *, keeping: str) -> None:
        for path in self.path.iterdir():
            if path.name != keeping:
                path.unlink()
