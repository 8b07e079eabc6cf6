"""Which pair a record belongs to, and what Lambda is told to deliver again."""

from __future__ import annotations

from cutover.tables.pairs import TablePair, TableRef
from cutover.tables.stream import failures, pair_of, read_change


def test_sequence_numbers_are_compared_as_numbers() -> None:
    records = [{"dynamodb": {"SequenceNumber": number}} for number in ("99", "100", "1" * 40)]
    assert failures(records, {1, 2}) == [{"itemIdentifier": "100"}]


def test_a_batch_out_of_order_is_asked_for_again_whole() -> None:
    records = [{"dynamodb": {"SequenceNumber": number}} for number in ("3", "1", "2")]
    assert failures(records, {2}) == [{"itemIdentifier": number} for number in ("3", "1", "2")]


def test_a_failed_batch_with_a_record_without_a_number_is_asked_for_again_whole() -> None:
    assert failures([{"dynamodb": {"SequenceNumber": "1"}}, {}], {1}) == [{"itemIdentifier": ""}]


def test_a_pair_is_found_by_its_arn_before_a_name() -> None:
    by_name = TablePair(TableRef("old"), TableRef("n1"))
    by_arn = TablePair(TableRef("arn:aws:dynamodb:us-east-1:2:table/old"), TableRef("n2"))
    pairs = (by_name, by_arn)
    assert pair_of(pairs, "arn:aws:dynamodb:us-east-1:2:table/old") is by_arn
    assert pair_of(pairs, "arn:aws:dynamodb:eu-west-1:1:table/old") is by_name


def test_an_arn_of_another_region_or_account_is_no_pair_s_source() -> None:
    pairs = (TablePair(TableRef("arn:aws:dynamodb:us-east-1:2:table/old"), TableRef("n")),)
    assert pair_of(pairs, "arn:aws:dynamodb:eu-west-1:2:table/old") is None
    assert pair_of(pairs, "arn:aws:dynamodb:us-east-1:3:table/old") is None


def test_an_image_that_cannot_be_read_is_no_guess_and_holds_nothing_up() -> None:
    body = {"Keys": {"id": {"S": "1"}}, "NewImage": {"id": {"S": "1"}, "x": {"B": "not base64!"}}}
    record = {
        "eventName": "MODIFY",
        "eventSourceARN": "arn:aws:dynamodb:eu-west-1:1:table/t/stream/x",
        "dynamodb": {**body, "SequenceNumber": "1"},
    }
    change = read_change(0, record)
    assert (change.key, change.image) == ({"id": {"S": "1"}}, None)
