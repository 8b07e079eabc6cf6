"""Old subs become new ones by a map that never changes; nobody's item goes under another's sub."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from cutover.errors import UsageError
from cutover.tables.converge import converge
from cutover.tables.learnt import Learnt
from cutover.tables.pairs import TablePair, TableRef
from cutover.tables.ports import Convergence, FaultReason, Item, Key, TableFault
from cutover.tables.subs import CHANGED
from cutover.tables.transform import Transform, TransformFault, load
from cutover.tables.tuning import Tuning
from tests.fakes.tables import FakeTable, Granted
from tests.tables.keyed import FakeSubMap, re_keyed, sub, user

ANN, ANN_NEW, BOB, BOB_NEW = sub(1), sub(0xA1), sub(2), sub(0xB2)
ANN_KEY: Key = {"k": {"S": ANN}}
BOB_KEY: Key = {"k": {"S": BOB}}


@pytest.fixture
def people() -> FakeSubMap:
    return FakeSubMap({ANN: ANN_NEW})


def owned(one: str, **more: Any) -> Item:
    return {"k": {"S": one}, "v": {"S": "1"}, **more}


def run(
    keys: list[Key], source: FakeTable, target: FakeTable, transform: Transform, **more: Any
) -> Convergence:
    options: dict[str, Any] = {"permit": Granted(), "tuning": Tuning(slice_keys=10), **more}
    return converge(keys, source=source, target=target, transform=transform, sleep=lambda _: None, **options)


def test_a_key_that_is_a_sub_becomes_the_new_one_and_leads_back(people: FakeSubMap) -> None:
    transform = re_keyed(people, "k")
    assert transform.changes_keys
    assert not transform.may_collide
    assert transform.target_key(ANN_KEY) == {"k": {"S": ANN_NEW}}
    assert transform.wanted(ANN_KEY, owned(ANN)) == owned(ANN_NEW)
    assert transform.source_key(owned(ANN_NEW)) == ANN_KEY


def test_a_sub_stands_in_the_text_around_it(people: FakeSubMap) -> None:
    transform = re_keyed(people, "k", shape="USER#{sub}!")
    there = {"k": {"S": f"USER#{ANN}!"}}
    assert transform.target_key(there) == {"k": {"S": f"USER#{ANN_NEW}!"}}
    assert transform.source_key({"k": {"S": f"USER#{ANN_NEW}!"}}) == there


@pytest.mark.parametrize(
    "value", ["system", "ORG#7", "", f"USER#{ANN}\n", f"x{ANN}", f"USER#{ANN}#{ANN}", ANN[:-1]], ids=repr
)
def test_what_has_not_the_form_of_a_sub_is_nobody_s_and_stays(people: FakeSubMap, value: str) -> None:
    transform = re_keyed(people, "k", shape="{sub}")
    assert transform.target_key({"k": {"S": value}}) == {"k": {"S": value}}
    assert transform.source_key({"k": {"S": value}}) == {"k": {"S": value}}
    assert people.reads == []


def test_a_sub_in_capitals_is_not_taken_for_nobody_s(people: FakeSubMap) -> None:
    people.pairs = {sub(0xABC): ANN_NEW}
    with pytest.raises(TransformFault) as fault:
        re_keyed(people, "k").target_key({"k": {"S": sub(0xABC).upper()}})
    assert fault.value.reason is FaultReason.UNMAPPED


def test_a_new_sub_where_an_old_one_belongs_waits_for_nobody_and_is_named(people: FakeSubMap) -> None:
    """Left as it is it would take the place of Ann's own item."""
    source, target = FakeTable(), FakeTable()
    source.put(owned(ANN))
    source.put(owned(ANN_NEW, v={"S": "written by the new application"}))
    keys: list[Key] = [ANN_KEY, {"k": {"S": ANN_NEW}}]
    (fault,) = run(keys, source, target, re_keyed(people, "k")).faults
    assert (fault.reason, fault.waits_for) == (FaultReason.NEW_SUB, "")
    assert list(target.items.values()) == [owned(ANN_NEW)]


def test_nor_does_it_stay_in_an_attribute(people: FakeSubMap) -> None:
    transform = re_keyed(people, "owner")
    with pytest.raises(TransformFault) as fault:
        transform.wanted(ANN_KEY, owned(ANN, owner={"S": ANN_NEW}))
    assert fault.value.reason is FaultReason.NEW_SUB
    assert ANN_NEW not in fault.value.detail


def test_the_deletion_of_an_item_under_a_new_sub_touches_nothing(people: FakeSubMap) -> None:
    source, target = FakeTable(), FakeTable()
    source.put(owned(ANN))
    target.put(owned(ANN_NEW))
    result = run([{"k": {"S": ANN_NEW}}], source, target, re_keyed(people, "k"))
    assert (result.faults, list(target.items.values())) == ((), [owned(ANN_NEW)])


