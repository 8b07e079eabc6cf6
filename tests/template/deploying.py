"""Puts template.yaml on the local stack through CloudFormation's change sets, without SAM CLI."""

from __future__ import annotations

import io
import json
import uuid
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field

from botocore.exceptions import WaiterError

from cutover.rehearsal.local import Local
from tests.template.expanding import written

CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"]
QUICK = {"Delay": 0.1, "MaxAttempts": 300}


@dataclass
class Stack:
    """One stack by its name; `deploy` creates it, and updates it from then on."""

    local: Local
    name: str
    values: dict[str, str] = field(default_factory=dict)

    def deploy(self, values: Mapping[str, str]) -> None:
        """Raises ClientError for a change set that is refused, RuntimeError for one that fails."""
        if values == self.values:
            return
        cloudformation = self.local.client("cloudformation")
        reply = cloudformation.create_change_set(
            StackName=self.name,
            ChangeSetName=f"change-{uuid.uuid4().hex}",
            ChangeSetType="UPDATE" if self.values else "CREATE",
            TemplateURL=self._template_url(),
            Parameters=[{"ParameterKey": name, "ParameterValue": value} for name, value in values.items()],
            Capabilities=CAPABILITIES,
        )
        verb = "stack_update_complete" if self.values else "stack_create_complete"
        try:
            cloudformation.get_waiter("change_set_create_complete").wait(
                ChangeSetName=reply["Id"], WaiterConfig=QUICK
            )
            cloudformation.execute_change_set(ChangeSetName=reply["Id"])
            cloudformation.get_waiter(verb).wait(StackName=self.name, WaiterConfig=QUICK)
        except WaiterError as error:
            raise RuntimeError(self._failures()) from error
        self.values = dict(values)

    def outputs(self) -> dict[str, str]:
        stack = self.local.client("cloudformation").describe_stacks(StackName=self.name)["Stacks"][0]
        return {row["OutputKey"]: row["OutputValue"] for row in stack["Outputs"]}

    def resources(self) -> dict[str, str]:
        """Logical id -> type of what was created."""
        pages = self.local.client("cloudformation").get_paginator("list_stack_resources")
        return {
            row["LogicalResourceId"]: row["ResourceType"]
            for page in pages.paginate(StackName=self.name)
            for row in page["StackResourceSummaries"]
        }

    def environment(self, function: str, qualifier: str = "live") -> dict[str, str]:
        """The variables of the function whose name stands in the output `function`."""
        configuration = self.local.client("lambda").get_function_configuration(
            FunctionName=self.outputs()[function], Qualifier=qualifier
        )
        return dict(configuration["Environment"]["Variables"])

    def _template_url(self) -> str:
        """Of more than 51,200 bytes, it may not stand in the call itself."""
        template = written()
        code = template["Globals"]["Function"]["CodeUri"] = self._code()
        bucket, key = code["Bucket"], "template.json"
        self.local.client("s3").put_object(Bucket=bucket, Key=key, Body=json.dumps(template).encode())
        return f"https://s3.us-east-1.amazonaws.com/{bucket}/{key}"

    def _code(self) -> dict[str, str]:
        """A zip without the project's code: what is looked at here is the configuration."""
        bucket, content = f"{self.name}-code".lower(), io.BytesIO()
        with zipfile.ZipFile(content, "w") as archive:
            archive.writestr("cutover/__init__.py", "")
        s3 = self.local.client("s3")
        s3.create_bucket(Bucket=bucket)
        s3.put_object(Bucket=bucket, Key="code.zip", Body=content.getvalue())
        return {"Bucket": bucket, "Key": "code.zip"}

    def _failures(self) -> str:
        events = self.local.client("cloudformation").describe_stack_events(StackName=self.name)["StackEvents"]
        return "; ".join(
            f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason', '')}"
            for event in events
            if "FAILED" in event["ResourceStatus"]
        )
