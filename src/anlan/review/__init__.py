"""Looking back: what happened, what it says of the work, and what is to be better next time."""
