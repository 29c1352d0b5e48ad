"""The kernel's ideas kept in the database: records, changes, audit, outbox, flow cases, legal clocks, scope."""
