"""`sam build && sam deploy --guided` from a copy of the checkout as it is, then an update, then the delete.

The build downloads the functions' one library, as it does for every user.
"""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cutover.cli.samconfig_edit import edit
from cutover.rehearsal.local import Local
from tests.template.expanding import TEMPLATE, written
from tests.template.test_packaging import RUNTIME

STACK = "guided"
SAM = os.environ.get("CUTOVER_SAM") or shutil.which("sam")
VALUES = {
    "NewUserPoolId": "us-east-1_NewPool01",
    "OldUserPoolId": "us-east-1_OldPool01",
    "OldClientId": "1example23456789",
    "Tables": '[{"source": "orders", "target": "orders-new"}]',
    "SourceTableArns": "arn:aws:dynamodb:us-east-1:000000000000:table/orders",
    "TargetTableArns": "arn:aws:dynamodb:us-east-1:000000000000:table/orders-new",
    "SourceStreamArns": "arn:aws:dynamodb:us-east-1:000000000000:table/orders/stream/2026-01-01T00:00:00.000",
    "MirrorState": "off",
    "OnAws": "false",
}
LISTS = ("SourceTableArns", "TargetTableArns", "SourceStreamArns")
MOST_BYTES = 2_000_000


def functions() -> dict[str, str]:
    """The handler of each function of the template."""
    rows = {name: row for name, row in written()["Resources"].items() if not name.startswith("Fn::")}
    ours = [name for name, row in rows.items() if row["Type"] == "AWS::Serverless::Function"]
    return {name: rows[name]["Properties"]["Handler"] for name in ours}


