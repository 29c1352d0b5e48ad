from django.urls import URLPattern, path

from anlan.command.modelling import views

app_name = "modelling"
urlpatterns: list[URLPattern] = [
    path("models/", views.list_page, name="list"),
    path("models/<str:code>/", views.model_page, name="model"),
    path("api/v1/models/", views.api_list, name="api_list"),
    path("api/v1/models/<str:code>/", views.api_one, name="api_one"),
    path("api/v1/models/<str:code>/run", views.api_run, name="api_run"),
]
