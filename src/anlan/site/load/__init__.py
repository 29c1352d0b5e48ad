"""The load tool: equipment in great number that behaves like real equipment, well or badly, in a process of its own."""
