from django.urls import URLPattern

from anlan.desk.frame_urls import frame_urls

app_name = "desk"
urlpatterns: list[URLPattern] = [*frame_urls]
