from django.urls import path

from anlan.command.incidents import views

app_name = "incidents"
urlpatterns = [
    path("incidents/new/", views.create, name="create"),
    path("incidents/<uuid:pk>/", views.detail, name="detail"),
    path("incidents/<uuid:pk>/propose/", views.propose, name="propose"),
    path("incidents/<uuid:pk>/responses/<uuid:response>/<slug:code>/", views.respond, name="respond"),
    path("incidents/<uuid:pk>/order/", views.order, name="order"),
    path("incidents/<uuid:pk>/tasks/<uuid:task>/<slug:code>/", views.task_move, name="task_move"),
    path("incidents/<uuid:pk>/note/", views.note, name="note"),
    path("incidents/<uuid:pk>/close/", views.close, name="close"),
    path("incidents/<uuid:pk>/timeline/", views.show_timeline, name="timeline"),
    path("incidents/<uuid:pk>/timeline.pdf", views.timeline_pdf, name="timeline_pdf"),
]
