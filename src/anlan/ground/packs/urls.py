from django.urls import URLPattern, path

from anlan.ground.packs import views

app_name = "packs"
urlpatterns: list[URLPattern] = [
    path("packs/", views.pack_list, name="list"),
    path("packs/<slug:code>/", views.pack_page, name="pack"),
    path("enterprises/<uuid:enterprise_id>/sector/", views.mark, name="mark"),
    path("enterprises/<uuid:enterprise_id>/sector/<slug:code>/", views.fill, name="fill"),
]
