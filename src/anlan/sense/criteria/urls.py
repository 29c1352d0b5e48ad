from django.urls import path

from anlan.sense.criteria import views

app_name = "criteria"
urlpatterns = [
    path("criteria/new/", views.begin, name="create"),
    path("criteria/templates/", views.templates, name="templates"),
    path("criteria/templates/<slug:code>/", views.apply, name="apply"),
    path("criteria/<uuid:pk>/edit/", views.change, name="change"),
    path("criteria/<uuid:pk>/follow-up/", views.follow_up, name="follow_up"),
    path("criteria/<uuid:pk>/replay/", views.replay, name="replay"),
    path("criteria/<uuid:pk>/replays/", views.replays, name="replays"),
    path("criteria/<uuid:pk>/suppress/", views.suppress, name="suppress"),
    path("criteria-replays/<uuid:pk>/cancel/", views.cancel_replay, name="cancel_replay"),
    path("criteria-suppressions/<uuid:pk>/end/", views.end_suppression, name="end_suppression"),
]