def test_whether_it_is_a_new_sub_is_learnt_in_one_go(people: FakeSubMap) -> None:
    transform = re_keyed(people, "k")
    transform.learn([owned(BOB), owned(ANN_NEW)])
    assert people.reads == [{BOB, ANN_NEW}] * 2
    for one in (BOB, ANN_NEW):
        with pytest.raises(TransformFault):
            transform.target_key({"k": {"S": one}})
    assert len(people.reads) == 2


def test_a_set_of_subs_is_mapped_member_by_member(people: FakeSubMap) -> None:
    people.pairs[BOB] = BOB_NEW
    transform = re_keyed(people, "members")
    wanted = transform.wanted(ANN_KEY, {**ANN_KEY, "members": {"SS": [ANN, BOB, "guest"]}})
    assert wanted == {**ANN_KEY, "members": {"SS": [ANN_NEW, BOB_NEW, "guest"]}}
    assert not transform.changes_keys


@pytest.mark.parametrize(
    "value", [{"L": [{"S": ANN}]}, {"M": {"a": {"S": ANN}}}, {"N": "5"}, {"B": b"x"}], ids=str
)
def test_a_sub_inside_something_else_is_refused_and_not_left_as_it_is(people: FakeSubMap, value: Any) -> None:
    with pytest.raises(TransformFault, match="subs: owner is of type") as fault:
        re_keyed(people, "owner").wanted(ANN_KEY, {**ANN_KEY, "owner": value})
    assert fault.value.reason is FaultReason.TRANSFORM


def test_an_attribute_that_is_absent_or_null_has_no_sub(people: FakeSubMap) -> None:
    transform = re_keyed(people, "owner")
    assert transform.wanted(ANN_KEY, ANN_KEY) == ANN_KEY
    nobody = {**ANN_KEY, "owner": {"NULL": True}}
    assert transform.wanted(ANN_KEY, nobody) == nobody


def test_the_function_sees_the_new_sub(people: FakeSubMap) -> None:
    def function(one: Item) -> Item:
        return {**one, "path": {"S": "/" + one["owner"]["S"]}}

    transform = re_keyed(people, "owner", function=function)
    wanted = transform.wanted({"k": {"S": "x"}}, {"k": {"S": "x"}, "owner": user(1)})
    assert wanted is not None
    assert wanted["path"] == {"S": "/" + ANN_NEW}


def test_a_user_who_has_not_come_over_is_waited_for(people: FakeSubMap) -> None:
    source, target = FakeTable([owned(ANN), owned(BOB)]), FakeTable()
    result = run([ANN_KEY, BOB_KEY], source, target, re_keyed(people, "k"))
    assert result.converged == (ANN_KEY,)
    ((fault),) = result.faults
    assert (fault.key, fault.reason, fault.waits_for) == (BOB_KEY, FaultReason.UNMAPPED, BOB)
    assert list(target.items.values()) == [owned(ANN_NEW)]


def test_a_user_in_a_list_who_has_not_come_over_is_waited_for(people: FakeSubMap) -> None:
    team: Item = {**ANN_KEY, "team": {"L": [{"M": {"by": user(1)}}, {"M": {"by": user(2)}}]}}
    source, target, transform = FakeTable([team]), FakeTable(), re_keyed(people, "team[].by")
    ((fault),) = run([ANN_KEY], source, target, transform).faults
    assert (fault.key, fault.reason, fault.waits_for) == (ANN_KEY, FaultReason.UNMAPPED, BOB)
    people.pairs[BOB] = BOB_NEW
    assert run([ANN_KEY], source, target, transform).converged == (ANN_KEY,)
    (there,) = target.items.values()
    assert [one["M"]["by"]["S"] for one in there["team"]["L"]] == [ANN_NEW, BOB_NEW]


def test_an_item_that_is_gone_needs_no_mapping(people: FakeSubMap) -> None:
    result = run([BOB_KEY], FakeTable(), FakeTable(), re_keyed(people, "k"))
    assert (result.converged, result.faults) == ((BOB_KEY,), ())


def test_a_guess_that_an_item_is_gone_is_no_proof_of_it(people: FakeSubMap) -> None:
    source = FakeTable([owned(BOB)])
    hints = {frozenset({("k", ("S", BOB))}): None}
    result = run([BOB_KEY], source, FakeTable(), re_keyed(people, "k"), hints=hints)
    assert [fault.reason for fault in result.faults] == [FaultReason.UNMAPPED]


def test_the_item_goes_when_its_user_comes(people: FakeSubMap) -> None:
    source, target, transform = FakeTable([owned(BOB)]), FakeTable(), re_keyed(people, "k")
    run([BOB_KEY], source, target, transform)
    people.pairs[BOB] = BOB_NEW
    assert run([BOB_KEY], source, target, transform).converged == (BOB_KEY,)
    assert list(target.items.values()) == [owned(BOB_NEW)]


