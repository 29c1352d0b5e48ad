from django.urls import URLPattern, path

from anlan.ground.roads import api, views

app_name = "roads"
urlpatterns: list[URLPattern] = [
    path("roads/", views.overview, name="overview"),
    path("roads/import/", views.import_page, name="import"),
    path("roads/networks/<uuid:network_id>/", views.network_page, name="network"),
    path("roads/networks/<uuid:network_id>/enact/", views.enact, name="enact"),
    path("roads/networks/<uuid:network_id>/decide/", views.decide, name="decide"),
    path("roads/closures/<uuid:closure_id>/", views.closure_page, name="closure"),
    path("roads/closures/<uuid:closure_id>/open/", views.open_closure, name="open"),
    path("api/v1/roads/route", api.route, name="api_route"),
    path("api/v1/roads/isochrone", api.isochrone, name="api_isochrone"),
    path("api/v1/roads/arrivals", api.arrivals, name="api_arrivals"),
    path("api/v1/roads/closed", api.closed, name="api_closed"),
    path("roads/tiles/<int:z>/<int:x>/<int:y>.mvt", api.tile, name="tile"),
]
