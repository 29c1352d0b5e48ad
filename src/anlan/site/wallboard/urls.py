from django.urls import URLPattern, path

from anlan.site.wallboard import views

app_name = "wallboard"
urlpatterns: list[URLPattern] = [
    path("wall/", views.wall, name="wall"),
    path("wall/alarms/", views.alarms_column, name="alarms"),
    path("wall/cases/", views.cases_column, name="cases"),
]
