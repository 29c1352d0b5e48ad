from django.urls import URLPattern

from anlan.desk.frame_urls import frame_urls
from anlan.desk.mapping.urls import map_urls
from anlan.desk.resource.urls import resource_patterns

app_name = "desk"
urlpatterns: list[URLPattern] = [*frame_urls, *map_urls, *resource_patterns()]
