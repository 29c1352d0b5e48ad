from django.urls import URLPattern, path

from anlan.sense.opinion import views

app_name = "opinion"
urlpatterns: list[URLPattern] = [
    path("opinion/topics/<uuid:topic_id>/", views.topic, name="topic"),
    path("opinion/topics/<uuid:topic_id>/arrange/", views.arrange, name="arrange"),
    path("opinion/topics/<uuid:topic_id>/undo/<uuid:arrangement_id>/", views.undo, name="undo"),
    path("opinion/topics/<uuid:topic_id>/settle/", views.settle, name="settle"),
    path("opinion/topics/<uuid:topic_id>/judge/", views.judge, name="judge"),
    path("opinion/topics/<uuid:topic_id>/link/", views.link, name="link"),
    path("opinion/posts/<uuid:post_id>/", views.post, name="post"),
    path("opinion/posts/<uuid:post_id>/erase/", views.erase, name="erase"),
    path("api/v1/opinion/posts", views.api_posts, name="api_posts"),
]
