from django.urls import URLPattern, path, re_path

from anlan.sense.devices import calibrationpages, exercisepages, fieldpages, views

app_name = "devices"
_UUID = "[0-9a-f-]{36}"
urlpatterns: list[URLPattern] = [
    path("devices/<uuid:device_id>/", views.device_page, name="device"),
    path("devices/<uuid:device_id>/sensors/new/", views.add_sensor, name="add_sensor"),
    path("devices/<uuid:device_id>/maintenance/new/", views.maintenance_page, name="maintenance"),
    path("devices/<uuid:device_id>/addresses/new/", fieldpages.add_address, name="add_address"),
    path("device-addresses/<uuid:address_id>/", fieldpages.address_page, name="address"),
    path("device-addresses/<uuid:address_id>/change/", fieldpages.change_address, name="change_address"),
    path("device-addresses/<uuid:address_id>/key/", fieldpages.address_key, name="address_key"),
    re_path(
        rf"^device-addresses/(?P<address_id>{_UUID})/(?P<verb>rotate|remove|forget_key)/$", fieldpages.address_verb, name="address_verb"
    ),
    path("device-maintenance/<uuid:window_id>/end/", calibrationpages.end_maintenance, name="end_maintenance"),
    path("enterprises/<uuid:enterprise_id>/exercise/new/", exercisepages.announce_exercise, name="exercise"),
    path("exercises/<uuid:announcement>/end/", exercisepages.end_exercise, name="end_exercise"),
    path("sensors/<uuid:sensor_id>/calibrations/", calibrationpages.calibrations_page, name="calibrations"),
    path("sensors/<uuid:sensor_id>/calibrations/new/", calibrationpages.record_calibration, name="record_calibration"),
    path("sensors/<uuid:sensor_id>/calibrations/interval/", calibrationpages.calibration_interval, name="calibration_interval"),
    path("sensors/<uuid:sensor_id>/", views.sensor_page, name="sensor"),
    path("sensors/<uuid:sensor_id>/curve/", views.sensor_curve, name="sensor_curve"),
    path("sensors/<uuid:sensor_id>/thresholds/", views.thresholds_page, name="thresholds"),
    path("enterprises/<uuid:enterprise_id>/points/", views.enterprise_points, name="enterprise_points"),
    path("enterprises/<uuid:enterprise_id>/devices/new/", views.add_device, name="add_device"),
    path("enterprises/<uuid:enterprise_id>/credentials/", views.credentials_page, name="credentials"),
    re_path(rf"^credentials/(?P<credential_id>{_UUID})/(?P<verb>rotate|revoke|quota)/$", views.credential_verb, name="credential_verb"),
]
