"""For other systems: records as OGC API features, as vector tiles with a style, and results of models as picture tiles (OGC 17-069r4, 18-058r1, 20-057, 07-057r7)."""
