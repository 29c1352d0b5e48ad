"""Pages of people: sign-in, one's own account, administration of accounts, audit log."""
