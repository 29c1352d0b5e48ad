from django.urls import URLPattern, path

from anlan.prevent.permits import commitment_views, views

app_name = "permits"
urlpatterns: list[URLPattern] = [
    path("permits/new/", views.draft_page, name="draft"),
    path("permits/conflicts/", views.conflicts_page, name="conflicts"),
    path("permits/rules/", views.rules_page, name="rules"),
    path("permits/<uuid:permit_id>/", views.detail_page, name="detail"),
    path("permits/<uuid:permit_id>/do/<str:code>/", views.act, name="act"),
    path("permits/<uuid:permit_id>/permit.pdf", views.permit_pdf, name="pdf"),
    path("commitments/give/", commitment_views.give_page, name="commitment_give"),
    path("commitments/regions/", commitment_views.regions_page, name="commitment_regions"),
    path("commitments/<uuid:commitment_id>/", commitment_views.commitment_page, name="commitment"),
]
