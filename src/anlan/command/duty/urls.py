from django.urls import path

from anlan.command.duty import call_views, quality_views, report_views, rota_views, swap_views, views

app_name = "duty"
urlpatterns = [
    path("duty/", views.desk, name="desk"),
    path("duty/part/<slug:name>/", views.part, name="part"),
    path("duty/alarms/<uuid:pk>/acknowledge/", views.acknowledge, name="acknowledge"),
    path("duty/rings/<uuid:pk>/answer/", views.answer, name="answer"),
    path("duty/calls/new/", call_views.begin, name="call_begin"),
    path("duty/calls/<uuid:pk>/page/", call_views.show, name="call"),
    path("duty/calls/<uuid:pk>/keep/", call_views.keep, name="call_keep"),
    path("duty/calls/<uuid:pk>/finish/<slug:code>/", call_views.finish, name="call_finish"),
    path("duty/reports/new/", report_views.new, name="report_new"),
    path("duty/reports/<uuid:pk>/", report_views.show, name="report"),
    path("duty/reports/<uuid:pk>/paper/", report_views.paper, name="report_paper"),
    path("duty/reports/<uuid:pk>/<slug:code>/", report_views.move, name="report_move"),
    path("duty/quality/", quality_views.month, name="quality"),
    path("duty/log/", views.log, name="log"),
    path("duty/roster/", views.roster, name="roster"),
    path("duty/rota/new/", rota_views.create, name="rota_create"),
    path("duty/rota/<uuid:pk>/", rota_views.show, name="rota"),
    path("duty/rota/<uuid:pk>/edit/", rota_views.edit, name="rota_edit"),
    path("duty/rota/<uuid:pk>/publish/", rota_views.publish, name="rota_publish"),
    path("duty/mine/", swap_views.mine, name="mine"),
    path("duty/mine.ics", swap_views.calendar, name="calendar"),
    path("duty/swaps/<uuid:pk>/", swap_views.swap, name="swap"),
    path("duty/swaps/<uuid:pk>/<slug:code>/", swap_views.swap_move, name="swap_move"),
    path("duty/handover/", views.hand_over, name="hand_over"),
    path("duty/handover/<uuid:pk>/", views.handover, name="handover"),
    path("duty/handover/<uuid:pk>/<slug:code>/", views.handover_move, name="handover_move"),
]
