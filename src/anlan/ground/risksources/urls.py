from django.urls import URLPattern

app_name = "risksources"
urlpatterns: list[URLPattern] = []
