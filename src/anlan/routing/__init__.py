"""Roads as a graph: how a net of roads is read from files, how fast each vehicle goes on it, and who arrives where and when.

A pure library beside :mod:`anlan.consequence`: numpy, scipy and shapely, no Django, no clock. Coordinates are (longitude, latitude) in degrees of
CGCS2000 or WGS-84. Heavy libraries are imported where they are used, so that importing a module costs nothing.
"""
