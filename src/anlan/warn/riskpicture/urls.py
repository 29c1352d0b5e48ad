from django.urls import URLPattern, path

from anlan.warn.riskpicture import views

app_name = "riskpicture"
urlpatterns: list[URLPattern] = [
    path("risk-grades/enterprises/<uuid:enterprise_id>/", views.card, name="card"),
    path("risk-grades/<uuid:grade_id>/", views.grade, name="grade"),
]
