from django.urls import path

from anlan.command.plans import views

app_name = "plans"
urlpatterns = [
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
