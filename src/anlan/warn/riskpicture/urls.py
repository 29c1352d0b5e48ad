from django.urls import URLPattern, path

from anlan.warn.riskpicture import views

app_name = "riskpicture"
urlpatterns: list[URLPattern] = [
    path("risk-picture/", views.league, name="league"),
    path("risk-picture/indices/", views.index_list, name="indices"),
    path("risk-picture/indices/<uuid:version_id>/", views.version, name="version"),
    path("risk-picture/indices/<uuid:version_id>/copy/", views.copy, name="copy"),
    path("risk-picture/indices/<uuid:version_id>/change/<slug:table>/", views.alter, name="alter"),
    path("risk-picture/indices/<uuid:version_id>/test/", views.test, name="test"),
    path("risk-picture/indices/<uuid:version_id>/enact/", views.enact, name="enact"),
    path("risk-picture/runs/<uuid:run_id>/cancel/", views.cancel, name="cancel"),
    path("risk-grades/enterprises/<uuid:enterprise_id>/", views.card, name="card"),
    path("risk-grades/<uuid:grade_id>/", views.grade, name="grade"),
]
