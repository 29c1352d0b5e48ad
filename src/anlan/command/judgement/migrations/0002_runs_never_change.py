"""A run is never removed; what was asked never changes; a finished run never changes at all: PostgreSQL itself refuses it."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION judgement_run_never_changes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.state IN ('done', 'refused', 'cancelled', 'failed')
        OR OLD.inputs IS DISTINCT FROM NEW.inputs OR OLD.kind IS DISTINCT FROM NEW.kind
        OR OLD.judgement_id IS DISTINCT FROM NEW.judgement_id OR OLD.number IS DISTINCT FROM NEW.number
        OR OLD.asked_at IS DISTINCT FROM NEW.asked_at OR OLD.asked_by_id IS DISTINCT FROM NEW.asked_by_id
        OR OLD.asked_by_name IS DISTINCT FROM NEW.asked_by_name OR OLD.exercise IS DISTINCT FROM NEW.exercise
        OR OLD.automatic IS DISTINCT FROM NEW.automatic THEN
        RAISE EXCEPTION 'a run of judgement_run is never changed or removed' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER judgement_run_never_changes BEFORE UPDATE OR DELETE ON judgement_run
    FOR EACH ROW EXECUTE FUNCTION judgement_run_never_changes();
"""
BACKWARD = """
DROP TRIGGER judgement_run_never_changes ON judgement_run;
DROP FUNCTION judgement_run_never_changes();
"""


class Migration(migrations.Migration):
    dependencies = [("judgement", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
