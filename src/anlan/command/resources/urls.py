from django.urls import path

from anlan.command.resources import views

app_name = "resources"
urlpatterns = [
    path("rescue-resources/recommend/", views.recommend, name="recommend"),
    path("rescue-resources/<uuid:pk>/", views.detail, name="detail"),
    path("rescue-resources/<uuid:pk>/do/<slug:code>/", views.act, name="act"),
    path("rescue-stock/<uuid:pk>/", views.stock, name="stock"),
    path("rescue-stock/<uuid:pk>/do/<slug:code>/", views.move_stock, name="move_stock"),
]
