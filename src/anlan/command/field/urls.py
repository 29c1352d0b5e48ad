from django.urls import URLPattern, path

from anlan.command.field import views

app_name = "field"
urlpatterns: list[URLPattern] = [
    path("command/field/strangers/", views.strangers, name="strangers"),
    path("command/field/calls/", views.calls, name="calls"),
    path("command/field/calls/<uuid:call_id>/take/", views.take_call, name="take_call"),
    path("command/field/calls/<uuid:call_id>/end/", views.end_call, name="end_call"),
    path("command/field/marks.json", views.marks, name="marks"),
    path("command/field/marks/<uuid:mark_id>/", views.mark, name="mark"),
    path("command/field/<uuid:unit_id>/say/", views.say, name="say"),
]
