from django.urls import path

from anlan.command.minerescue import views

app_name = "minerescue"
urlpatterns = [
    path("incidents/<uuid:incident>/mine-rescue/", views.open_operation, name="open"),
    path("mine-rescue/<uuid:pk>/", views.detail, name="detail"),
    path("mine-rescue/<uuid:pk>/record/", views.record, name="record"),
    path("mine-rescue/<uuid:pk>/network/", views.network_page, name="network"),
    path("mine-rescue/<uuid:pk>/report/", views.report, name="report"),
    path("mine-rescue/<uuid:pk>/squads/", views.squad, name="squad"),
    path("mine-rescue/<uuid:pk>/squads/<uuid:squad>/<slug:code>/", views.squad_duty, name="squad_duty"),
    path("mine-rescue/<uuid:pk>/enter/", views.enter, name="enter"),
    path("mine-rescue/<uuid:pk>/entries/<uuid:entry>/<slug:code>/", views.entry_move, name="entry_move"),
    path("mine-rescue/<uuid:pk>/holds/<uuid:hold>/lift/", views.lift, name="lift"),
    path("mine-rescue/<uuid:pk>/do/<slug:code>/", views.act, name="act"),
]
