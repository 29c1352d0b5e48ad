"""Preventing accidents: hazard sources graded, hidden dangers closed."""
