"""Devices from a spreadsheet: every bad row is named with its reason, good ones are registered behind the credential they name."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from tests.accounts import client_for
from tests.rooms.desk.conftest import workbook
from tests.rooms.sense.plant import Plant

from anlan.desk.models import SheetImport
from anlan.desk.resource.importing import jobs, pages
from anlan.ground.enterprises import rules as enterprise_rules
from anlan.sense.devices.models import Device

pytestmark = pytest.mark.django_db
HEAD = ["企业统一社会信用代码", "设备编号", "设备名称", "设备类型", "接入用户名", "经度", "纬度", "投用日期"]


def test_good_rows_are_registered_and_each_bad_one_says_why(monkeypatch):
    monkeypatch.setattr(pages, "queue_sheet", lambda _key: None)
    plant, other = Plant(1), Plant(2)
    for number, each in enumerate((plant, other)):
        each.enterprise.uscc = enterprise_rules.complete_credit_code(f"91370102MA{number:07d}")
        each.enterprise.save()
    uscc, username = plant.enterprise.uscc, plant.issued.credential.username
    rows = [
        HEAD,
        [uscc, "GDS-1", "1# 探测器", "气体探测器", username, "", "", "2024-06-01"],
        [uscc, "GDS/2", "编号不能作主题", "气体探测器", "", "", "", ""],
        [uscc, "GDS-3", "类型写错", "望远镜", "", "", "", ""],
        [uscc, "D1", "编号已有", "gas_detector", "", "", "", ""],
        [uscc, "GDS-5", "别家的凭证", "气体探测器", other.issued.credential.username, "", "", ""],
        [enterprise_rules.complete_credit_code("91370102MA9999999"), "GDS-6", "没有这家企业", "气体探测器", "", "", "", ""],
        [uscc, "GDS-7", "坐标错位", "气体探测器", "", 36.6665, 117.0765, ""],
        [uscc, "GDS-8", "只有必填项", "other", "", "", "", ""],
    ]
    client = client_for("bureau_clerk")
    answer = client.post("/devices/import/", {"file": SimpleUploadedFile("设备.xlsx", workbook(rows))})
    assert answer.status_code == 302, answer.content.decode()[:1500]
    job = SheetImport.objects.get()
    jobs.work(job.pk)
    job.refresh_from_db()
    refused = {problem.row: problem.code for problem in job.problems.all()}
    assert set(refused) == {3, 4, 5, 6, 7, 8}, refused
    assert (job.total_rows, job.good_rows) == (8, 2)
    client.post(f"/devices/import/{job.pk}/decide/", {"choice": "good"})
    jobs.work(job.pk)
    made = Device.objects.get(code="GDS-1")
    assert (made.credential.username, made.device_class, made.place_code) == (username, "gas_detector", "370102")
    assert Device.objects.filter(code="GDS-8", credential=None).exists()
    assert not Device.objects.filter(code__in=["GDS-3", "GDS-5", "GDS-6", "GDS-7"]).exists()
