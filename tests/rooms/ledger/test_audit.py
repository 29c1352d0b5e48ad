"""The audit log: appended with every change, never altered, and verifiable to the last byte."""

import json

import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError
from tests.rooms.ledger.clock_rows import clock_row

from anlan.kernel.access import Actor, Grant, system_actor
from anlan.kernel.errors import NotPermitted
from anlan.kernel.levels import Level
from anlan.ledger import audit
from anlan.ledger.changes import change
from anlan.ledger.models import AuditEntry, AuditHead, Clock

pytestmark = pytest.mark.django_db
DETECTOR = system_actor("detector")


def write(number: int, clock) -> None:
    with change(DETECTOR, "clocks.make", now=clock.now(), place_code="370102") as made:
        made.subject = clock_row(clock.now(), label=f"clock {number}")


def test_every_change_leaves_one_linked_entry(clock):
    for number in range(3):
        write(number, clock)
    entries = list(AuditEntry.objects.all())
    assert [e.sequence for e in entries] == [1, 2, 3]
    assert [e.previous for e in entries[1:]] == [e.digest for e in entries[:2]]
    assert entries[0].content["changed"]["label"] == [None, "clock 0"]
    assert audit.verify().intact


def test_a_change_of_a_record_tells_before_and_after(clock):
    row = clock_row(clock.now(), label="before")
    with change(DETECTOR, "clocks.change", now=clock.now(), record=row):
        row.label = "after"
        row.save()
    assert AuditEntry.objects.get().content["changed"] == {"label": ["before", "after"]}


def test_the_database_itself_refuses_to_alter_or_remove_an_entry(clock):
    write(1, clock)
    for statement in ("UPDATE ledger_auditentry SET actor_name = 'x'", "DELETE FROM ledger_auditentry"):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    assert audit.verify().intact


@pytest.fixture
def tamper(db):
    """Run SQL as somebody would who owns the database and has switched the trigger off."""

    def run(statement: str, *values: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE ledger_auditentry DISABLE TRIGGER ledger_audit_append_only")
            cursor.execute(statement, values)
            cursor.execute("ALTER TABLE ledger_auditentry ENABLE TRIGGER ledger_audit_append_only")

    return run


@pytest.mark.parametrize(
    "column",
    [
        "at",
        "actor_id",
        "actor_name",
        "post",
        "address",
        "action",
        "subject_type",
        "subject_id",
        "place_code",
        "content",
        "previous",
        "digest",
    ],
)
def test_one_changed_byte_in_any_column_is_found(clock, tamper, column):
    for number in range(3):
        write(number, clock)
    entry = AuditEntry.objects.get(sequence=2)
    value = getattr(entry, column)
    if column == "at":
        tamper("UPDATE ledger_auditentry SET at = at + interval '1 microsecond' WHERE sequence = 2")
    elif column == "content":
        changed = json.dumps(value).replace("clock 1", "clock 7")
        tamper("UPDATE ledger_auditentry SET content = %s WHERE sequence = 2", changed)
    else:
        text = str(value)
        flipped = ("f" if text[:1] != "f" else "e") + text[1:]
        tamper(f"UPDATE ledger_auditentry SET {column} = %s WHERE sequence = 2", flipped)
    verdict = audit.verify()
    assert not verdict.intact
    assert verdict.broken_at in (2, 3)


def test_a_removed_entry_is_found_also_at_the_end(clock, tamper):
    for number in range(3):
        write(number, clock)
    tamper("DELETE FROM ledger_auditentry WHERE sequence = 3")
    assert not audit.verify().intact


def test_removing_the_end_and_its_head_together_leaves_a_chain_that_holds_only_if_the_head_agrees(clock, tamper):
    for number in range(2):
        write(number, clock)
    tamper("DELETE FROM ledger_auditentry WHERE sequence = 2")
    AuditHead.objects.update(sequence=2)
    assert not audit.verify().intact


def test_a_refused_change_leaves_nothing(clock):
    nobody = Actor(DETECTOR.account_id, "x", "x", Level.COUNTY, "370102", grants=(Grant("clocks.make", "370103"),))
    with pytest.raises(NotPermitted), change(nobody, "clocks.make", now=clock.now(), place_code="370102"):
        clock_row(clock.now())
    assert (AuditEntry.objects.count(), Clock.objects.count()) == (0, 0)


def test_an_error_inside_a_change_rolls_everything_back(clock):
    with pytest.raises(ZeroDivisionError), change(DETECTOR, "clocks.make", now=clock.now(), place_code="370102"):
        clock_row(clock.now())
        raise ZeroDivisionError
    assert (AuditEntry.objects.count(), Clock.objects.count()) == (0, 0)


def test_a_record_cannot_be_moved_to_a_place_where_the_actor_may_not_act(clock):
    row = clock_row(clock.now(), place_code="370102")
    officer = Actor(DETECTOR.account_id, "x", "x", Level.COUNTY, "370102", grants=(Grant("clocks.change", "370102"),))
    with pytest.raises(NotPermitted), change(officer, "clocks.change", now=clock.now(), record=row):
        row.place_code = "370103"
        row.save()
    row.refresh_from_db()
    assert row.place_code == "370102"
