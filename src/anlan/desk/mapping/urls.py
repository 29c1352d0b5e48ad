"""Addresses of the map, part of the desk's own list."""

from django.urls import URLPattern, path

from anlan.desk.mapping import views

map_urls: list[URLPattern] = [
    path("map/", views.map_page, name="map"),
    path("map/counties.json", views.county_figures, name="map_counties"),
    path("map/panel/", views.panel, name="map_panel"),
    path("map/object/<slug:layer>/<str:key>/", views.picked, name="map_picked"),
]
