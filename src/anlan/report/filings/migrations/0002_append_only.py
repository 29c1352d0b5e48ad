"""Rows of filings_filingversion take additions only: PostgreSQL itself refuses to change or remove one."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION filings_filingversion_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of filings_filingversion are never changed or removed' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER filings_filingversion_append_only BEFORE UPDATE OR DELETE ON filings_filingversion
    FOR EACH ROW EXECUTE FUNCTION filings_filingversion_append_only();
"""
BACKWARD = """
DROP TRIGGER filings_filingversion_append_only ON filings_filingversion;
DROP FUNCTION filings_filingversion_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("filings", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
