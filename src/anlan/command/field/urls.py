from django.urls import URLPattern, path

from anlan.command.field import views

app_name = "field"
urlpatterns: list[URLPattern] = [
    path("command/field/strangers/", views.strangers, name="strangers"),
]
