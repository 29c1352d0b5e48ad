from django.urls import URLPattern, path

from anlan.sense.alarms import desk, mapping, reports, views

app_name = "alarms"
urlpatterns: list[URLPattern] = [
    path("alarms/map.json", mapping.map_features, name="map_features"),
    path("alarms/open/", desk.desk_page, name="desk"),
    path("alarms/groups/<str:by>/<uuid:key>/acknowledge/", desk.acknowledge_group, name="acknowledge_group"),
    path("alarms/statistics/", reports.statistics_page, name="statistics"),
    path("alarms/nuisances/", reports.nuisance_page, name="nuisances"),
    path("alarms/rules/", reports.rules_page, name="rules"),
    path("alarms/apart/", reports.apart_page, name="apart"),
    path("alarms/apart/again/", reports.take_again, name="take_again"),
    path("alarms/<uuid:alarm_id>/", views.alarm_page, name="detail"),
    path("alarms/<uuid:alarm_id>/acknowledge/", views.acknowledge, name="acknowledge"),
    path("alarms/<uuid:alarm_id>/notes/", views.add_note, name="add_note"),
    path("alarms/<uuid:alarm_id>/reset/", views.reset, name="reset"),
    path("alarms/<uuid:alarm_id>/shelve/", views.shelve, name="shelve"),
    path("alarms/<uuid:alarm_id>/review/", views.review, name="review"),
]
