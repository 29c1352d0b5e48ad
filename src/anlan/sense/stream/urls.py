from django.urls import URLPattern, path

from anlan.sense.stream import views

app_name = "stream"
urlpatterns: list[URLPattern] = [path("sense/quarantine/", views.quarantine_page, name="quarantine")]
