from django.urls import URLPattern, path

from anlan.command.judgement import exposed_views, leaving_views, reach_views, sheet_views, views, warning_views

app_name = "judgement"
urlpatterns: list[URLPattern] = [
    path("judgement/new/", views.create, name="create"),
    path("judgement/areas/", views.features, name="features"),
    path("judgement/<uuid:pk>/", views.detail, name="detail"),
    path("judgement/<uuid:pk>/run/", views.ask, name="ask"),
    path("judgement/<uuid:pk>/close/", views.close, name="close"),
    path("judgement/<uuid:pk>/runs/<uuid:run>/cancel/", views.cancel, name="cancel"),
    path("judgement/<uuid:pk>/runs/<uuid:run>/exposed/", exposed_views.exposed, name="exposed"),
    path("judgement/<uuid:pk>/runs/<uuid:run>/zones/", views.zones, name="zones"),
    path("judgement/<uuid:pk>/runs/<uuid:run>/warn/", warning_views.warn, name="warn"),
    path("judgement/<uuid:pk>/runs/<uuid:run>/reach/", reach_views.reach, name="reach"),
    path("judgement/<uuid:pk>/runs/<uuid:run>/leaving/", leaving_views.places_to_go, name="leaving"),
    path("judgement/<uuid:pk>/runs/<uuid:run>/sheet.pdf", sheet_views.pdf_sheet, name="sheet_pdf"),
    path("judgement/<uuid:pk>/runs/<uuid:run>/sheet.docx", sheet_views.word_sheet, name="sheet_word"),
]
