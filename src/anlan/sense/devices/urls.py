from django.urls import URLPattern, path, re_path

from anlan.sense.devices import views

app_name = "devices"
_UUID = "[0-9a-f-]{36}"
urlpatterns: list[URLPattern] = [
    path("devices/<uuid:device_id>/", views.device_page, name="device"),
    path("devices/<uuid:device_id>/sensors/new/", views.add_sensor, name="add_sensor"),
    path("devices/<uuid:device_id>/maintenance/new/", views.maintenance_page, name="maintenance"),
    path("sensors/<uuid:sensor_id>/", views.sensor_page, name="sensor"),
    path("sensors/<uuid:sensor_id>/curve/", views.sensor_curve, name="sensor_curve"),
    path("sensors/<uuid:sensor_id>/thresholds/", views.thresholds_page, name="thresholds"),
    path("enterprises/<uuid:enterprise_id>/points/", views.enterprise_points, name="enterprise_points"),
    path("enterprises/<uuid:enterprise_id>/devices/new/", views.add_device, name="add_device"),
    path("enterprises/<uuid:enterprise_id>/credentials/", views.credentials_page, name="credentials"),
    re_path(rf"^credentials/(?P<credential_id>{_UUID})/(?P<verb>rotate|revoke)/$", views.credential_verb, name="credential_verb"),
]
