"""The columns that this API reads are those of the registry, name by name and kind by kind."""

import pytest

from anlan.sense.devices.models import Device, Sensor
from anlan.sense.things.models import Equipment, Point


@pytest.mark.parametrize(("reading", "kept"), [(Equipment, Device), (Point, Sensor)])
def test_every_column_read_is_one_of_the_registrys_table(reading, kept):
    assert reading._meta.db_table == kept._meta.db_table
    columns = {field.column: field for field in kept._meta.concrete_fields}
    for field in reading._meta.concrete_fields:
        assert field.column in columns
        relation = columns[field.column].is_relation
        told = "UUIDField" if relation and not field.is_relation else columns[field.column].get_internal_type()
        assert field.get_internal_type() == told, field.column
