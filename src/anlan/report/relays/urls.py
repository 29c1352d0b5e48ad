from django.urls import path

from anlan.report.relays import machine_views

app_name = "relays"
urlpatterns = [
    path("relay/identity/", machine_views.identity, name="identity"),
    path("relay/join/", machine_views.join, name="join"),
    path("relay/exchange/", machine_views.exchange, name="exchange"),
]
