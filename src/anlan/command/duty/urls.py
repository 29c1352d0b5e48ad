from django.urls import path

from anlan.command.duty import views

app_name = "duty"
urlpatterns = [
    path("duty/", views.desk, name="desk"),
    path("duty/part/<slug:name>/", views.part, name="part"),
    path("duty/alarms/<uuid:pk>/acknowledge/", views.acknowledge, name="acknowledge"),
    path("duty/log/", views.log, name="log"),
    path("duty/roster/", views.roster, name="roster"),
    path("duty/handover/", views.hand_over, name="hand_over"),
    path("duty/handover/<uuid:pk>/", views.handover, name="handover"),
    path("duty/handover/<uuid:pk>/<slug:code>/", views.handover_move, name="handover_move"),
]
