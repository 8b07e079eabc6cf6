"""The options of `cutover verify`, and what does not go together."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import rich_click as click

from cutover.errors import UsageError
from cutover.tables.verify_draw import SampleSize

_SAMPLE = re.compile(r"(\d+(?:\.\d+)?)%|([1-9]\d*)")


@dataclass(frozen=True)
class Wanted:
    """The verb's own options. `certify` and `check` are certificate files."""

    probes: int
    spacing: float | None
    read_units: float | None
    consistent: bool
    most_keys: int
    show_keys: bool
    repair: bool
    accept_native: bool = False
    sample: SampleSize | None = None
    seed: int | None = None
    state: Path | None = None
    fresh: bool = False
    report: Path | None = None
    certify: Path | None = None
    check: Path | None = None
    recompute: bool = False

    @property
    def sealed(self) -> bool:
        """Whether it is for a certificate, made or checked."""
        return self.certify is not None or self.recompute

    def words(self) -> tuple[str, ...]:
        """What a command that goes on with it has to say."""
        files = {
            "--state": self.state,
            "--report": self.report,
            "--certify": self.certify,
            "--check": self.check,
        }
        flags = {
            "--consistent": self.consistent and not self.sealed,
            "--repair": self.repair,
            "--accept-native": self.accept_native,
            "--recompute": self.recompute,
        }
        numbers = {"--read-units": self.read_units, "--spacing": self.spacing}
        words = [name for name, given in flags.items() if given]
        words += [word for name, one in numbers.items() if one is not None for word in (name, f"{one:.12g}")]
        return (*words, *(word for name, path in files.items() if path for word in (name, str(path))))


class SampleType(click.ParamType):  # type: ignore[type-arg]
    """`5%` or `10000`."""

    name = "PERCENT%|N"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> SampleSize:
        found = _SAMPLE.fullmatch(str(value))
        percent = float(found[1]) if found and found[1] else None
        if not found or (percent is not None and not 0 < percent <= 100):
            self.fail(f"{value} is neither a percentage such as 5% nor a number of items", param, ctx)
        return SampleSize(percent, int(found[2]) if found[2] else None)


_FILE = click.Path(dir_okay=False, path_type=Path)
_OPTIONS = (
    click.option(
        "--probes", type=click.IntRange(1, 20), default=3, show_default=True, help="Looks at a suspect."
    ),
    click.option(
        "--spacing",
        type=click.FloatRange(0),
        help="Seconds between two looks. Default: twice the mirror's lag, at least 10.",
    ),
    click.option(
        "--read-units", type=click.FloatRange(min=0, min_open=True), help="Read units/s on each table."
    ),
    click.option("--consistent", is_flag=True, help="Scan strongly consistently, at twice the price."),
    click.option(
        "--keys",
        "most_keys",
        type=click.IntRange(0),
        default=1000,
        show_default=True,
        help="Keys of each kind in the report.",
    ),
    click.option("--show-keys", is_flag=True, help="Print keys on the screen. They may be personal data."),
    click.option("--report", type=_FILE, help="Write a JSON report (0600)."),
    click.option(
        "--repair",
        is_flag=True,
        help="Converge what is missing, different, or proven to be left behind by the mirror.",
    ),
    click.option(
        "--accept-native", is_flag=True, help="Extra items that nothing proves ours are no difference."
    ),
    click.option(
        "--sample", type=SampleType(), help="Only a random part of both tables: 5%, or 10000 items."
    ),
    click.option("--seed", type=click.IntRange(0), help="Draw the sample that this seed drew before."),
    click.option(
        "--state",
        type=click.Path(file_okay=False, path_type=Path),
        help="Where to keep the place (0700). Default: below XDG_STATE_HOME.",
    ),
    click.option("--fresh", is_flag=True, help="Begin anew, whatever is kept of an earlier verify."),
    click.option(
        "--certify", type=_FILE, help="After the freeze: prove that both sides are equal, and write it here."
    ),
    click.option("--check", type=_FILE, help="Say whether this certificate is the one that was made."),
    click.option("--recompute", is_flag=True, help="With --check: read both tables again and compare."),
)


def verify_options(verb: Callable[..., Any]) -> Callable[..., Any]:
    for option in reversed(_OPTIONS):
        verb = option(verb)
    return verb


def wanted_of(options: dict[str, Any], *, may_ask: bool) -> Wanted:
    """Raises UsageError for options that do not go together."""
    wanted = Wanted(**options)
    if wanted.repair and not may_ask:
        raise UsageError(
            "a repair has to be agreed to", cause="--no-input was given", fix="add --yes to agree beforehand"
        )
    for one, other, why in _EXCLUDED:
        if getattr(wanted, one) and getattr(wanted, other):
            raise UsageError(
                f"--{one} and --{other} do not go together", cause=why, fix="leave one of them out"
            )
    for one, other in (("seed", "sample"), ("recompute", "check")):
        if getattr(wanted, one) not in {None, False} and not getattr(wanted, other):
            raise UsageError(
                f"--{one} goes with --{other}", cause=f"--{other} was not given", fix=f"add --{other}"
            )
    if wanted.sample:
        seed = secrets.randbelow(2**32) if wanted.seed is None else wanted.seed
        wanted = replace(wanted, sample=replace(wanted.sample, seed=seed))
    return replace(wanted, consistent=wanted.consistent or wanted.sealed)


_KEPT = "nothing is kept of a sample: it begins anew"
_EXCLUDED = (
    ("sample", "state", _KEPT),
    ("sample", "fresh", _KEPT),
    ("certify", "sample", "a certificate is of everything"),
    ("certify", "repair", "a certificate is for tables that nobody writes"),
    ("certify", "check", "one is made and the other is checked"),
    ("check", "sample", "a certificate is of everything"),
    ("check", "repair", "a check changes nothing"),
    ("check", "report", "a check answers on the screen, or with --output json"),
)
