from django.urls import URLPattern, path

from anlan.command.plotting import views

app_name = "plotting"
urlpatterns: list[URLPattern] = [
    path("plotting/new/", views.create, name="create"),
    path("plotting/features.json", views.map_features, name="features"),
    path("plotting/<uuid:board_id>/", views.board_page, name="board"),
    path("plotting/<uuid:board_id>/setup/", views.set_up, name="set_up"),
    path("plotting/<uuid:board_id>/close/", views.close, name="close"),
    path("plotting/<uuid:board_id>/state/", views.state, name="state"),
    path("plotting/<uuid:board_id>/updates/", views.updates, name="updates"),
    path("plotting/<uuid:board_id>/presence/", views.presence, name="presence"),
    path("plotting/<uuid:board_id>/then/", views.then, name="then"),
    path("plotting/<uuid:board_id>/history/", views.history, name="history"),
    path("plotting/<uuid:board_id>/export.geojson", views.export, {"form": "geojson"}, name="geojson"),
    path("plotting/<uuid:board_id>/export.kml", views.export, {"form": "kml"}, name="kml"),
]
