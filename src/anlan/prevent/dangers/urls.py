from django.urls import URLPattern, path

from anlan.prevent.dangers import report_views, views

app_name = "dangers"
urlpatterns: list[URLPattern] = [
    path("dangers/report/", views.report_page, name="report"),
    path("dangers/regions/", report_views.regions_page, name="regions"),
    path("dangers/<uuid:danger_id>/", views.detail_page, name="detail"),
    path("dangers/<uuid:danger_id>/do/<str:code>/", views.act, name="act"),
    path("dangers/<uuid:danger_id>/paid/", views.paid, name="paid"),
    path("danger-reports/<uuid:report_id>/", report_views.report_page, name="table"),
    path("danger-reports/<uuid:report_id>/table.pdf", report_views.report_pdf, name="table_pdf"),
    path("danger-reports/<uuid:report_id>/table.docx", report_views.report_word, name="table_word"),
    path("danger-reports/<uuid:report_id>/table.csv", report_views.report_sheet, name="table_sheet"),
]
