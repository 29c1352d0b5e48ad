"""Rows of opinion_verdict take additions only: PostgreSQL itself refuses to change or remove one."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION opinion_verdict_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of opinion_verdict are never changed or removed' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER opinion_verdict_append_only BEFORE UPDATE OR DELETE ON opinion_verdict
    FOR EACH ROW EXECUTE FUNCTION opinion_verdict_append_only();
"""
BACKWARD = """
DROP TRIGGER opinion_verdict_append_only ON opinion_verdict;
DROP FUNCTION opinion_verdict_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("opinion", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
