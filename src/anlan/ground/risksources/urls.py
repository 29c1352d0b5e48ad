from django.urls import URLPattern, path

from anlan.ground.risksources import views

app_name = "risksources"
urlpatterns: list[URLPattern] = [
    path("risksources/new/", views.choose_enterprise, name="new"),
    path("risksources/<uuid:source_id>/", views.file_page, name="file"),
    path("risksources/<uuid:source_id>/edit/", views.change, name="change"),
    path("enterprises/<uuid:enterprise_id>/risksources/new/", views.choose_kind, name="choose_kind"),
    path("enterprises/<uuid:enterprise_id>/risksources/new/<str:kind>/", views.register, name="register"),
]
