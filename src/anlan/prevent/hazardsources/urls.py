from django.urls import URLPattern, path

from anlan.prevent.hazardsources import api, sheet_views, views

app_name = "hazardsources"
urlpatterns: list[URLPattern] = [
    path("hazard-units/register/", views.register, name="register"),
    path("hazard-units/<uuid:unit_id>/", views.unit_page, name="unit"),
    path("hazard-units/<uuid:unit_id>/edit/", views.change, name="change"),
    path("hazard-units/<uuid:unit_id>/inventory/", views.inventory_page, name="inventory"),
    path("hazard-units/<uuid:unit_id>/assess/", views.assess_page, name="assess"),
    path("hazard-units/<uuid:unit_id>/declare/", views.declare, name="declare"),
    path("hazard-units/<uuid:unit_id>/assessments/<int:number>/sheet.pdf", sheet_views.pdf_sheet, name="sheet_pdf"),
    path("hazard-units/<uuid:unit_id>/assessments/<int:number>/sheet.docx", sheet_views.word_sheet, name="sheet_word"),
    path("hazard-filings/<uuid:filing_id>/", views.filing_page, name="filing"),
    path("hazard-filings/<uuid:filing_id>/do/<str:code>/", views.move, name="move"),
    path("api/v1/hazard-inventories/<uuid:unit_id>", api.unit_inventory, name="api_inventory"),
    path("api/v1/hazard-inventories/<str:uscc>/<str:code>", api.coded_inventory, name="api_coded"),
]
