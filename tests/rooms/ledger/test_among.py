"""Among an array of values is found what is found in a list of them."""

from __future__ import annotations

import pytest

from anlan.ground.enterprises.models import Certificate, Enterprise
from anlan.kernel.ids import new_id
from anlan.ledger.copying import copy_in


@pytest.mark.django_db
@pytest.mark.parametrize("names", [(), ("示例厂",), ("a'b", 'c"d\\', "{x,y}", ""), ("没有",)])
def test_among_finds_what_in_finds_whatever_stands_in_the_text(names):
    kept = ("示例厂", "a'b", 'c"d\\', "{x,y}", "NULL")
    copy_in([Enterprise(uscc=f"{number:018d}", name=name, place_code="370102") for number, name in enumerate(kept)])
    found = set(Enterprise.objects.filter(name__among=names).values_list("name", flat=True))
    assert found == set(Enterprise.objects.filter(name__in=names).values_list("name", flat=True)) == set(kept) & set(names)


@pytest.mark.django_db
def test_among_keys_and_foreign_keys():
    rows = [Enterprise(uscc=f"{number:018d}", name="示例厂", place_code="370102") for number in range(3)]
    copy_in(rows)
    asked = [rows[0].pk, rows[2].pk, new_id()]
    assert set(Enterprise.objects.filter(pk__among=asked).values_list("pk", flat=True)) == {rows[0].pk, rows[2].pk}
    assert not Certificate.objects.filter(enterprise_id__among=asked).exists()
