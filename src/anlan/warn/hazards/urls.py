from django.urls import URLPattern, path

from anlan.warn.hazards import mapping, quake_views, views

app_name = "hazards"
urlpatterns: list[URLPattern] = [
    path("hazards/", views.nowcast, name="nowcast"),
    path("hazards/features.json", mapping.features, name="features"),
    path("hazards/take/", views.take, name="take"),
    path("hazards/townships/<str:code>/", views.township, name="township"),
    path("hazards/signals/<uuid:signal_id>/", views.signal, name="signal"),
    path("hazards/intakes/<uuid:intake_id>/", views.intake_page, name="intake"),
    path("hazards/quakes/", quake_views.latest, name="latest"),
    path("hazards/quakes/estimate/", quake_views.estimate, name="estimate"),
    path("hazards/quakes/<uuid:quake_id>/", quake_views.quake, name="quake"),
    path("hazards/quakes/<uuid:quake_id>/seconds.json", quake_views.seconds, name="seconds"),
    path("hazards/quakes/<uuid:quake_id>/cancel/", quake_views.cancel, name="cancel"),
    path("hazards/actions/subscribe/", quake_views.subscribe, name="subscribe"),
    path("hazards/actions/<uuid:action_id>/toggle/", quake_views.toggle, name="toggle"),
    path("hazards/orders/<uuid:order_id>/answer/", quake_views.answer, name="answer"),
    path("api/v1/hazards/orders/<uuid:order_id>/answer", quake_views.api_answer, name="api_answer"),
    path("hazards/feeds/<uuid:feed_id>/read/", views.read_feed, name="read_feed"),
    path("hazards/gauges/<uuid:sensor_id>/", views.threshold, name="threshold"),
    path("api/v1/hazards/take", views.api_take, name="api_take"),
]
