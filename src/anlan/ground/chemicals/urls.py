from django.urls import URLPattern, path

from anlan.ground.chemicals import views

app_name = "chemicals"
urlpatterns: list[URLPattern] = [
    path("chemicals/<uuid:chemical_id>/card.pdf", views.card_pdf, name="card"),
    path("api/v1/chemicals/sheet/<slug:code>/", views.data_sheet, name="sheet"),
]
