from django.urls import URLPattern, path

from anlan.site.wallboard import risk, views

app_name = "wallboard"
urlpatterns: list[URLPattern] = [
    path("wall/", views.wall, name="wall"),
    path("wall/alarms/", views.alarms_column, name="alarms"),
    path("wall/cases/", views.cases_column, name="cases"),
    path("wall/risk/", risk.wall, name="risk"),
    path("wall/risk/worst/", risk.worst_column, name="risk_worst"),
    path("wall/risk/regions/", risk.regions_column, name="risk_regions"),
]
