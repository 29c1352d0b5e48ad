"""Addresses of the frame: home, language, appearance, icon, counts of the bar. Part of the desk's own list."""

from django.urls import URLPattern, path

from anlan.desk import language, shell

frame_urls: list[URLPattern] = [
    path("", shell.home, name="home"),
    path("icon.svg", shell.icon, name="icon"),
    path("language/", language.switch_language, name="language"),
    path("theme/", language.switch_theme, name="theme"),
    path("bar/alarms/", shell.bar_alarms, name="bar_alarms"),
]
