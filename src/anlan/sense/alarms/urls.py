from django.urls import URLPattern, path

from anlan.sense.alarms import views

app_name = "alarms"
urlpatterns: list[URLPattern] = [
    path("alarms/open/", views.desk_page, name="desk"),
    path("alarms/<uuid:alarm_id>/", views.alarm_page, name="detail"),
    path("alarms/<uuid:alarm_id>/acknowledge/", views.acknowledge, name="acknowledge"),
    path("alarms/<uuid:alarm_id>/notes/", views.add_note, name="add_note"),
]
