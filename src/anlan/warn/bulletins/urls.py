from django.urls import path

from anlan.warn.bulletins import views

app_name = "bulletins"
urlpatterns = [
    path("warnings/new/", views.create, name="create"),
    path("warnings/<uuid:pk>/", views.detail, name="detail"),
    path("warnings/<uuid:pk>/edit/", views.edit, name="edit"),
    path("warnings/<uuid:pk>/move/<slug:code>/", views.move, name="move"),
    path("warnings/<uuid:pk>/follow/<slug:kind>/", views.follow, name="follow"),
    path("cap/feed.atom", views.feed, name="feed"),
    path("cap/exercise.atom", views.exercise_feed, name="exercise_feed"),
    path("cap/<str:identifier>.xml", views.message, name="message"),
]
