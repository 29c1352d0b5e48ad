"""Addresses of the map, part of the desk's own list."""

from django.urls import URLPattern, path, register_converter

from anlan.desk.mapping import areaviews, tileviews, views


class LayerCode:
    """The code of a layer; outlines of places have an address of their own."""

    regex = r"(?!places/)[-a-z0-9_]+"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(LayerCode, "layer")

map_urls: list[URLPattern] = [
    path("map/", views.map_page, name="map"),
    path("map/config.json", views.config, name="map_config"),
    path("map/counties.json", views.county_figures, name="map_counties"),
    path("map/panel/", views.panel, name="map_panel"),
    path("map/object/<slug:layer>/<str:key>/", views.picked, name="map_picked"),
    path("map/select/", areaviews.select, name="map_select"),
    path("map/export/<layer:layer>/", areaviews.export, name="map_export"),
    path("tiles/<layer:layer>/<int:z>/<int:x>/<int:y>.mvt", tileviews.layer_tile, name="map_tile"),
]
