from django.urls import URLPattern, path

from anlan.ground.organisations import views

app_name = "organisations"
urlpatterns: list[URLPattern] = [
    path("organisations/sectors/", views.sector_list, name="sectors"),
    path("organisations/<uuid:organisation_id>/contacts/", views.contacts, name="contacts"),
    path("organisations/<uuid:organisation_id>/dissolve/", views.dissolve, name="dissolve"),
]
