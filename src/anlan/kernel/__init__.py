"""Pure foundations: clock, ids, errors, flow, levels, access, audit chain, events, geometry. No Django here."""
