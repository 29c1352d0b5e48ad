from django.urls import path

from anlan.command.contact import views

app_name = "contact"
urlpatterns = [
    path("contact/", views.directory, name="directory"),
    path("contact/groups/new/", views.group, name="group"),
    path("contact/notices/new/", views.compose, name="compose"),
    path("contact/rolls/new/", views.roll, name="roll"),
    path("contact/rolls/statistics/", views.statistics, name="statistics"),
    path("contact/notices/<uuid:pk>/", views.detail, name="detail"),
    path("contact/notices/<uuid:pk>/do/<slug:code>/", views.act, name="act"),
    path("contact/notices/<uuid:pk>/lines/<uuid:line>/call/", views.call, name="call"),
    path("contact/received/", views.received, name="received"),
    path("contact/received/<uuid:pk>/", views.receive, name="receive"),
    path("contact/received/<uuid:pk>/files/<uuid:exhibit>/", views.enclosure, name="enclosure"),
    path("contact/received/<uuid:pk>/confirm/", views.confirm, name="confirm"),
]
