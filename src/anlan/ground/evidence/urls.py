from django.urls import URLPattern, path

from anlan.ground.evidence import views

app_name = "evidence"
urlpatterns: list[URLPattern] = [
    path("evidence/of/<str:subject_type>/<uuid:subject_id>/", views.panel, name="panel"),
    path("evidence/of/<str:subject_type>/<uuid:subject_id>/attach/", views.attach, name="attach"),
    path("evidence/<uuid:exhibit_id>/file/", views.download, name="file"),
    path("evidence/<uuid:exhibit_id>/raise-class/", views.raise_class, name="raise_class"),
]
