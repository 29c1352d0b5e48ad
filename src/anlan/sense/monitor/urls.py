from django.urls import URLPattern, path

from anlan.sense.monitor import planpages, sources, views, weather

app_name = "monitor"
urlpatterns: list[URLPattern] = [
    path("monitor/weather.json", weather.weather_features, name="weather"),
    path("monitor/points/", views.points_page, name="points"),
    path("monitor/points/rows/", views.rows_data, name="rows"),
    path("monitor/points/levels/", views.levels_data, name="levels"),
    path("monitor/curves/", views.curves_data, name="curves"),
    path("monitor/table/", views.table_page, name="table"),
    path("monitor/export/", views.export, name="export"),
    path("monitor/compare/", views.compare_page, name="compare"),
    path("monitor/compare/figures/", views.statistics_part, name="statistics"),
    path("monitor/enterprises/<uuid:enterprise_id>/", planpages.plan_page, name="plan"),
    path("monitor/enterprises/<uuid:enterprise_id>/place/", planpages.place, name="place"),
    path("monitor/enterprises/<uuid:enterprise_id>/readings/", sources.readings_part, name="readings"),
]
