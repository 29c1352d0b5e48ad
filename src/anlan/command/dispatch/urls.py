from django.urls import path

from anlan.command.dispatch import views

app_name = "dispatch"
urlpatterns = [
    path("incidents/<uuid:incident>/aid/new/", views.ask, name="ask"),
    path("aid/<uuid:pk>/", views.show_request, name="request"),
    path("aid/<uuid:pk>/<slug:code>/", views.request_move, name="request_move"),
    path("aid/<uuid:pk>/answers/<uuid:answer>/<slug:code>/", views.say, name="say"),
    path("aid-answers/<uuid:pk>/", views.show_answer, name="answer"),
    path("aid-answers/<uuid:pk>/<slug:code>/", views.answer_move, name="answer_move"),
    path("incidents/<uuid:incident>/scene/", views.show_scene, name="scene"),
    path("incidents/<uuid:incident>/scene/enter/", views.enter, name="enter"),
    path("incidents/<uuid:incident>/scene/signal/", views.signal, name="signal"),
    path("scene/<uuid:pk>/revoke/", views.revoke, name="revoke"),
    path("scene/people/<uuid:pk>/<slug:code>/", views.presence_move, name="presence_move"),
]
