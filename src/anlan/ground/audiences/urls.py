from django.urls import path

from anlan.ground.audiences import views

app_name = "audiences"
urlpatterns = [
    path("audiences/count/", views.count, name="count"),
    path("audiences/<uuid:pk>/consent/", views.consent, name="consent"),
    path("audiences/<uuid:pk>/withdraw/", views.withdraw, name="withdraw"),
    path("audiences/<uuid:pk>/erase/", views.erase, name="erase"),
]
