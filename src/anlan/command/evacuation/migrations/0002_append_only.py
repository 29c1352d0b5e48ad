"""Rows of evacuation_movement take additions only: PostgreSQL itself refuses to change or remove one."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION evacuation_movement_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of evacuation_movement are never changed or removed' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER evacuation_movement_append_only BEFORE UPDATE OR DELETE ON evacuation_movement
    FOR EACH ROW EXECUTE FUNCTION evacuation_movement_append_only();
"""
BACKWARD = """
DROP TRIGGER evacuation_movement_append_only ON evacuation_movement;
DROP FUNCTION evacuation_movement_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("evacuation", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
