"""The map page 一张图: registry of layers, county figures, the panel beside the map."""
