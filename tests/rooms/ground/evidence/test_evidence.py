"""Evidence: type by content, limits, kept once, never changed, shown only to whom it may be."""

import errno
import io
import os
import zipfile
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.rooms.ground.plants import NOW, officer

from anlan.ground.evidence import content, door, rules, services, store
from anlan.ground.evidence.models import Exhibit
from anlan.kernel.access import Classification
from anlan.kernel.errors import NotFound, NotPermitted, Refusal
from anlan.ledger.models import Announcement, AuditEntry

JPEG = b"\xff\xd8\xff\xe1\x00\x10Exif\x00\x00" + b"\x00" * 40 + b"\xff\xd9"
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 30


@pytest.fixture(autouse=True)
def home(tmp_path, settings):
    settings.ANLAN = {**settings.ANLAN, "HOME": tmp_path}
    return tmp_path


def named(name: str, data: bytes) -> io.BytesIO:
    file = io.BytesIO(data)
    file.name = name
    return file


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def zipped(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in members.items():
            archive.writestr(name.replace("__", "/").replace("_dot_", "."), data)
    return out.getvalue()


def office(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in ("[Content_Types].xml", *names):
            archive.writestr(name, b"<x/>")
    return out.getvalue()


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 500

ACCEPTED = [
    ("照片.JPG", JPEG, "image/jpeg"),
    ("a.png", PNG, "image/png"),
    ("a.gif", b"GIF89a" + b"\x00" * 20, "image/gif"),
    ("a.webp", b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
    ("a.heic", b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00", "image/heic"),
    ("a.mp4", b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00", "video/mp4"),
    ("a.mov", b"\x00\x00\x00\x14ftypqt  \x00\x00\x00\x00", "video/quicktime"),
    ("a.3gp", b"\x00\x00\x00\x14ftyp3gp4\x00\x00\x00\x00", "video/3gpp"),
    ("a.avi", b"RIFF\x00\x00\x00\x00AVI LIST", "video/x-msvideo"),
    ("a.wav", b"RIFF\x00\x00\x00\x00WAVEfmt ", "audio/wav"),
    ("a.mp3", b"ID3\x04\x00\x00\x00\x00\x00\x00", "audio/mpeg"),
    ("a.amr", b"#!AMR\n\x00\x00", "audio/amr"),
    ("报告.pdf", b"%PDF-1.7\n%\xe2\xe3", "application/pdf"),
    ("a.docx", office("word/document.xml"), "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ("a.xlsx", office("xl/workbook.xml"), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ("公文.ofd", zipped(OFD_dot_xml=b"<x/>"), "application/ofd"),
    ("a.doc", OLE + "WordDocument".encode("utf-16-le"), "application/msword"),
    ("a.zip", zipped(a_dot_txt=b"x"), "application/zip"),
    ("记录.txt", "上午九点，阀门关闭。".encode(), "text/plain"),
    ("旧系统.csv", "编号,名称\n1,液氯".encode("gb18030"), "text/plain"),
    ("网页.html", b"<!DOCTYPE html><html><script>alert(1)</script>", "text/html"),
    ("图.svg", b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>', "image/svg+xml"),
    ("轨迹.gpx", b'<?xml version="1.0"?><gpx xmlns="http://www.topografix.com/GPX/1/1"/>', "text/xml"),
]


@pytest.mark.parametrize(("name", "data", "media_type"), ACCEPTED, ids=[row[0] for row in ACCEPTED])
def test_the_type_is_what_the_bytes_say(name, data, media_type):
    kept = store.keep(named(name, data), name)
    assert kept.row.media_type == media_type
    assert store.path_of(kept.sha256).read_bytes() == data


REFUSED = [
    ("a.exe", b"MZ\x90\x00", rules.Executable),
    ("照片.jpg", b"MZ\x90\x00", rules.Executable),
    ("a.jpg", b"\x7fELF\x02\x01", rules.Executable),
    ("a.txt", b"#!/bin/sh\nrm -rf /\n", rules.Executable),
    ("a.bat", b"del *.*\r\n", rules.Executable),
    ("a.zip", zipped(a_dot_exe=b"MZ"), rules.Executable),
    ("a.zip", zipped(**{"META-INF__MANIFEST_dot_MF": b"x"}), rules.Executable),
    ("a.docx", office("word/document.xml", "word/vbaProject.bin"), rules.Executable),
    ("a.doc", OLE + "WordDocument".encode("utf-16-le") + "_VBA_PROJECT".encode("utf-16-le"), rules.Executable),
    ("a.rar", b"Rar!\x1a\x07\x00", rules.NotInspectable),
    ("a.zip", b"PK\x03\x04broken", rules.NotInspectable),
    ("a.png", JPEG, rules.NameDoesNotFit),
    ("a.jpg", b"<html><script>alert(1)</script></html>", rules.NameDoesNotFit),
    ("a.txt", b"<svg onload=alert(1)>", rules.NameDoesNotFit),
    ("noending", JPEG, rules.NameDoesNotFit),
    ("a.msi", OLE + "MsiDatabase".encode("utf-16-le"), rules.Refusal),
    ("a.bin", bytes(range(256)), rules.TypeNotAccepted),
    ("a.jpg", b"", rules.Empty),
]


@pytest.mark.parametrize(("name", "data", "refusal"), REFUSED, ids=[f"{row[0]}-{row[2].code}" for row in REFUSED])
def test_what_is_refused_leaves_nothing_behind(name, data, refusal, home):
    with pytest.raises(refusal) as refused:
        store.keep(named(name, data), name)
    assert "{" not in refused.value.message()
    assert files_in(home) == []


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.binary(max_size=300), st.sampled_from(["jpg", "txt", "pdf", "zip", "mp4", "doc", "x"]))
def test_any_bytes_are_kept_whole_or_refused(tmp_path, data, ending):
    name = f"a.{ending}"
    try:
        kept = store.keep(named(name, data), name)
    except Refusal:
        return
    assert store.is_whole(kept.sha256)
    assert ending in kept.row.endings


def test_a_file_above_the_limit_of_its_type_is_refused(monkeypatch, home):
    row = rules.types()["image/jpeg"]
    monkeypatch.setattr(type(row), "limit", property(lambda self: 1000))
    with pytest.raises(rules.TooLarge):
        store.keep(named("a.jpg", JPEG + b"\x00" * 2000), "a.jpg")
    assert files_in(home) == []


def test_the_same_bytes_are_kept_once(home):
    first, second = store.keep(named("a.jpg", JPEG), "a.jpg"), store.keep(named("b.jpeg", JPEG), "b.jpeg")
    assert first.sha256 == second.sha256
    assert len(files_in(home)) == 1


def test_a_damaged_copy_is_replaced_by_good_bytes():
    kept = store.keep(named("a.jpg", JPEG), "a.jpg")
    path = store.path_of(kept.sha256)
    path.chmod(0o640)
    path.write_bytes(b"\x00" * len(JPEG))
    assert not store.is_whole(kept.sha256)
    store.keep(named("a.jpg", JPEG), "a.jpg")
    assert store.is_whole(kept.sha256)


@pytest.mark.parametrize(("number", "refusal"), [(errno.ENOSPC, rules.DiskFull), (errno.EACCES, rules.StoreNotWritable)])
def test_a_full_or_locked_disk_is_a_plain_sentence_and_leaves_nothing(monkeypatch, home, number, refusal):
    def fail(handle):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(refusal) as refused:
        store.keep(named("a.jpg", JPEG), "a.jpg")
    assert "a.jpg" in refused.value.message()
    assert files_in(home) == []


@pytest.mark.parametrize(
    ("given_name", "kept_name"),
    [
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\temp\\照片.jpg", "照片.jpg"),
        ("a\u202egpj.exe.jpg", "agpj.exe.jpg"),
        ("\x00\n", "unnamed"),
        ("长" * 300 + ".jpg", "长" * 196 + ".jpg"),
    ],
)
def test_names_carry_no_folders_and_no_tricks(given_name, kept_name):
    assert services.safe_name(given_name) == kept_name


@pytest.mark.django_db
class TestExhibits:
    @pytest.fixture
    def plant(self, make):
        return make(1)

    def attach(self, plant, actor, name="a.jpg", data=JPEG, **more):
        return door.attach(plant, named(name, data), actor=actor, now=NOW, **more)

    def test_a_file_is_tied_to_its_record_audited_and_announced(self, plant, clerk):
        found = self.attach(plant, clerk, caption="  东门   ")
        assert door.list_for("enterprises.enterprise", plant.pk, clerk) == (found,)
        assert (found.caption, found.kind, found.classification) == ("东门", "photograph", 1)
        assert AuditEntry.objects.filter(action="evidence.attach", subject_id=str(found.id)).exists()
        assert Announcement.objects.get(kind="evidence.attached").payload["record_id"] == str(plant.pk)
        with door.open_bytes(found.id, clerk) as file:
            assert file.read() == JPEG

    def test_the_same_file_twice_on_a_record_is_one_exhibit(self, plant, clerk, make):
        first, second = self.attach(plant, clerk), self.attach(plant, clerk, name="b.jpg")
        assert first == second
        assert self.attach(make(2), clerk).id != first.id

    def test_another_county_can_neither_see_nor_add(self, plant, clerk):
        found = self.attach(plant, clerk)
        other = officer("370103")
        assert door.list_for("enterprises.enterprise", plant.pk, other) == ()
        with pytest.raises(NotFound):
            door.open_bytes(found.id, other)
        with pytest.raises(NotPermitted):
            self.attach(plant, other, data=PNG, name="a.png")
        assert Exhibit.objects.count() == 1

    def test_a_refused_officer_writes_nothing_to_the_disk(self, plant, home):
        with pytest.raises(NotPermitted):
            self.attach(plant, officer("370103"))
        assert files_in(home) == []

    def test_a_sensitive_file_is_hidden_from_an_ordinary_post(self, plant, clerk):
        found = self.attach(plant, clerk, classification=Classification.SENSITIVE)
        assert door.list_for("enterprises.enterprise", plant.pk, clerk) == ()
        reader = officer("370102", "evidence.view", classification=Classification.SENSITIVE)
        assert door.list_for("enterprises.enterprise", plant.pk, reader)[0].id == found.id

    def test_the_class_of_a_file_is_at_least_that_of_its_record(self, make):
        keeper = officer("370102", "evidence.*", "enterprises.*", classification=Classification.SENSITIVE)
        assert self.attach(make(1, classification=2), keeper, classification=Classification.PUBLIC).classification == 2

    def test_the_database_lets_nobody_change_or_delete_an_exhibit(self, plant, clerk):
        found = self.attach(plant, clerk)
        for change in (
            lambda: Exhibit.objects.filter(pk=found.id).update(sha256="0" * 64),
            lambda: Exhibit.objects.filter(pk=found.id).update(caption="另说"),
            lambda: Exhibit.objects.filter(pk=found.id).delete(),
            lambda: Exhibit.objects.filter(pk=found.id).update(classification=0),
        ):
            with pytest.raises(IntegrityError), transaction.atomic():
                change()

    def test_the_class_may_be_raised_with_a_reason_and_never_lowered(self, plant, clerk):
        keeper = officer("370102", "evidence.*", classification=Classification.SENSITIVE)
        found = self.attach(plant, clerk)
        with pytest.raises(rules.ReasonMissing):
            services.raise_class(found.id, Classification.SENSITIVE, reason="", actor=keeper, now=NOW)
        raised = services.raise_class(found.id, Classification.SENSITIVE, reason="涉及人员隐私", actor=keeper, now=NOW)
        assert raised.classification == 2
        with pytest.raises(rules.AccessClassNotRaised):
            services.raise_class(found.id, Classification.INTERNAL, reason="误标", actor=keeper, now=NOW)

    def test_one_changed_byte_is_found_by_verification(self, plant, clerk, capsys):
        found = self.attach(plant, clerk)
        call_command("evidence", "verify")
        path = store.path_of(found.sha256)
        path.chmod(0o640)
        path.write_bytes(JPEG[:-1] + b"\x00")
        with pytest.raises(CommandError):
            call_command("evidence", "verify")
        assert found.sha256 in capsys.readouterr().out
        path.unlink()
        assert list(services.damaged()) == [(found.sha256, 1)]
        with pytest.raises(rules.Damaged):
            door.open_bytes(found.id, clerk)

    def test_the_sweep_removes_only_old_files_without_a_record(self, plant, clerk):
        kept = self.attach(plant, clerk)
        stray = store.keep(named("x.png", PNG), "x.png")
        assert services.sweep(now=NOW) == 0
        old = NOW.timestamp() - 2 * 86400
        for sha256 in (kept.sha256, stray.sha256):
            os.utime(store.path_of(sha256), (old, old))
        assert services.sweep(now=NOW) == 1
        assert store.is_whole(kept.sha256)
        assert not store.path_of(stray.sha256).exists()


def test_every_type_has_a_row_with_endings_and_a_limit():
    for row in rules.types().values():
        assert row.kind in rules.KINDS
        assert row.endings
        assert 0 < row.limit_mb <= 2048
        assert not (row.inline and row.media_type in {"text/html", "image/svg+xml", "text/xml"})
    recognised = {row[2] for row in content._SIGNATURES} | {row[1] for row in content._OLE_STREAMS}
    for table in (content._RIFF, content._BRANDS, content._OFFICE):
        recognised |= set(table.values())
    assert recognised <= set(rules.types())
