from django.urls import path

from anlan.command.plans import import_views, law_views, views

app_name = "plans"
urlpatterns = [
    path("plans/owed/", law_views.owed, name="owed"),
    path("plans/<uuid:pk>/imports/", import_views.upload, name="upload"),
    path("plans/<uuid:pk>/imports/<uuid:document>/", import_views.steps, name="import"),
    path("plans/<uuid:pk>/imports/<uuid:document>/<uuid:row>/", import_views.step, name="import_step"),
    path("plans/<uuid:pk>/law/", law_views.manage, name="manage"),
    path("plans/<uuid:pk>/law/review/", law_views.review, name="review"),
    path("plans/<uuid:pk>/law/record/", law_views.record, name="record"),
    path("plans/<uuid:pk>/law/file/", law_views.file, name="file"),
    path("plans/<uuid:pk>/law/check/<slug:code>/", law_views.check, name="check"),
    path("plans/<uuid:pk>/law/register/", law_views.register, name="register"),
    path("plans/<uuid:pk>/", views.detail, name="detail"),
    path("plans/<uuid:pk>/move/<slug:code>/", views.move, name="move"),
    path("plans/<uuid:pk>/preview/", views.preview, name="preview"),
    path("plans/<uuid:pk>/cards/", views.cards, name="cards"),
    path("plans/<uuid:pk>/compare/<uuid:other>/", views.compare, name="compare"),
    path("plans/<uuid:pk>/copy/", views.copy, name="copy"),
    path("plans/<uuid:pk>/renew/", views.renew, name="renew"),
    path("plans/<uuid:pk>/about/", views.describe, name="about"),
    path("plans/<uuid:pk>/parts/<slug:what>/", views.add, name="add"),
    path("plans/<uuid:pk>/parts/<slug:what>/<uuid:row>/", views.edit, name="edit"),
    path("plans/<uuid:pk>/parts/<slug:what>/<uuid:row>/remove/", views.remove, name="remove"),
]
