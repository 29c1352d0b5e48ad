from django.urls import path

from anlan.warn.channels import link_views, views

app_name = "channels"
urlpatterns = [
    path("channels/banner/", views.banner, name="banner"),
    path("channels/banner/<uuid:pk>/confirm/", views.confirm, name="confirm"),
    path("channels/calls/", views.calls, name="calls"),
    path("channels/calls/<uuid:pk>/attempt/", views.attempt, name="attempt"),
    path("channels/<uuid:pk>/monitor/", views.monitor_page, name="monitor"),
    path("channels/<uuid:pk>/stop/", views.stop, name="stop"),
    path("channels/<uuid:pk>/deliveries.csv", views.deliveries, name="deliveries"),
    path("carriers/<uuid:pk>/test/", views.try_out, name="try_out"),
    path("k/<str:token>/", link_views.call_link, name="call_link"),
    path("k/<str:token>/<uuid:pk>/", link_views.call_link_attempt, name="call_link_attempt"),
    path("channels/receipts/<uuid:pk>/", views.receipts, name="receipts"),
]
