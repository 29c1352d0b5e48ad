from django.urls import path

from anlan.warn.bulletins import area_views, public_views, views

app_name = "bulletins"
urlpatterns = [
    path("warnings/new/", views.create, name="create"),
    path("warnings/area/", area_views.check, name="area"),
    path("warnings/<uuid:pk>/", views.detail, name="detail"),
    path("warnings/<uuid:pk>/edit/", views.edit, name="edit"),
    path("warnings/<uuid:pk>/move/<slug:code>/", views.move, name="move"),
    path("warnings/<uuid:pk>/follow/<slug:kind>/", views.follow, name="follow"),
    path("cap/feed.atom", public_views.feed, name="feed"),
    path("cap/exercise.atom", public_views.exercise_feed, name="exercise_feed"),
    path("cap/feed.rss", public_views.rss, name="rss"),
    path("cap/certificate.pem", public_views.certificate, name="certificate"),
    path("cap/<str:identifier>/<uuid:exhibit_id>", public_views.attachment, name="attachment"),
    path("cap/<str:identifier>.cn.xml", public_views.chinese_message, name="chinese_message"),
    path("cap/<str:identifier>.xml", public_views.message, name="message"),
]
