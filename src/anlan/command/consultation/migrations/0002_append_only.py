"""What was said, and minutes that were signed, take additions only: PostgreSQL itself refuses to change or remove them."""

from django.db import migrations

TABLES = ("consultation_voice", "consultation_minutes")
FORWARD = """
CREATE FUNCTION {table}_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of {table} are never changed or removed' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION {table}_append_only();
"""
BACKWARD = """
DROP TRIGGER {table}_append_only ON {table};
DROP FUNCTION {table}_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("consultation", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD.format(table=table), BACKWARD.format(table=table)) for table in TABLES]
