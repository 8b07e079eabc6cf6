"""samconfig.toml keeps what is not ours, to the byte."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from cutover.cli.samconfig_edit import (
    check_writable,
    edit,
    held_parameters,
    read_overrides,
    without_overrides,
    write,
)
from cutover.errors import UsageError

SHIPPED = """\
# What `sam build` needs.
version = 0.1

[default.global.parameters]
stack_name = "cutover"

[default.build.parameters]
language_extensions = true   # for the stream mappings
cached = true
"""


def parameters_of(text: str) -> dict[str, object]:
    overrides = tomllib.loads(text)["default"]["global"]["parameters"]["parameter_overrides"]
    assert isinstance(overrides, dict)
    return overrides


def test_every_line_that_was_there_is_still_there() -> None:
    made = edit(SHIPPED, {"region": "eu-west-1"}, {"NewUserPoolId": "eu-west-1_new"})
    lines = made.after.splitlines()
    assert [line for line in SHIPPED.splitlines() if line not in lines] == []


def test_the_parameters_stand_where_build_and_deploy_find_them() -> None:
    made = edit(SHIPPED, {}, {"NewUserPoolId": "eu-west-1_new", "SourceTableArns": ["arn:a", "arn:b"]})
    assert parameters_of(made.after) == {
        "NewUserPoolId": "eu-west-1_new",
        "SourceTableArns": ["arn:a", "arn:b"],
    }


def test_the_next_section_stands_apart() -> None:
    made = edit(SHIPPED, {}, {"NewUserPoolId": "eu-west-1_new"})
    assert '"eu-west-1_new"\n\n[default.build.parameters]' in made.after


def test_json_stands_readably_in_the_file() -> None:
    made = edit(SHIPPED, {}, {"Tables": '[{"source": "a", "target": "b"}]'})
    assert """Tables = '[{"source": "a", "target": "b"}]'""" in made.after


def test_a_file_that_is_as_it_should_be_does_not_change() -> None:
    settings = {"stack_name": "cutover", "region": "eu-west-1"}
    parameters = {"NewUserPoolId": "eu-west-1_new", "SourceTableArns": ["arn:a", "arn:b"]}
    once = edit(SHIPPED, settings, parameters)  # type: ignore[arg-type]
    again = edit(once.after, settings, parameters)  # type: ignore[arg-type]
    assert (again.after, again.replaced) == (once.after, ())


def test_a_first_value_replaces_nothing() -> None:
    assert edit(SHIPPED, {"stack_name": "people"}, {"NewUserPoolId": "eu-west-1_new"}).replaced == ()


def test_another_value_is_named_before_it_is_replaced() -> None:
    once = edit(SHIPPED, {}, {"NewUserPoolId": "eu-west-1_new", "OldClientId": "c"})
    again = edit(
        once.after, {"stack_name": "tables"}, {"NewUserPoolId": "eu-west-1_other", "OldClientId": "c"}
    )
    assert again.replaced == ("NewUserPoolId", "stack_name")


def test_parameters_that_are_not_ours_stay() -> None:
    once = edit(SHIPPED, {}, {"ForgotPassword": "on"})
    assert parameters_of(edit(once.after, {}, {"OldClientId": "c"}).after) == {
        "ForgotPassword": "on",
        "OldClientId": "c",
    }


@pytest.mark.parametrize(
    "form",
    [
        '"ForgotPassword=\\"on\\" Tables=\\"[{\\\\\\"source\\\\\\": \\\\\\"a b\\\\\\"}]\\""',
        '["ForgotPassword=on", \'Tables=[{"source": "a b"}]\']',
    ],
    ids=["as sam deploy --guided writes it", "a list"],
)
def test_an_older_form_of_the_parameters_is_read_and_kept(form: str) -> None:
    text = f"{SHIPPED}\n[default.deploy.parameters]\nparameter_overrides = {form}\n"
    made = edit(text, {}, {"OldClientId": "c"})
    overrides = tomllib.loads(made.after)["default"]["deploy"]["parameters"]["parameter_overrides"]
    assert overrides == {"ForgotPassword": "on", "Tables": '[{"source": "a b"}]', "OldClientId": "c"}


def test_parameter_key_and_value_form_is_read() -> None:
    assert read_overrides("ParameterKey=A,ParameterValue=b ParameterKey=C,ParameterValue=d") == {
        "A": "b",
        "C": "d",
    }


def test_a_second_stacks_file_starts_without_the_firsts_parameters() -> None:
    once = edit(SHIPPED, {}, {"NewUserPoolId": "eu-west-1_new"})
    assert "NewUserPoolId" not in without_overrides(once.after)
    assert "language_extensions = true" in without_overrides(once.after)


def test_an_empty_file_is_a_start_too() -> None:
    made = edit("", {"stack_name": "people"}, {"OldClientId": "c"})
    assert tomllib.loads(made.after)["default"]["global"]["parameters"]["stack_name"] == "people"


def test_what_is_not_toml_is_refused() -> None:
    with pytest.raises(UsageError):
        edit("stack_name = ", {}, {})


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "samconfig.toml"
    write(path, SHIPPED)
    assert path.read_text() == SHIPPED
    assert list(tmp_path.iterdir()) == [path]


GUIDED = SHIPPED + '\n[default.deploy.parameters]\nstack_name = "second"\nparameter_overrides = "A=\\"1\\""\n'


def test_after_a_guided_deployment_the_stack_is_named_where_it_counts() -> None:
    made = edit(GUIDED, {"stack_name": "third"}, {"A": "1"})
    default = tomllib.loads(made.after)["default"]
    assert default["deploy"]["parameters"]["stack_name"] == "third"
    assert made.replaced == ("stack_name",)


def test_the_stack_of_a_guided_deployment_is_no_replacement() -> None:
    assert edit(GUIDED, {"stack_name": "second"}, {"A": "1"}).replaced == ()


def test_the_parameters_of_a_guided_deployment_are_known() -> None:
    assert held_parameters(GUIDED) == {"A": "1"}


def test_a_read_only_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "samconfig.toml"
    path.write_text(SHIPPED)
    path.chmod(0o444)
    with pytest.raises(UsageError, match="cannot be written"):
        check_writable(path)


def test_a_file_keeps_its_mode_and_its_link(tmp_path: Path) -> None:
    path, link = tmp_path / "shared.toml", tmp_path / "samconfig.toml"
    path.write_text(SHIPPED)
    path.chmod(0o640)
    link.symlink_to(path)
    write(link, "version = 0.2\n")
    assert link.is_symlink()
    assert (path.read_text(), path.stat().st_mode & 0o777) == ("version = 0.2\n", 0o640)
