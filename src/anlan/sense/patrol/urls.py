from django.urls import URLPattern, path

from anlan.sense.patrol import views

app_name = "patrol"
urlpatterns: list[URLPattern] = [
    path("sense/patrol/", views.league_page, name="league"),
    path("sense/patrol/table.csv", views.league_file, name="league_file"),
    path("sense/patrol/draw/", views.draw_page, name="draw"),
    path("sense/patrol/<uuid:patrol_id>/", views.patrol_page, name="detail"),
    path("sense/patrol/<uuid:patrol_id>/population.csv", views.population_file, name="population"),
    path("sense/patrol/<uuid:patrol_id>/move/<str:code>/", views.move, name="move"),
    path("sense/patrol/points/<uuid:point_id>/", views.point_page, name="point"),
]
