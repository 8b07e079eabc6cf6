"""The users' functions as the template deploys them, between two simulated pools, and what actors do."""

from __future__ import annotations

import contextlib
import io
import json
import logging
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from cutover.aws.guard_parts import Guarding, guarding
from cutover.aws.reservation_index import ReservationIndex
from cutover.aws.rollout_switch import LedgerRolloutSwitch, rollout_of_ledger
from cutover.aws.settling import Settling, settling
from cutover.aws.user_ledger import UserLedger
from cutover.aws.user_parts import Migration, migration_parts
from cutover.handlers import guard_signup, migrate_user, settle_user
from cutover.users.decision_table import Stop
from cutover.users.guard_settings import read_guard_settings
from cutover.users.reservations import reservations_of
from cutover.users.settings import read_settings
from cutover.users.settle_settings import read_settle_settings
from tests.attacks import setups
from tests.attacks.clock import Clock
from tests.attacks.queue import URL, SimulatedQueue
from tests.attacks.setups import LEGACY, NEW_CLIENT, NEW_ID, OLD_CLIENT, OLD_ID, Person
from tests.attacks.weather import FUNCTIONS, Weather
from tests.fakes.migration import Context
from tests.simulator.pool import User
from tests.simulator.service import NOWHERE, Call, Simulator

ACCOUNT_ARN = "arn:aws:lambda:eu-west-1:123456789012:function:settle"
Outcome = tuple[str, str]
"""What a client saw: an error's code and message, or `("", "")`."""


@dataclass
class Visit:
    """One run of the migration trigger: what came, what went back, what was asked of Cognito meanwhile."""

    sent: dict[str, Any]
    answer: Any = None
    raised: str = ""
    calls: list[Call] = field(default_factory=list)


@dataclass(frozen=True)
class Listed:
    """An old user as the index is built from them."""

    name: str
    sub: str
    status: str
    attributes: dict[str, str]
    created_at: float


@dataclass(frozen=True)
class Deployment:
    """The functions' parts, as they are or with one broken on purpose."""

    migrate: Callable[..., Any] = migrate_user.handler
    settle: Callable[..., Any] = settle_user.handler
    guard: Callable[..., Any] = guard_signup.handler
    migration: Callable[[Migration], Migration] = lambda made: made
    settling: Callable[[Settling], Settling] = lambda made: made
    guarding: Callable[[Guarding], Guarding] = lambda made: made
    environment: dict[str, str] = field(default_factory=dict)


