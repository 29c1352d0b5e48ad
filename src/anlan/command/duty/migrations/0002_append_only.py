"""Rows of duty_dutylogentry take additions only: PostgreSQL itself refuses to change or remove one."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION duty_dutylogentry_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of duty_dutylogentry are never changed or removed' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER duty_dutylogentry_append_only BEFORE UPDATE OR DELETE ON duty_dutylogentry
    FOR EACH ROW EXECUTE FUNCTION duty_dutylogentry_append_only();
"""
BACKWARD = """
DROP TRIGGER duty_dutylogentry_append_only ON duty_dutylogentry;
DROP FUNCTION duty_dutylogentry_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("duty", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
