"""Addresses of the frame: home, language, appearance, icon, counts of the bar. Part of the desk's own list."""

from django.urls import URLPattern, path

from anlan.desk import language, offline, shell

frame_urls: list[URLPattern] = [
    path("", shell.home, name="home"),
    path("icon.svg", shell.icon, name="icon"),
    # What is no page of the house (a PDF, a text) names no icon; browsers ask for it here.
    path("favicon.ico", shell.icon, name="icon_unasked"),
    path("offline-worker.js", offline.worker, name="offline_worker"),
    path("offline/pages/", offline.pages, name="offline_pages"),
    path("language/", language.switch_language, name="language"),
    path("theme/", language.switch_theme, name="theme"),
    path("bar/alarms/", shell.bar_alarms, name="bar_alarms"),
]
