from django.urls import URLPattern, path

from anlan.sense.video import api, views, wall

app_name = "video"
urlpatterns: list[URLPattern] = [
    path("cameras/wall/", wall.wall_page, name="wall"),
    path("cameras/<uuid:camera_id>/", views.camera_page, name="camera"),
    path("cameras/<uuid:camera_id>/picture/", views.picture, name="picture"),
    path("intake/video/events/", api.take_events, name="take_events"),
    path("intake/video/snapshots/", api.take_snapshot, name="take_snapshot"),
]
