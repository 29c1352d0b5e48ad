"""What goes out is verified by a program that shares nothing with the one that signed: the library of ``xmlsec1``, in a process of its own."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from lxml import etree

from anlan.warn.bulletins import message, signing
from anlan.warn.bulletins.models import Bulletin

NOW = datetime(2026, 11, 22, 18, 18, tzinfo=UTC)
VERIFY = Path(__file__).with_name("xmlsec_verify.py")


@pytest.fixture
def sent(settings, tmp_path):
    """A bulletin with everything that a message can hold, signed with the node's own key, as a file beside the certificate it is served with."""
    settings.ANLAN = settings.ANLAN | {"HOME": tmp_path}
    ring = [[117.05, 36.65], [117.08, 36.65], [117.08, 36.67], [117.05, 36.65]]
    bulletin = Bulletin(
        identifier="37010200000000_20261123021800_0",
        place_code="370102",
        event_code="12D00",
        level="red",
        headline="历下区发布危险化学品泄漏红色预警",
        description="某企业液氯泄漏 < 2 千米 & 下风向。\n请注意。",
        instruction="关闭门窗，不要外出。",
        headline_en="Red warning",
        description_en="Chlorine leak.",
        instruction_en="Stay in.",
        texts={"ug": {"headline": "ئاگاھلاندۇرۇش", "description": "…", "instruction": "…"}},
        attachments=[{"caption": "路线图", "media_type": "image/png", "size": 70, "id": "0" * 36, "sha1": "0" * 40}],
        area={"type": "MultiPolygon", "coordinates": [[ring]]},
        area_codes=["370102"],
        circle_longitude=117.06,
        circle_latitude=36.66,
        circle_radius_km=1.5,
        area_description="历下区",
        onset=NOW,
        expires=NOW + timedelta(hours=6),
        published_at=NOW,
        issuer_name="历下区应急管理局",
    )
    (tmp_path / "bulletin.xml").write_bytes(signing.sign(message.as_alert(bulletin), NOW).data)
    (tmp_path / "certificate.pem").write_bytes(signing.certificates(NOW))
    return tmp_path


def verified(folder: Path, file: str = "bulletin.xml", certificate: str = "certificate.pem") -> str:
    """What the other program says; empty when the signature holds."""
    done = subprocess.run(
        [sys.executable, "-I", str(VERIFY), str(folder / certificate), str(folder / file)], capture_output=True, text=True, check=False
    )
    assert done.returncode in (0, 1)
    return done.stderr if done.returncode else ""


def test_a_signed_bulletin_is_verified_by_another_program_and_valid_by_the_schema(sent, shared):
    assert verified(sent) == ""
    schema = etree.XMLSchema(etree.parse(str(shared / "samples/cap_schema/CAP-v1.2.xsd")))
    schema.assertValid(etree.parse(str(sent / "bulletin.xml")))


def test_one_changed_byte_or_another_certificate_is_not_verified(sent):
    data = (sent / "bulletin.xml").read_bytes()
    (sent / "changed.xml").write_bytes(data.replace("2 千米".encode(), "3 千米".encode()))
    assert "invalid" in verified(sent, "changed.xml")
    signing.rotate(NOW + timedelta(seconds=1))
    newest = signing.ensure(NOW + timedelta(seconds=2))
    (sent / "other.pem").write_bytes(newest.certificate)
    assert verified(sent, certificate="other.pem")
