"""Adding and reading evidence by pages."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from tests.accounts import client_for
from tests.rooms.ground.evidence.test_evidence import JPEG, home, named  # noqa: F401
from tests.rooms.ground.plants import NOW

from anlan.ground.evidence import door
from anlan.ground.evidence.models import Exhibit
from anlan.kernel.access import Classification, system_actor
from anlan.ledger.models import AuditEntry

pytestmark = pytest.mark.django_db


@pytest.fixture
def plant(make):
    return make(1)


def add(plant, name="a.jpg", data=JPEG, **more):
    return door.attach(plant, named(name, data), actor=system_actor("tests"), now=NOW, **more)


def body(response):
    return b"".join(response.streaming_content)


def test_files_are_added_each_by_itself(plant):
    client = client_for("inspector")
    url = reverse("evidence:attach", args=["enterprises.enterprise", plant.pk])
    page = client.post(
        url,
        {
            "photo": SimpleUploadedFile("现场.jpg", JPEG),
            "file": [SimpleUploadedFile("a.exe", b"MZ"), SimpleUploadedFile("说明.txt", "阀门".encode())],
            "caption": "东门",
            "classification": "1",
        },
    )
    text = page.content.decode()
    assert page.status_code == 200
    assert "已保存 2 个文件" in text
    assert "a.exe" in text
    assert {(row.filename, row.origin) for row in Exhibit.objects.all()} == {("现场.jpg", "field"), ("说明.txt", "upload")}


def test_a_file_that_the_record_has_already_is_told_so(plant):
    add(plant)
    page = client_for("inspector").post(
        reverse("evidence:attach", args=["enterprises.enterprise", plant.pk]), {"file": SimpleUploadedFile("again.jpg", JPEG)}
    )
    assert "“again.jpg”与本记录已有的文件内容相同" in page.content.decode()
    assert Exhibit.objects.count() == 1


def test_an_empty_form_is_told_so(plant):
    page = client_for("inspector").post(reverse("evidence:attach", args=["enterprises.enterprise", plant.pk]))
    assert "请选择或拍摄" in page.content.decode()


def test_another_countys_officer_neither_adds_nor_reads(plant):
    client = client_for("inspector", "370103")
    exhibit = add(plant)
    assert client.get(reverse("evidence:file", args=[exhibit.id])).status_code == 404
    assert client.get(reverse("evidence:panel", args=["enterprises.enterprise", plant.pk])).status_code == 404
    url = reverse("evidence:attach", args=["enterprises.enterprise", plant.pk])
    assert client.post(url, {"file": SimpleUploadedFile("b.jpg", JPEG)}).status_code == 404
    assert Exhibit.objects.count() == 1


@pytest.mark.parametrize("subject", ["enterprises.nothing", "people.account", "nonsense", "evidence.exhibit.x"])
def test_only_records_with_pages_take_evidence(plant, subject):
    url = reverse("evidence:panel", args=[subject, plant.pk])
    assert client_for("inspector").get(url).status_code == 404


def test_a_picture_is_shown_with_its_own_type_and_a_tag(plant):
    exhibit = add(plant)
    client = client_for("inspector")
    answer = client.get(reverse("evidence:file", args=[exhibit.id]))
    assert (answer.status_code, answer["Content-Type"], body(answer)) == (200, "image/jpeg", JPEG)
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Disposition"].startswith("inline; filename*=UTF-8''")
    assert "sandbox" in answer["Content-Security-Policy"]
    again = client.get(reverse("evidence:file", args=[exhibit.id]), headers={"If-None-Match": answer["ETag"]})
    assert again.status_code == 304
    saved = client.get(reverse("evidence:file", args=[exhibit.id]), {"save": "1"})
    assert saved["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize(
    ("name", "data"), [("页.html", b"<!DOCTYPE html><script>1</script>"), ("图.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>")]
)
def test_what_can_carry_a_script_is_saved_and_never_opened(plant, name, data):
    answer = client_for("inspector").get(reverse("evidence:file", args=[add(plant, name, data).id]))
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize(
    ("asked", "status", "part"),
    [
        ("bytes=0-3", 206, JPEG[:4]),
        ("bytes=4-", 206, JPEG[4:]),
        ("bytes=-5", 206, JPEG[-5:]),
        ("bytes=0-99999", 200, JPEG),
        ("bytes=99999-", 416, b""),
        ("nonsense", 200, JPEG),
    ],
)
def test_a_part_of_a_file_may_be_asked_for(plant, asked, status, part):
    answer = client_for("inspector").get(reverse("evidence:file", args=[add(plant).id]), headers={"Range": asked})
    assert answer.status_code == status
    assert (answer.content if status == 416 else body(answer)) == part


def test_reading_a_sensitive_file_is_audited(plant):
    exhibit = add(plant, classification=Classification.SENSITIVE)
    assert client_for("inspector").get(reverse("evidence:file", args=[exhibit.id])).status_code == 404
    answer = client_for("duty_officer").get(reverse("evidence:file", args=[exhibit.id]))
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "private, no-store"
    assert AuditEntry.objects.filter(action="evidence.view", subject_id=str(exhibit.id)).count() == 1


def test_the_list_and_the_page_of_an_exhibit_render(plant):
    exhibit = add(plant, caption="东门")
    client = client_for("inspector")
    assert "a.jpg" in client.get(reverse("desk:evidence-list")).content.decode()
    text = client.get(reverse("desk:evidence-detail", args=[exhibit.id])).content.decode()
    assert exhibit.sha256 in text
    assert reverse("enterprises:file", args=[plant.pk]) in text
