from django.urls import URLPattern, path

from anlan.sense.things import views

app_name = "things"
urlpatterns: list[URLPattern] = [
    path("api/sensorthings/v1.1", views.service, name="root"),
    path("api/sensorthings/v1.1/", views.service, name="root-slash"),
    path("api/sensorthings/v1.1/<path:address>", views.service, name="address"),
]
