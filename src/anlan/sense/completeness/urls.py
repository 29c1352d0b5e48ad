from django.urls import URLPattern, path

from anlan.sense.completeness import views

app_name = "completeness"
urlpatterns: list[URLPattern] = [
    path("sense/completeness/<uuid:day_id>/", views.day_page, name="day"),
    path("sense/completeness/<uuid:day_id>/proof.json", views.day_proof, name="proof"),
    path("sense/gaps/<uuid:gap_id>/", views.gap_page, name="gap"),
    path("sense/gaps/<uuid:gap_id>/ask/", views.ask, name="ask"),
    path("sense/intervals/<uuid:sensor_id>/", views.declare, name="declare"),
    path("sense/retention/", views.retention_page, name="retention"),
]
