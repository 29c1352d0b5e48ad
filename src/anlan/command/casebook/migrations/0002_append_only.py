"""Decisions and cost take additions only: PostgreSQL itself refuses to change or remove a row."""

from django.db import migrations

_TABLES = ("casebook_decision", "casebook_cost")
FORWARD = """
CREATE FUNCTION casebook_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are never changed or removed', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$;
""" + "".join(
    f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION casebook_append_only();\n"
    for table in _TABLES
)
BACKWARD = "".join(f"DROP TRIGGER {table}_append_only ON {table};\n" for table in _TABLES) + "DROP FUNCTION casebook_append_only();"


class Migration(migrations.Migration):
    dependencies = [("casebook", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
