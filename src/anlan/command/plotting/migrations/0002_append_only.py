"""Rows of plotting_boardupdate take additions only: PostgreSQL itself refuses to change or remove one."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION plotting_boardupdate_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of plotting_boardupdate are never changed or removed' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER plotting_boardupdate_append_only BEFORE UPDATE OR DELETE ON plotting_boardupdate
    FOR EACH ROW EXECUTE FUNCTION plotting_boardupdate_append_only();
"""
BACKWARD = """
DROP TRIGGER plotting_boardupdate_append_only ON plotting_boardupdate;
DROP FUNCTION plotting_boardupdate_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("plotting", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
