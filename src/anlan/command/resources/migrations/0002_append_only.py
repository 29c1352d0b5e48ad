"""Rows of resources_stockmovement take additions only: PostgreSQL itself refuses to change or remove one."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION resources_stockmovement_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of resources_stockmovement are never changed or removed' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER resources_stockmovement_append_only BEFORE UPDATE OR DELETE ON resources_stockmovement
    FOR EACH ROW EXECUTE FUNCTION resources_stockmovement_append_only();
"""
BACKWARD = """
DROP TRIGGER resources_stockmovement_append_only ON resources_stockmovement;
DROP FUNCTION resources_stockmovement_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("resources", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
