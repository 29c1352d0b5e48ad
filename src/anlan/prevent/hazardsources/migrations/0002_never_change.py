"""Inventories and assessments are kept as they were written: PostgreSQL itself refuses to change or remove them."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION hazard_row_never_changes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a row of % is never changed or removed', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER hazard_inventory_never_changes BEFORE UPDATE OR DELETE ON hazardsources_inventoryversion
    FOR EACH ROW EXECUTE FUNCTION hazard_row_never_changes();
CREATE TRIGGER hazard_assessment_never_changes BEFORE UPDATE OR DELETE ON hazardsources_assessment
    FOR EACH ROW EXECUTE FUNCTION hazard_row_never_changes();
"""
BACKWARD = """
DROP TRIGGER hazard_assessment_never_changes ON hazardsources_assessment;
DROP TRIGGER hazard_inventory_never_changes ON hazardsources_inventoryversion;
DROP FUNCTION hazard_row_never_changes();
"""


class Migration(migrations.Migration):
    dependencies = [("hazardsources", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
