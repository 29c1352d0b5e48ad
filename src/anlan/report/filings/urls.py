from django.urls import path

from anlan.report.filings import views

app_name = "filings"
urlpatterns = [
    path("filings/new/", views.create, name="create"),
    path("filings/keep/", views.keep, name="keep"),
    path("filings/level/", views.level, name="level"),
    path("filings/<uuid:pk>/", views.detail, name="detail"),
    path("filings/<uuid:pk>/edit/", views.edit, name="edit"),
    path("filings/<uuid:pk>/supplement/", views.supplement, name="supplement"),
    path("filings/<uuid:pk>/move/<slug:code>/", views.move, name="move"),
    path("filings/<uuid:pk>/flash/", views.flash, name="flash"),
    path("filings/<uuid:pk>/direct/", views.direct, name="direct"),
    path("filings/<uuid:pk>/losses/", views.loss, name="loss"),
    path("filings/<uuid:pk>/told/<uuid:notice>/", views.told, name="told"),
    path("filings/<uuid:pk>/instruct/", views.instruct, name="instruct"),
    path("filings/<uuid:pk>/instructions/<uuid:instruction>/<slug:code>/", views.instruction_move, name="instruction_move"),
    path("filings/<uuid:pk>/merge/", views.merge, name="merge"),
    path("filings/<uuid:pk>/reductions/<uuid:reduction>/<slug:code>/", views.reduction, name="reduction"),
    path("filings/<uuid:pk>/marks/", views.mark, name="mark"),
    path("filings/<uuid:pk>/marks/<uuid:mark>/<slug:code>/", views.mark_move, name="mark_move"),
    path("filings/<uuid:pk>/document.pdf", views.bulletin, name="document"),
]
