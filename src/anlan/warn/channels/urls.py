from django.urls import path

from anlan.warn.channels import views

app_name = "channels"
urlpatterns = [
    path("channels/banner/", views.banner, name="banner"),
    path("channels/banner/<uuid:pk>/confirm/", views.confirm, name="confirm"),
]