def test_an_item_of_two_users_waits_for_one_after_the_other(people: FakeSubMap) -> None:
    people.pairs = {}
    source, transform = FakeTable([owned(ANN, owner=user(2))]), re_keyed(people, "k", "owner")
    waits = []
    for old, new in ((ANN, ANN_NEW), (BOB, BOB_NEW)):
        waits.append(run([ANN_KEY], source, FakeTable(), transform).faults[0].waits_for)
        people.pairs[old] = new
    assert waits == [ANN, BOB]
    assert run([ANN_KEY], source, FakeTable(), transform).converged == (ANN_KEY,)


def test_a_user_with_two_new_subs_is_a_fault_that_waiting_does_not_end(people: FakeSubMap) -> None:
    people.pairs[ANN] = CHANGED
    with pytest.raises(TransformFault, match="released") as fault:
        re_keyed(people, "k").target_key(ANN_KEY)
    assert fault.value.reason is FaultReason.TRANSFORM


def test_what_a_user_of_the_new_pool_alone_wrote_is_the_target_s_own(people: FakeSubMap) -> None:
    assert re_keyed(people, "k").source_key(owned(BOB_NEW)) is None


def test_a_slice_reads_the_map_once_and_what_it_learnt_is_not_asked_again(people: FakeSubMap) -> None:
    source, transform = FakeTable([owned(ANN), owned(BOB)]), re_keyed(people, "k")
    run([ANN_KEY, BOB_KEY], source, FakeTable(), transform)
    assert people.reads == [{ANN, BOB}, {BOB}], "who has come over, and whether the rest are new subs"
    run([ANN_KEY, BOB_KEY], source, FakeTable(), transform)
    assert people.reads[2:] == [{BOB}, {BOB}]


def test_the_way_back_is_learnt_with_the_way_there(people: FakeSubMap) -> None:
    transform = re_keyed(people, "k")
    transform.learn([owned(ANN)])
    transform.source_key(owned(ANN_NEW))
    assert len(people.reads) == 1


def test_a_page_of_the_target_is_learnt_in_one_read(people: FakeSubMap) -> None:
    transform = re_keyed(people, "k")
    transform.learn_back([owned(ANN_NEW), owned(BOB_NEW)])
    assert transform.source_key(owned(ANN_NEW)) == ANN_KEY
    assert transform.source_key(owned(BOB_NEW)) is None
    assert people.reads == [{ANN_NEW, BOB_NEW}]


def test_who_did_not_learn_is_answered_by_a_read_of_its_own(people: FakeSubMap) -> None:
    assert re_keyed(people, "k").target_key(ANN_KEY) == {"k": {"S": ANN_NEW}}
    assert people.reads == [{ANN}]


def test_a_ledger_that_cannot_be_read_is_a_table_fault_and_keeps_what_was_reached(people: FakeSubMap) -> None:
    source, target, transform = FakeTable([owned(ANN), owned(BOB)]), FakeTable(), re_keyed(people, "k")
    transform.learn([owned(ANN)])
    people.fault = "AccessDeniedException"
    with pytest.raises(TableFault, match="ledger") as fault:
        run([ANN_KEY, BOB_KEY], source, target, transform, tuning=Tuning(slice_keys=1))
    assert fault.value.so_far is not None
    assert fault.value.so_far.converged == (ANN_KEY,)


def test_a_pair_with_subs_needs_a_map() -> None:
    with pytest.raises(UsageError, match="no map of subs"):
        load(TablePair(TableRef("old"), TableRef("new"), subs=(("k", "{sub}"),)))


def test_what_is_kept_has_a_bound_and_is_read_again_beyond_it() -> None:
    reads: list[list[str]] = []

    def read(names: Any) -> dict[str, str]:
        reads.append(list(names))
        return {name: name.upper() for name in names}

    learnt = Learnt(read, most=2)
    for name in "abc":
        assert learnt.learn([name]) == {name: name.upper()}
    assert learnt.get("c") == "C"
    assert learnt.get("a") == "A"
    assert reads == [["a"], ["b"], ["c"], ["a"]]


def test_a_thread_that_learnt_nothing_of_a_name_is_not_believed_by_another() -> None:
    known: dict[str, str] = {}
    learnt = Learnt(lambda names: {name: known[name] for name in names if name in known})
    learnt.learn(["a"])
    known["a"] = "A"
    heard: list[str | None] = []
    other = threading.Thread(target=lambda: heard.append(learnt.get("a")))
    other.start()
    other.join()
    assert (learnt.get("a"), heard) == (None, ["A"])
    assert learnt.learn(["a"]) == {"a": "A"}
