"""Addresses of the interface for other systems, all below ``/ogc/``."""

from django.urls import URLPattern, path

from anlan.desk.features import tileviews, views

app_name = "ogc"
urlpatterns: list[URLPattern] = [
    path("ogc/", views.landing, name="landing"),
    path("ogc/conformance", views.conformance, name="conformance"),
    path("ogc/api", views.api, name="api"),
    path("ogc/collections", views.collections, name="collections"),
    path("ogc/collections/<slug:code>", views.collection, name="collection"),
    path("ogc/collections/<slug:code>/items", views.items, name="items"),
    path("ogc/collections/<slug:code>/items/<str:key>", views.item, name="item"),
    path("ogc/collections/<slug:code>/tiles", tileviews.tilesets, name="tilesets"),
    path("ogc/collections/<slug:code>/tiles/WebMercatorQuad", tileviews.tileset, name="tileset"),
    path("ogc/collections/<slug:code>/tiles/WebMercatorQuad/tile.json", tileviews.tilejson, name="tilejson"),
    path("ogc/collections/<slug:code>/tiles/WebMercatorQuad/<int:z>/<int:row>/<int:col>", tileviews.tile, name="tile"),
    path("ogc/tileMatrixSets/WebMercatorQuad", tileviews.matrix_set, name="matrix_set"),
    path("ogc/styles/default", tileviews.style, name="style"),
    path("ogc/results/wmts", tileviews.wmts, name="wmts"),
    path("ogc/results/<slug:run>/<slug:layer>/legend.png", tileviews.legend, name="legend"),
    path("ogc/results/<slug:run>/<slug:layer>/WebMercatorQuad/<int:z>/<int:row>/<int:col>.png", tileviews.result_tile, name="result_tile"),
]
