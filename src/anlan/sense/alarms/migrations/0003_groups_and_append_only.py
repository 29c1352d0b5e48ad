"""Alarms from before grouping stand alone and have rung once; records of escalation take additions only."""

from django.db import migrations

FORWARD = """
UPDATE alarms_alarm SET group_key = id, rang_at = raised_at, first_acknowledged_at = acknowledged_at
    WHERE group_key = '00000000-0000-0000-0000-000000000000';
CREATE FUNCTION alarms_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are never changed or removed', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER alarms_escalation_append_only BEFORE UPDATE OR DELETE ON alarms_escalationrecord
    FOR EACH ROW EXECUTE FUNCTION alarms_append_only();
CREATE TRIGGER alarms_note_append_only BEFORE UPDATE OR DELETE ON alarms_alarmnote
    FOR EACH ROW EXECUTE FUNCTION alarms_append_only();
CREATE TRIGGER alarms_own_span_append_only BEFORE UPDATE OR DELETE ON alarms_ownspan
    FOR EACH ROW EXECUTE FUNCTION alarms_append_only();
"""
BACKWARD = """
DROP TRIGGER alarms_escalation_append_only ON alarms_escalationrecord;
DROP TRIGGER alarms_note_append_only ON alarms_alarmnote;
DROP TRIGGER alarms_own_span_append_only ON alarms_ownspan;
DROP FUNCTION alarms_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("alarms", "0002_life_of_an_alarm")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
