"""What every scene has at hand: the local stack, the old world, the command line, the notes taken."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cutover.rehearsal.clients import Clients
from cutover.rehearsal.local import Local
from cutover.rehearsal.story.checks import Checks
from cutover.rehearsal.story.door import Door
from cutover.rehearsal.story.narrator import Narrator
from cutover.rehearsal.story.verbs import CommandLine
from cutover.rehearsal.world.people import Kind, Person, make_people, of_kind
from cutover.rehearsal.world.pools import Pools, make_pools, move_in
from cutover.rehearsal.world.tables import SHAPES, TableArns, make_tables
from cutover.rehearsal.world.writer import Writer

STACK = "rehearsal"
BUCKET = "rehearsal-artifacts"
ATTRIBUTES = "email,given_name,family_name,locale,custom:plan,custom:tenant=custom:organisation"


@dataclass(frozen=True)
class Size:
    """How much is made up. `items` is for each table."""

    people: int = 220
    items: int = 5000


@dataclass
class Stage:
    local: Local
    narrator: Narrator
    template: Path
    size: Size
    canary: str
    seed: int
    checks: Checks = field(default_factory=Checks)
    pool_before_attach: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.client = Clients(self.local.url)
        self.rng = random.Random(self.seed)  # noqa: S311 - made-up data
        self.folder = self.local.folder / "operator"
        self.folder.mkdir()
        self.verbs = CommandLine(self.local.environment(), self.folder, self.narrator)
        self.people: tuple[Person, ...] = make_people(self.size.people, self.canary, self.rng)
        self.latecomer = latecomer_of(self.people)

    def build(self) -> None:
        """The old world, and the new pool and tables that wait."""
        self.pools: Pools = make_pools(self.client)
        move_in(self.client("cognito-idp"), self.pools, self.people)
        self.tables: TableArns = make_tables(self.client("dynamodb"), self.size.items, self.rng)
        self.client("s3").create_bucket(Bucket=BUCKET)
        self.writer = Writer(self.client("dynamodb"), self.size.items, random.Random(self.seed + 1))  # noqa: S311
        self.door = Door(Clients(self.local.url), self.pools.new_app)

    @property
    def first_comers(self) -> tuple[Person, ...]:
        """Everybody but the one who signs in days later."""
        return tuple(person for person in self.people if person is not self.latecomer)

    def close(self) -> None:
        """The application stops; safe at any point of the story."""
        if hasattr(self, "writer"):
            self.writer.stop()

    def parameters(self) -> dict[str, str]:
        """What `sam deploy --guided` would ask for."""
        return {
            "NewUserPoolId": self.pools.new_pool,
            "OldUserPoolId": self.pools.old_pool,
            "OldClientId": self.pools.old_client,
            "OldClientSecretArn": self.pools.old_client_secret,
            "Attributes": ATTRIBUTES,
            "Tables": json.dumps([{"source": shape.source, "target": shape.target} for shape in SHAPES]),
            "SourceTableArns": ",".join(self.tables.sources),
            "TargetTableArns": ",".join(self.tables.targets),
            "SourceStreamArns": ",".join(self.tables.streams),
            "OnAws": "false",
        }

    def describe_new_pool(self) -> dict[str, Any]:
        """The new pool's settings, without the dates that every change moves."""
        found = self.client("cognito-idp").describe_user_pool(UserPoolId=self.pools.new_pool)["UserPool"]
        return {
            name: value
            for name, value in found.items()
            if name not in {"LastModifiedDate", "EstimatedNumberOfUsers"}
        }

    def profile(self, pool: str, name: str) -> dict[str, str]:
        """The attributes of a user; empty where the pool has nobody of that name."""
        cognito = self.client("cognito-idp")
        try:
            found = cognito.admin_get_user(UserPoolId=pool, Username=name)
        except cognito.exceptions.UserNotFoundException:
            return {}
        return {pair["Name"]: pair["Value"] for pair in found["UserAttributes"]}

    def status_of(self, pool: str, name: str) -> str:
        """The `UserStatus`; empty where the pool has nobody of that name."""
        cognito = self.client("cognito-idp")
        try:
            return str(cognito.admin_get_user(UserPoolId=pool, Username=name)["UserStatus"])
        except cognito.exceptions.UserNotFoundException:
            return ""

    def teams_of(self, pool: str, name: str) -> list[str]:
        """The groups that a user is in, sorted."""
        found = self.client("cognito-idp").admin_list_groups_for_user(UserPoolId=pool, Username=name)
        return sorted(group["GroupName"] for group in found["Groups"])

    def output(self, name: str) -> str:
        """One output of the deployed stack."""
        stack = self.client("cloudformation").describe_stacks(StackName=STACK)["Stacks"][0]
        return str({row["OutputKey"]: row["OutputValue"] for row in stack["Outputs"]}[name])


def latecomer_of(people: tuple[Person, ...]) -> Person:
    """Somebody of whose groups others are members, too, and bring them over first."""
    members = of_kind(people, Kind.IN_GROUPS)
    for person in members:
        others = {team for other in members if other is not person for team in other.teams}
        if set(person.teams) <= others:
            return person
    return members[-1]
