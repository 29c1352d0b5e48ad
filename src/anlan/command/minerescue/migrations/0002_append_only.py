"""Rows of minerescue_report take additions only: PostgreSQL itself refuses to change or remove one."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION minerescue_report_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of minerescue_report are never changed or removed' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER minerescue_report_append_only BEFORE UPDATE OR DELETE ON minerescue_report
    FOR EACH ROW EXECUTE FUNCTION minerescue_report_append_only();
"""
BACKWARD = """
DROP TRIGGER minerescue_report_append_only ON minerescue_report;
DROP FUNCTION minerescue_report_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("minerescue", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
