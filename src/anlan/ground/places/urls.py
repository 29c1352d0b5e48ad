from django.urls import URLPattern, path, register_converter

from anlan.ground.places import views


class PlaceCode:
    """Six digits to the county, nine for a township."""

    regex = r"[0-9]{6}(?:[0-9]{3})?"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(PlaceCode, "place")

app_name = "places"
urlpatterns: list[URLPattern] = [
    path("places/", views.place_list, name="list"),
    path("places/changes/", views.change_list, name="changes"),
    path("places/boundaries/", views.boundary_list, name="boundaries"),
    path("places/search.json", views.place_search, name="search"),
    path("places/options/", views.place_options, name="options"),
    path("places/<place:code>/", views.place_detail, name="detail"),
    path("tiles/places/<int:z>/<int:x>/<int:y>.mvt", views.tile, name="tile"),
    path("about/data/", views.about_data, name="about_data"),
]
