"""Exhibits follow their enterprise when its file is merged into another one: the one merging that runs, and nothing else of the row."""

from django.db import migrations

GUARD = """
CREATE OR REPLACE FUNCTION evidence_exhibit_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    loose text[] := ARRAY['classification', 'version', 'updated_at', 'search_text', 'search_tokens'];
    merging text := current_setting('anlan.merging', true);
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'exhibits are never deleted' USING ERRCODE = 'restrict_violation';
    END IF;
    -- A merging names in its transaction from whom to whom it hands over (anlan.ground.enterprises.belongings).
    IF merging = OLD.enterprise_id::text || '>' || NEW.enterprise_id::text THEN
        loose := loose || ARRAY['enterprise_id'];
    END IF;
    IF OLD.subject_type = 'enterprises.enterprise' AND merging = OLD.subject_id::text || '>' || NEW.subject_id::text THEN
        loose := loose || ARRAY['subject_id'];
    END IF;
    -- Bookkeeping may move and the access class may only rise; everything else stays as it was added.
    IF NEW.classification < OLD.classification OR to_jsonb(NEW) - loose IS DISTINCT FROM to_jsonb(OLD) - loose THEN
        RAISE EXCEPTION 'exhibits never change' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
"""

BEFORE = """
CREATE OR REPLACE FUNCTION evidence_exhibit_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'exhibits are never deleted' USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.classification < OLD.classification
       OR to_jsonb(NEW) - ARRAY['classification', 'version', 'updated_at', 'search_text', 'search_tokens']
          IS DISTINCT FROM to_jsonb(OLD) - ARRAY['classification', 'version', 'updated_at', 'search_text', 'search_tokens'] THEN
        RAISE EXCEPTION 'exhibits never change' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("evidence", "0001_initial")]

    operations = [migrations.RunSQL(GUARD, BEFORE)]
