"""Addresses of the desk: frame, map, search, to-do list, notifications, every resource's pages and its API."""

from django.urls import URLPattern, path

from anlan.desk import notifications, todo
from anlan.desk.frame_urls import frame_urls
from anlan.desk.mapping.urls import map_urls
from anlan.desk.resource.api import api_patterns
from anlan.desk.resource.urls import resource_patterns
from anlan.desk.search.pages import search_page

app_name = "desk"
urlpatterns: list[URLPattern] = [
    *frame_urls,
    *map_urls,
    path("search/", search_page, name="search"),
    path("todo/", todo.todo_page, name="todo"),
    path("notifications/", notifications.notifications_page, name="notifications"),
    path("notifications/read/", notifications.mark_read, name="notifications_read"),
    *resource_patterns(),
    *api_patterns(),
]
