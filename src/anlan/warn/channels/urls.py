from django.urls import path

from anlan.warn.channels import views

app_name = "channels"
urlpatterns = [
    path("channels/banner/", views.banner, name="banner"),
    path("channels/banner/<uuid:pk>/confirm/", views.confirm, name="confirm"),
    path("channels/calls/", views.calls, name="calls"),
    path("channels/calls/<uuid:pk>/attempt/", views.attempt, name="attempt"),
    path("channels/<uuid:pk>/monitor/", views.monitor_page, name="monitor"),
    path("channels/<uuid:pk>/stop/", views.stop, name="stop"),
    path("channels/receipts/<uuid:pk>/", views.receipts, name="receipts"),
]
