"""`cutover verify --check`: is this certificate the one that was made, and are the tables still like that?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from cutover.aws.certificate_ledger import find_certificate
from cutover.aws.open_pairs import ledger_of
from cutover.cli.options import Invocation
from cutover.cli.pair_options import PairChoice, open_pairs
from cutover.cli.verify_certify import certified
from cutover.cli.verify_options import Wanted
from cutover.cli.verify_plan import make_plan
from cutover.cli.verify_screen import plans_text
from cutover.cli.verify_work import verify_pair
from cutover.control.deployment import Deployment
from cutover.errors import DifferencesFound, UsageError
from cutover.tables.certificate import NotACertificate, differences, opened
from cutover.tables.patience import Patience


def check(
    invocation: Invocation, deployment: Deployment, choice: PairChoice, wanted: Wanted, path: Path
) -> int:
    """Raises DifferencesFound where the file, the ledger or the tables say something else."""
    certificate, sha256 = _read(path)
    ledger, patience = ledger_of(deployment, invocation.aws), Patience(say=invocation.render.say)
    for statement in certificate["pairs"]:
        at = int(certificate["made_at"])
        kept = patience(lambda: find_certificate(ledger, statement["pair"], at, sha256))  # noqa: B023 - at once
        if kept != statement:
            raise _differs(
                path,
                statement["pair"],
                "the ledger "
                + ("holds no such certificate" if kept is None else "holds another statement under its hash"),
            )
    found = (
        _recomputed(invocation, deployment, choice, wanted, certificate, path) if wanted.recompute else None
    )
    invocation.render.result(
        "verify",
        {"certificate": {"file": str(path), "sha256": sha256, **certificate}, "recomputed": found},
        text=_text(path, certificate, sha256, recomputed=wanted.recompute),
        next_command=invocation.command("status"),
    )
    return 0


def _read(path: Path) -> tuple[dict[str, Any], str]:
    try:
        return opened(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read", cause=str(error), fix="name a certificate") from error
    except NotACertificate as error:
        raise DifferencesFound(
            f"{path} is no certificate that cutover has made", cause=str(error), fix="find the original"
        ) from error


def _recomputed(
    invocation: Invocation,
    deployment: Deployment,
    choice: PairChoice,
    wanted: Wanted,
    certificate: Mapping[str, Any],
    path: Path,
) -> list[dict[str, Any]]:
    statements = {statement["pair"]: statement for statement in certificate["pairs"]}
    pairs = open_pairs(invocation, deployment, replace(choice, pairs=tuple(statements), tables=()))
    plans = [make_plan(invocation, deployment, one, wanted, choice) for one in pairs]
    invocation.render.say(plans_text(plans))
    done = [verify_pair(invocation, plan) for plan in plans]
    now = [one.statement() for one in certified(pairs, done)]
    for statement in now:
        found = differences(statements[statement["pair"]], statement)
        if found:
            raise _differs(path, statement["pair"], f"the tables have another {', '.join(found)} now")
    return now


def _differs(path: Path, pair_id: str, cause: str) -> DifferencesFound:
    return DifferencesFound(
        f"{path} does not hold for {pair_id}", cause=cause, fix="nothing: it says what was, or was changed"
    )


def _text(path: Path, certificate: Mapping[str, Any], sha256: str, *, recomputed: bool) -> str:
    lines = [f"{path} is the certificate that the ledger knows: SHA-256 {sha256}"]
    for statement in certificate["pairs"]:
        held = statement["held"]
        lines.append(f"{statement['pair']}: {held['items']:,} items, {held['digest']}")
    return "\n".join([*lines, "the tables are still like that"] if recomputed else lines)
