from django.urls import path

from anlan.sense.units import views

app_name = "units"
urlpatterns = [
    path("units/new/", views.create, name="create"),
    path("units/<uuid:pk>/", views.unit_page, name="detail"),
    path("units/<uuid:pk>/edit/", views.change, name="change"),
    path("units/<uuid:pk>/train/", views.train, name="train"),
    path("units/<uuid:pk>/trainings/", views.trainings, name="trainings"),
    path("unit-trainings/<uuid:pk>/cancel/", views.cancel_training, name="cancel_training"),
    path("unit-versions/<uuid:pk>/draft/", views.draft, name="draft"),
]
