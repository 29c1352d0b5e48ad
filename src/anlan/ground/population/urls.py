from django.urls import URLPattern, path

from anlan.ground.population import views

app_name = "population"
urlpatterns: list[URLPattern] = [
    path("population/sources/new/", views.import_page, name="import"),
    path("population/sources/<uuid:source_id>/", views.source_page, name="source"),
    path("population/sources/<uuid:source_id>/withdraw/", views.withdraw, name="withdraw"),
    path("population/features.json", views.features, name="features"),
    path("population/presence/", views.presence_page, name="presence"),
]
