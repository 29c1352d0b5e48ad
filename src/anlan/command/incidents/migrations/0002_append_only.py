"""Rows of incidents_situationentry take additions only: PostgreSQL itself refuses to change or remove one."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION incidents_situationentry_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of incidents_situationentry are never changed or removed' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER incidents_situationentry_append_only BEFORE UPDATE OR DELETE ON incidents_situationentry
    FOR EACH ROW EXECUTE FUNCTION incidents_situationentry_append_only();
"""
BACKWARD = """
DROP TRIGGER incidents_situationentry_append_only ON incidents_situationentry;
DROP FUNCTION incidents_situationentry_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("incidents", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
