from django.urls import path

from anlan.command.incidents import pages, views

app_name = "incidents"
urlpatterns = [
    path("incidents/new/", views.create, name="create"),
    path("incidents/my-tasks/", pages.mine, name="mine"),
    path("incidents/<uuid:pk>/forces/", pages.forces, name="forces"),
    path("incidents/<uuid:pk>/board/", pages.board, name="board"),
    path("incidents/<uuid:pk>/structure/", pages.structure, name="structure"),
    path("incidents/<uuid:pk>/structure/appoint/", pages.appoint, name="appoint"),
    path("incidents/<uuid:pk>/structure/offer/", pages.offer, name="offer"),
    path("incidents/<uuid:pk>/structure/<uuid:transfer>/<slug:code>/", pages.answer, name="answer"),
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
