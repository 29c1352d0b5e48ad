from django.urls import path

from anlan.command.plans import views

app_name = "plans"
urlpatterns = [
    path("plans/<uuid:pk>/", views.detail, name="detail"),
    path("plans/<uuid:pk>/move/<slug:code>/", views.move, name="move"),
]
