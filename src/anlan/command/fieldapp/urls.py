from django.urls import path

from anlan.command.fieldapp import views

app_name = "fieldapp"
urlpatterns = [
    path("app/", views.home, name="home"),
    path("app/manifest.webmanifest", views.manifest, name="manifest"),
    path("app/install/", views.install, name="install"),
    path("app/position/", views.position, name="position"),
    path("app/check-in/", views.check_in, name="check_in"),
    path("app/tasks/<uuid:task>/<slug:code>/", views.task_step, name="task_step"),
    path("app/reports/", views.send, name="send"),
    path("app/reports/<uuid:once>/pictures/", views.add_picture, name="picture"),
    path("field-reports/<uuid:pk>/", views.report, name="report"),
    path("field-reports/<uuid:pk>/<slug:code>/", views.move, name="move"),
]