class World:
    """One history. moto's mock_aws has to be on; `close` ends what the history began."""

    def __init__(self, setup: str = "names to names", deployment: Deployment | None = None) -> None:
        self.deployment = deployment or Deployment()
        self.clock, self.weather = Clock(), Weather({OLD_ID: "old", NEW_ID: "new"})
        self.sim = Simulator(self.clock)
        self.sim.weather = self.weather.cognito
        self.sim.listeners.append(self._note)
        self.old, self.new = setups.pools(self.sim, setup)
        self.queue = SimulatedQueue(self.clock, lambda _: self.weather.at("queue"))
        self.table = f"ledger-{uuid.uuid4().hex[:12]}"
        self.people: list[Person] = []
        self.visits: list[Visit] = []
        self.refused: list[str] = []
        """What refused sign-ups were told."""
        self.told = io.StringIO()
        self._open: list[Visit] = []
        self._rows: dict[str, dict[str, Any]] | None = None
        self._clients: dict[str, Any] = {}
        self._make_table()
        self.app = self.sim.client("app")
        self.admin = self.sim.client("administrator")
        self._migration = self._made_migration()
        self._settling = self._made_settling()
        self._guarding = self._made_guarding()
        self.sim.functions.by_arn[setups.MIGRATE] = self.migrate
        self.sim.functions.by_arn[setups.GUARD] = self.guard

    # What the functions are made of: an `Aws` whose clients are answered in this process.

    def client(self, service: str, **_: Any) -> Any:
        if service not in self._clients:
            once = Config(retries={"total_max_attempts": 1})
            elsewhere = {} if service == "dynamodb" else {"endpoint_url": NOWHERE}
            made = boto3.client(service, region_name="eu-west-1", config=once, **elsewhere)
            if service == "cognito-idp":
                self.sim.attach(made, FUNCTIONS)
            elif service == "sqs":
                self.queue.attach(made)
            else:
                made.meta.events.register_first("before-send.dynamodb", self._ledger_weather)
            self._clients[service] = made
        return self._clients[service]

    def elsewhere(self, **_: Any) -> World:
        return self

    def environment(self) -> dict[str, str]:
        return {
            "NEW_USER_POOL_ID": NEW_ID,
            "OLD_USER_POOL_ID": OLD_ID,
            "OLD_CLIENT_ID": OLD_CLIENT,
            "LEDGER_TABLE": self.table,
            "SETTLE_QUEUE_URL": URL,
            "LEGACY_SUB_ATTRIBUTE": LEGACY,
            "FORGOT_PASSWORD": "on",
            **self.deployment.environment,
        }

    def migrate(self, event: dict[str, Any], context: Any) -> Any:
        """The new pool's migration trigger."""
        visit = Visit(json.loads(json.dumps(event)))
        self.visits.append(visit)
        self._open.append(visit)
        try:
            with self._listening():
                visit.answer = self.deployment.migrate(event, context, lambda: self._migration)
        except Exception as error:
            visit.raised = f"{type(error).__name__}: {error}"
            raise
        finally:
            self._open.pop()
        return visit.answer

    def guard(self, event: dict[str, Any], context: Any) -> Any:
        """The new pool's PreSignUp trigger."""
        try:
            with self._listening():
                return self.deployment.guard(event, context, lambda: self._guarding)
        except Exception as error:
            self.refused.append(f"{type(error).__name__}: {error}")
            raise

    def settle(self, *bodies: str) -> list[str]:
        """One batch of the settle queue; returns the bodies that came back."""
        records = [
            {"messageId": f"m{number}", "body": body, "eventSource": "aws:sqs"}
            for number, body in enumerate(bodies)
        ]
        with self._listening():
            answer = self.deployment.settle({"Records": records}, Context(), lambda: self._settling)
        back = {row["itemIdentifier"] for row in answer["batchItemFailures"]}
        return [body for number, body in enumerate(bodies) if f"m{number}" in back]

    def deliver(self, *, due_only: bool = True) -> None:
        """What waits in the settle queue is delivered; what fails waits again."""
        for body in self.queue.take(due_only=due_only):
            for failed in self.settle(body):
                self.queue.put_back(failed, 30)

    # What actors do. Each returns what the client saw.

    def sign_in(self, name: str, password: str) -> Outcome:
        return self.seen(lambda: self.tokens(name, password))

    def tokens(self, name: str, password: str) -> dict[str, Any]:
        """Raises ClientError."""
        reply = self.app.initiate_auth(
            ClientId=NEW_CLIENT,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": name, "PASSWORD": password},
        )
        return dict(reply["AuthenticationResult"])

    def forgot(self, name: str) -> Outcome:
        return self.seen(lambda: self.app.forgot_password(ClientId=NEW_CLIENT, Username=name))

    def reset(self, name: str, mail: str, password: str) -> Outcome:
        """Whoever reads `mail` types the newest code."""
        letter = self.sim.mail.newest(mail, "forgot_password")
        return self.seen(
            lambda: self.app.confirm_forgot_password(
                ClientId=NEW_CLIENT,
                Username=name,
                ConfirmationCode=letter.code if letter else "0",
                Password=password,
            )
        )

    def sign_up(self, name: str, password: str, **attributes: str) -> Outcome:
        rows = [{"Name": key.replace("__", ":"), "Value": value} for key, value in attributes.items()]
        return self.seen(
            lambda: self.app.sign_up(
                ClientId=NEW_CLIENT, Username=name, Password=password, UserAttributes=rows
            )
        )

    def namesake(self, name: str, password: str) -> Outcome:
        """An administrator makes a profile of this name in the new pool."""
        who = {"UserPoolId": NEW_ID, "Username": name}

        def make() -> None:
            self.admin.admin_create_user(**who)
            self.admin.admin_set_user_password(**who, Password=password, Permanent=True)

        return self.seen(make)

    def confirm(self, name: str, mail: str, *, force: bool = False) -> Outcome:
        letter = self.sim.mail.newest(mail, "sign_up")
        return self.seen(
            lambda: self.app.confirm_sign_up(
                ClientId=NEW_CLIENT,
                Username=name,
                ConfirmationCode=letter.code if letter else "0",
                ForceAliasCreation=force,
            )
        )

    def seen(self, call: Callable[[], Any]) -> Outcome:
        try:
            call()
        except ClientError as error:
            return error.response["Error"]["Code"], error.response["Error"]["Message"]
        return "", ""

    # What is there.

    def rows(self) -> dict[str, dict[str, Any]]:
        """The ledger by `pk`, plain values, without the reserved names; scanned only after a write."""
        if self._rows is None:
            items = self._tables.scan(
                TableName=self.table,
                ConsistentRead=True,
                FilterExpression="NOT begins_with(pk, :reserved)",
                ExpressionAttributeValues={":reserved": {"S": "reserved#"}},
            )["Items"]
            self._rows = {
                item["pk"]["S"]: {k: next(iter(v.values())) for k, v in item.items()} for item in items
            }
        return self._rows

    def state(self, person: Person) -> str:
        return str(self.rows().get(f"user#{person.sub}", {}).get("state", ""))

    def new_of(self, person: Person) -> User | None:
        """The profile in the new pool that came from this account."""
        found = [user for user in self.new.users if user.attributes.get(LEGACY) == person.sub]
        return found[0] if found else None

    def build_index(self) -> None:
        """What attach does: everybody of the old pool is reserved."""
        index = ReservationIndex(self._tables, self.table)
        index.begin(NEW_ID, self.clock())
        for user in self.old.users:
            listed = Listed(user.username, user.sub, user.status, user.attributes, user.created)
            for reservation in reservations_of(listed):
                index.reserve(NEW_ID, reservation, spent=lambda _: None)
        index.complete(NEW_ID, self.clock(), len(self.old.users))

    def release(self, person: Person) -> bool:
        """The operator's verb, once the plan let it pass: the profile in the new pool is gone."""
        ledger = UserLedger(self._tables, self.table, sleep=lambda _: None)
        row = ledger.row(person.sub)
        return row is not None and row.done and ledger.release(row, int(self.clock()))

    def close(self) -> None:
        self._tables.delete_table(TableName=self.table)

    # Inside.

    def _made_migration(self) -> Migration:
        """The rollout is read where it is asked for, not on a thread beside it: a history has one order."""
        settings = read_settings(self.environment())
        made = migration_parts(settings, self)  # type: ignore[arg-type]
        read = rollout_of_ledger(
            self.client("dynamodb"), self.table, settings.new_pool_id, settings.rollout_percent
        )
        rollout = LedgerRolloutSwitch(read, clock=self.clock, start=_at_once)
        return self.deployment.migration(
            replace(made, parts=replace(made.parts, rollout=rollout, clock=self.clock))
        )

    def _made_settling(self) -> Settling:
        made = settling(read_settle_settings(self.environment()), self)  # type: ignore[arg-type]
        sweeping = made.look.sweeping and replace(made.look.sweeping, clock=self.clock)
        return self.deployment.settling(
            replace(
                made,
                look=replace(made.look, clock=self.clock, sweeping=sweeping),
                groups=replace(made.groups, clock=self.clock),
            )
        )

    def _made_guarding(self) -> Guarding:
        made = guarding(read_guard_settings(self.environment()), self)  # type: ignore[arg-type]
        return self.deployment.guarding(replace(made, parts=replace(made.parts, clock=self.clock)))

    def _make_table(self) -> None:
        self._tables = boto3.client("dynamodb", region_name="eu-west-1")
        self._tables.meta.events.register_first("before-send.dynamodb", self._forget_rows)
        self._tables.create_table(
            TableName=self.table,
            KeySchema=[
                {"AttributeName": "pk", "KeyType": "HASH"},
                {"AttributeName": "sk", "KeyType": "RANGE"},
            ],
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
            BillingMode="PAY_PER_REQUEST",
        )

    def _ledger_weather(self, request: Any, **_: Any) -> None:
        self.weather.at("ledger")
        self._forget_rows(request)

    def _forget_rows(self, request: Any, **_: Any) -> None:
        if not request.headers["X-Amz-Target"].endswith((b"GetItem", b"Scan", b"Query")):
            self._rows = None

    def _note(self, call: Call) -> None:
        if call.caller == FUNCTIONS and self._open:
            self._open[-1].calls.append(call)

    @contextlib.contextmanager
    def _listening(self) -> Iterator[None]:
        """Everything that a function prints or logs, `told` holds."""
        ear = _Ear(self.told)
        logging.getLogger().addHandler(ear)
        try:
            with contextlib.redirect_stdout(self.told):
                yield
        finally:
            logging.getLogger().removeHandler(ear)


def _at_once(read: Callable[[], Any]) -> Future[Any]:
    done: Future[Any] = Future()
    try:
        done.set_result(read())
    except Stop as error:
        done.set_exception(error)
    return done


class _Ear(logging.Handler):
    """Writes each record with everything that was given along."""

    def __init__(self, told: io.StringIO) -> None:
        super().__init__()
        self._told = told

    def emit(self, record: logging.LogRecord) -> None:
        self._told.write(f"{vars(record)} {record.getMessage()}\n")
