from django.urls import path

from anlan.command.evacuation import views

app_name = "evacuation"
urlpatterns = [
    path("evacuations/new/", views.create, name="create"),
    path("evacuations/<uuid:pk>/", views.detail, name="detail"),
    path("evacuations/<uuid:pk>/book/", views.book, name="book"),
    path("evacuations/<uuid:pk>/add/<slug:what>/", views.add, name="add"),
    path("evacuations/<uuid:pk>/do/<slug:code>/", views.act, name="act"),
    path("evacuations/<uuid:pk>/waves/<uuid:wave>/<slug:code>/", views.decide, name="decide"),
    path("evacuations/<uuid:pk>/places/<uuid:place>/", views.place, name="place"),
    path("evacuations/<uuid:pk>/places/<uuid:place>/enter/", views.enter, name="enter"),
    path("evacuations/<uuid:pk>/places/<uuid:place>/back/", views.back, name="back"),
    path("evacuations/<uuid:pk>/places/<uuid:place>/slips/", views.slips, name="slips"),
    path("evacuations/<uuid:pk>/groups/<uuid:group>/<slug:what>/", views.record, name="record"),
    path("evacuations/<uuid:pk>/shelters/<uuid:shelter>/scan/", views.scan, name="scan"),
]
