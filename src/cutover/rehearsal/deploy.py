"""The real template through CloudFormation, as `sam deploy` does it: code to a bucket, a change set, its
execution. No `sam build` is needed, because the functions find their libraries in this environment."""

from __future__ import annotations

import io
import json
import time
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import cutover
from cutover.errors import CutoverError, UsageError
from cutover.rehearsal.template import read_template

CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"]
DEPLOY_SECONDS = 120.0


def find_template(given: Path | None = None) -> Path:
    """`given`, or the template of the checkout: here, or where this package lies. Raises UsageError."""
    places = (
        [given] if given else [Path("template.yaml"), Path(cutover.__file__).parents[2] / "template.yaml"]
    )
    for place in places:
        if place.is_file():
            return place.resolve()
    raise UsageError(
        "template.yaml was not found",
        cause=f"looked at {', '.join(str(place) for place in places)}",
        fix="run it in a checkout of cutover, or give --template PATH",
    )


def bundle(folder: Path) -> bytes:
    """A zip of the sources below `folder`, without what Python leaves there."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as made:
        for path in sorted(folder.rglob("*")):
            inside = path.relative_to(folder)
            skipped = any(part == "__pycache__" or part.endswith(".egg-info") for part in inside.parts)
            if path.is_file() and not skipped:
                made.write(path, inside.as_posix())
    return packed.getvalue()


def deploy(
    client: Callable[[str], Any],
    template: Path,
    stack: str,
    parameters: Mapping[str, str],
    *,
    bucket: str,
    key: str = "cutover.zip",
) -> dict[str, Any]:
    """The description of the finished stack. Creates it, or updates it where it is there already.

    Raises CutoverError with the reasons of CloudFormation where it fails.
    """
    client("s3").put_object(Bucket=bucket, Key=key, Body=bundle(template.parent / "src"))
    body = read_template(template)
    body["Globals"]["Function"]["CodeUri"] = f"s3://{bucket}/{key}"
    cloudformation = client("cloudformation")
    kind = "UPDATE" if _exists(cloudformation, stack) else "CREATE"
    change_set = cloudformation.create_change_set(
        StackName=stack,
        ChangeSetName=f"rehearsal-{int(time.time() * 1000)}",
        ChangeSetType=kind,
        TemplateURL=_uploaded(client("s3"), bucket, f"{stack}.template", body),
        Capabilities=CAPABILITIES,
        Parameters=[{"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items()],
    )["Id"]
    change = _until_settled(
        lambda: cloudformation.describe_change_set(ChangeSetName=change_set, StackName=stack)
    )
    if change["Status"] == "FAILED":
        raise CutoverError("CloudFormation refuses the template", cause=change.get("StatusReason", ""))
    cloudformation.execute_change_set(ChangeSetName=change_set, StackName=stack)
    done = _until_settled(lambda: cloudformation.describe_stacks(StackName=stack)["Stacks"][0])
    if done["StackStatus"] != f"{kind}_COMPLETE":
        raise CutoverError(f"the stack ended as {done['StackStatus']}", cause=_reasons(cloudformation, stack))
    return dict(done)


def _uploaded(s3: Any, bucket: str, key: str, body: Mapping[str, Any]) -> str:
    """The template's address: one of more than 51,200 bytes may not stand in the call itself.

    Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
    """
    s3.put_object(Bucket=bucket, Key=key, Body=json.dumps(body).encode())
    return f"https://s3.{s3.meta.region_name}.amazonaws.com/{bucket}/{key}"


def _exists(cloudformation: Any, stack: str) -> bool:
    try:
        return bool(cloudformation.describe_stacks(StackName=stack)["Stacks"])
    except cloudformation.exceptions.ClientError:
        return False


def _until_settled(describe: Callable[[], Mapping[str, Any]]) -> Mapping[str, Any]:
    end = time.monotonic() + DEPLOY_SECONDS
    while True:
        found = describe()
        status = str(found.get("StackStatus") or found.get("Status"))
        if not status.endswith(("IN_PROGRESS", "PENDING")):
            return found
        if time.monotonic() > end:
            raise CutoverError(f"CloudFormation is still at {status} after {DEPLOY_SECONDS:.0f} seconds")
        time.sleep(0.1)


def _reasons(cloudformation: Any, stack: str) -> str:
    events = cloudformation.describe_stack_events(StackName=stack)["StackEvents"]
    return "; ".join(
        f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason', '')}"
        for event in reversed(events)
        if event["ResourceStatus"].endswith("FAILED")
    )
