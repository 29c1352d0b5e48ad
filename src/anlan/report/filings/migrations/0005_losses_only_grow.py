"""Entries of the ledger of losses take additions only; reports that exist get the standards of the day of their event (GB 6441, GB 6721)."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION filings_filingloss_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of filings_filingloss are never changed or removed' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER filings_filingloss_append_only BEFORE UPDATE OR DELETE ON filings_filingloss
    FOR EACH ROW EXECUTE FUNCTION filings_filingloss_append_only();
UPDATE filings_filing SET
    type_standard = CASE WHEN (occurred_at AT TIME ZONE 'Asia/Shanghai')::date < '2026-07-01' THEN 'GB 6441-1986' ELSE 'GB 6441-2025' END,
    loss_standard = CASE WHEN (occurred_at AT TIME ZONE 'Asia/Shanghai')::date < '2026-07-01' THEN 'GB/T 6721-1986' ELSE 'GB 6721-2025' END
    WHERE kind <> 'natural_disaster' AND (occurred_at AT TIME ZONE 'Asia/Shanghai')::date >= '2007-06-01';
"""
BACKWARD = """
DROP TRIGGER filings_filingloss_append_only ON filings_filingloss;
DROP FUNCTION filings_filingloss_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("filings", "0004_types_losses_flashes")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