def _missing() -> str:
    """Why these tests cannot run here; empty where they can."""
    if SAM is None:
        return "SAM CLI is neither in CUTOVER_SAM nor on PATH"
    try:
        subprocess.run(["python3.13", "--version"], capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return "python3.13, which sam build wants for the functions' runtime, is not on PATH"
    return ""


pytestmark = [
    pytest.mark.slow,
    pytest.mark.local_stack,
    pytest.mark.skipif(bool(_missing()), reason=_missing()),
]


@dataclass(frozen=True)
class Checkout:
    folder: Path
    local: Local

    def sam(self, *arguments: str, answers: str = "") -> str:
        """What SAM CLI says."""
        done = subprocess.run(
            [str(SAM), *arguments],
            cwd=self.folder,
            env={"PATH": os.environ["PATH"], "HOME": str(self.folder), "SAM_CLI_TELEMETRY": "0"}
            | self.local.environment(),
            input=answers,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, done.stdout
        return done.stdout

    def status(self) -> str:
        stacks = self.local.client("cloudformation").describe_stacks(StackName=STACK)["Stacks"]
        return str(stacks[0]["StackStatus"])

    def output(self, name: str) -> str:
        (stack,) = self.local.client("cloudformation").describe_stacks(StackName=STACK)["Stacks"]
        return next(row["OutputValue"] for row in stack["Outputs"] if row["OutputKey"] == name)

    def live(self, function: str) -> Mapping[str, Any]:
        configuration = self.local.client("lambda").get_function_configuration(
            FunctionName=self.output(function), Qualifier="live"
        )
        return dict(configuration["Environment"]["Variables"])


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory, running_stack: Local) -> Checkout:
    folder = tmp_path_factory.mktemp("checkout")
    for name in ("template.yaml", "samconfig.toml"):
        shutil.copy(TEMPLATE.parent / name, folder)
    leftovers = shutil.ignore_patterns("__pycache__", "*.egg-info")
    shutil.copytree(TEMPLATE.parent / "src", folder / "src", ignore=leftovers)
    return Checkout(folder, running_stack)


@pytest.fixture(scope="module")
def said_by_the_build(checkout: Checkout) -> str:
    return checkout.sam("build")


@pytest.fixture(scope="module")
def built(checkout: Checkout, said_by_the_build: str) -> Checkout:
    return checkout


@pytest.fixture(scope="module")
def deployed(built: Checkout) -> Checkout:
    """By the prompts: stack, Region, each parameter, no confirmation, roles, rollback, saved arguments."""
    parameters = [VALUES.get(name, "") for name in written()["Parameters"]]
    answers = [STACK, "us-east-1", *parameters, "n", "y", "n", "y", "", ""]
    built.sam("deploy", "--guided", "--no-progressbar", answers="\n".join(answers) + "\n")
    return built


def test_one_build_serves_every_function(said_by_the_build: str) -> None:
    assert said_by_the_build.count("PythonPipBuilder:ResolveDependencies") == 1


def test_the_zip_is_small(built: Checkout, tmp_path: Path) -> None:
    """As `sam deploy` packs it; docs/deploying.md says what is in it."""
    folder = built.folder / ".aws-sam/build/MigrateUser"
    packed = Path(shutil.make_archive(str(tmp_path / "function"), "zip", folder))
    assert packed.stat().st_size < MOST_BYTES


@pytest.mark.parametrize("function", sorted(functions()))
def test_each_handler_is_imported_from_what_was_built_alone(
    built: Checkout, tmp_path: Path, function: str
) -> None:
    """Beside it stands the SDK, as in Lambda, and nothing else of this machine but Python."""
    for name in RUNTIME:
        origin = Path(str(importlib.util.find_spec(name).origin))  # type: ignore[union-attr]
        origin = origin.parent if origin.name == "__init__.py" else origin
        (tmp_path / origin.name).symlink_to(origin)
    module, _, attribute = functions()[function].rpartition(".")
    code = f"import {module} as it; print(it.__file__, callable(it.{attribute}))"
    paths = [str(built.folder / ".aws-sam/build" / function), str(tmp_path)]
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"import sys; sys.path += {paths}; {code}"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.split() == [f"{paths[0]}/{module.replace('.', '/')}.py", "True"], done.stderr


def test_the_build_leaves_boto3_to_the_runtime(built: Checkout) -> None:
    assert not (built.folder / ".aws-sam/build/MigrateUser/boto3").exists()


def test_a_guided_deployment_succeeds(deployed: Checkout) -> None:
    assert deployed.status() == "CREATE_COMPLETE"


def test_a_guided_deployment_hands_the_answers_on(deployed: Checkout) -> None:
    assert deployed.live("MirrorTableFunction")["TABLES"] == VALUES["Tables"]


def test_a_second_deployment_has_nothing_to_do_and_succeeds(deployed: Checkout) -> None:
    """With the arguments that the first one saved, quotes and all."""
    said = deployed.sam("deploy", "--no-progressbar")
    assert "No changes to deploy" in said


def test_what_init_writes_deploys_without_a_question(built: Checkout, tmp_path: Path) -> None:
    """Its lists become the template's, one mapping for each stream."""
    copy = Checkout(shutil.copytree(built.folder, tmp_path / "initialised"), built.local)
    samconfig = copy.folder / "samconfig.toml"
    shutil.copy(TEMPLATE.parent / "samconfig.toml", samconfig)
    lists = {name: [VALUES[name], VALUES[name].replace("orders", "customers")] for name in LISTS}
    settings = {"stack_name": "initialised", "region": "us-east-1"}
    written_by_init = edit(samconfig.read_text(encoding="utf-8"), settings, {**VALUES, **lists})
    samconfig.write_text(written_by_init.after, encoding="utf-8")
    copy.sam("deploy", "--no-confirm-changeset", "--no-progressbar")
    mappings = copy.local.client("lambda").list_event_source_mappings()["EventSourceMappings"]
    streams = [row["EventSourceArn"] for row in mappings if ":initialised-MirrorTable" in row["FunctionArn"]]
    assert sorted(streams) == sorted(lists["SourceStreamArns"])


def test_an_update_then_a_delete(deployed: Checkout) -> None:
    """In one test, since the second takes away what the first needs."""
    values = {**VALUES, "MfaPolicy": "accept"}
    overrides = [f"{name}={json.dumps(value)}" for name, value in values.items()]
    deployed.sam("deploy", "--no-progressbar", "--no-confirm-changeset", "--parameter-overrides", *overrides)
    assert deployed.status() == "UPDATE_COMPLETE"
    assert deployed.live("MigrateUserFunction")["MFA_POLICY"] == "accept"

    ledger, bucket = deployed.output("LedgerTable"), deployed.output("FailureBucket")
    deployed.sam("delete", "--no-prompts")
    assert ledger in deployed.local.client("dynamodb").list_tables()["TableNames"]
    assert deployed.local.client("s3").head_bucket(Bucket=bucket)
    with pytest.raises(Exception, match="does not exist"):
        deployed.status()
