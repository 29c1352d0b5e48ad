from django.urls import path

from anlan.site.demo import views

app_name = "demo"
urlpatterns = [
    path("drill/", views.drill, name="drill"),
    path("drill/start/", views.start, name="start"),
    path("drill/cap/", views.cap, name="cap"),
    path("drill/end/", views.end, name="end"),
    path("drill/play/", views.play, name="play"),
    path("drill/play/<uuid:pk>/cancel/", views.call_off, name="call_off"),
]
