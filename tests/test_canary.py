"""The search for the canary password finds each planted leak, and lets a clean run pass."""

from __future__ import annotations

import base64
import re
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.canary import PASSWORD, leaks

PLANTED = "Planted-4d1e-Passw0rd!"
ROOT = Path(__file__).parent.parent

LEAKING = """
    import boto3, logging, pytest
    from moto import mock_aws
    from tests.canary import PASSWORD

    def test_prints():
        print(PASSWORD)

    def test_logs():
        logging.getLogger("anybody").error("refused %s", PASSWORD)

    def test_prints_and_reads_it_back(capsys):
        print(PASSWORD)
        assert capsys.readouterr().out

    def test_prints_behind_capsys(capsys):
        print(PASSWORD)

    @mock_aws
    def test_stores():
        dynamodb = boto3.client("dynamodb")
        with pytest.raises(dynamodb.exceptions.ResourceNotFoundException):
            dynamodb.put_item(TableName="ledger", Item={"pk": {"S": PASSWORD}})

    @mock_aws
    def test_stores_and_swallows():
        try:
            boto3.client("sqs").send_message(QueueUrl="http://localhost/q", MessageBody=PASSWORD)
        except Exception:
            pass
"""

CLEAN = """
    import boto3, pytest
    from moto import mock_aws
    from tests.canary import PASSWORD

    @mock_aws
    def test_signs_in():
        cognito = boto3.client("cognito-idp")
        with pytest.raises(cognito.exceptions.ResourceNotFoundException):
            cognito.admin_initiate_auth(
                UserPoolId="eu-west-1_none", ClientId="none", AuthFlow="ADMIN_USER_PASSWORD_AUTH",
                AuthParameters={"USERNAME": "ann", "PASSWORD": PASSWORD},
            )

    def test_says_nothing(capsys, tmp_path):
        (tmp_path / "report.json").write_text("{}")
        print("signed in")
        assert capsys.readouterr().out
"""

WRITING = """
    from tests.canary import PASSWORD

    def test_writes_a_file(tmp_path):
        (tmp_path / "snapshot.json").write_text(PASSWORD)
"""


@pytest.fixture
def inner(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A pytest run of its own, with a canary of its own, so that what it leaks is not ours."""
    monkeypatch.setenv("CUTOVER_TEST_CANARY", PLANTED)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    pytester.makeconftest("from tests.conftest import *")
    return pytester


def test_every_planted_leak_fails_its_test(inner: pytest.Pytester) -> None:
    inner.makepyfile(LEAKING)
    result = inner.runpytest_subprocess("-p", "no:cacheprovider")
    caught = {
        found[1] for line in result.outlines if (found := re.match(r"(?:FAILED|ERROR) \S+::(\w+)", line))
    }
    assert caught == set(re.findall(r"def (test_\w+)", LEAKING))


def test_a_clean_run_passes(inner: pytest.Pytester) -> None:
    inner.makepyfile(CLEAN)
    assert inner.runpytest_subprocess("-p", "no:cacheprovider").ret == pytest.ExitCode.OK


@pytest.mark.parametrize("workers", [(), ("-n", "1")], ids=["alone", "under xdist"])
def test_a_file_with_the_password_fails_the_run(inner: pytest.Pytester, workers: tuple[str, ...]) -> None:
    inner.makepyfile(WRITING)
    result = inner.runpytest_subprocess("-p", "no:cacheprovider", *workers)
    result.stdout.fnmatch_lines(["*the canary password was found in *snapshot.json"])
    assert result.ret == pytest.ExitCode.TESTS_FAILED


@pytest.mark.parametrize("before", ["", "a", "ab", "abc"])
def test_the_password_is_seen_through_base64(before: str) -> None:
    assert leaks(base64.b64encode(f"{before}{PASSWORD} and more".encode()))


def test_the_password_is_seen_in_an_address() -> None:
    assert leaks(f"https://example.com/?p={quote(PASSWORD, safe='')}")


def test_another_text_is_no_leak() -> None:
    assert not leaks("Canary-8c1f")
