from django.urls import URLPattern, path

from anlan.prevent.standing import views

app_name = "standing"
urlpatterns: list[URLPattern] = [
    path("risk-gradings/regions/", views.regions_page, name="regions"),
    path("risk-gradings/begin/<uuid:enterprise_id>/", views.begin, name="begin"),
    path("risk-gradings/<uuid:grading_id>/", views.grading_page, name="grading"),
    path("risk-gradings/<uuid:grading_id>/fill/", views.fill, name="fill"),
    path("risk-gradings/<uuid:grading_id>/submit/", views.submit, name="submit"),
    path("risk-gradings/<uuid:grading_id>/review/", views.review, name="review"),
    path("risk-gradings/<uuid:grading_id>/sheet.pdf", views.sheet_pdf, name="sheet"),
]
