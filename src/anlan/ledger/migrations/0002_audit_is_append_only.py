"""The audit log takes additions only: PostgreSQL itself refuses to change or remove an entry."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION ledger_audit_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit entries are never changed or removed' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER ledger_audit_append_only BEFORE UPDATE OR DELETE ON ledger_auditentry
    FOR EACH ROW EXECUTE FUNCTION ledger_audit_append_only();
"""
BACKWARD = """
DROP TRIGGER ledger_audit_append_only ON ledger_auditentry;
DROP FUNCTION ledger_audit_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
