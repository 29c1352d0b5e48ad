from django.urls import URLPattern, path

from anlan.sense.uplink import views

app_name = "uplink"
urlpatterns: list[URLPattern] = [path("api/uplink/v1/<str:device>", views.readings, name="readings")]
