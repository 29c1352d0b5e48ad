"""Every room of the house that Django knows, bottom-up."""

ROOMS: tuple[str, ...] = (
    "anlan.ledger",
    "anlan.desk",
    "anlan.ground.places",
    "anlan.ground.organisations",
    "anlan.ground.people",
    "anlan.ground.enterprises",
    "anlan.ground.risksources",
    "anlan.ground.evidence",
    "anlan.sense.devices",
    "anlan.sense.stream",
    "anlan.sense.uplink",
    "anlan.sense.alarms",
    "anlan.sense.completeness",
    "anlan.sense.patrol",
    "anlan.warn.bulletins",
    "anlan.warn.channels",
    "anlan.report.filings",
    "anlan.command.duty",
    "anlan.command.incidents",
    "anlan.command.plans",
)
