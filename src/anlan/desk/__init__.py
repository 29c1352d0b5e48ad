"""List, detail, form, to-do, search, export, map-layer and wallboard mechanics."""
