"""Model versions take additions only: rules and alarms point to what they were."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION units_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are never changed or removed', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER units_version_append_only BEFORE UPDATE OR DELETE ON units_modelversion
    FOR EACH ROW EXECUTE FUNCTION units_append_only();
"""
BACKWARD = """
DROP TRIGGER units_version_append_only ON units_modelversion;
DROP FUNCTION units_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("units", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
