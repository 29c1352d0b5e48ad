"""Known ground: places, organisations, people, enterprises, risk sources, evidence."""
