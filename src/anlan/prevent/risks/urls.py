from django.urls import URLPattern, path

from anlan.prevent.risks import check_views, sheet_views, views

app_name = "risks"
urlpatterns: list[URLPattern] = [
    path("risk-objects/new/", views.object_new, name="object_new"),
    path("risk-objects/<uuid:object_id>/", views.object_page, name="object"),
    path("risk-objects/<uuid:object_id>/change/", views.object_change, name="object_change"),
    path("risk-objects/<uuid:object_id>/units/new/", views.unit_new, name="unit_new"),
    path("risk-units/<uuid:unit_id>/change/", views.unit_change, name="unit_change"),
    path("risk-units/<uuid:unit_id>/events/new/", views.event_new, name="event_new"),
    path("risk-events/<uuid:event_id>/", views.event_page, name="event"),
    path("risk-events/<uuid:event_id>/change/", views.event_change, name="event_change"),
    path("risk-events/<uuid:event_id>/residual/", views.residual_page, name="residual"),
    path("risk-events/<uuid:event_id>/measures/new/", views.measure_new, name="measure_new"),
    path("risk-measures/<uuid:measure_id>/change/", views.measure_change, name="measure_change"),
    path("risk-retire/<str:kind>/<uuid:key>/", views.retire, name="retire"),
    path("risk-checks/today/", check_views.today_page, name="today"),
    path("risk-checks/<uuid:task_id>/", check_views.check_page, name="check"),
    path("risk-checks/<uuid:task_id>/do/", check_views.do_check, name="do_check"),
    path("risk-results/<uuid:result_id>/picture/", check_views.add_picture, name="picture"),
    path("risk-objects/<uuid:object_id>/card.pdf", sheet_views.card_pdf, name="card_pdf"),
    path("risk-board/<uuid:enterprise_id>/board.pdf", sheet_views.board_pdf, name="board_pdf"),
    path("risk-methods/", views.methods_page, name="methods"),
]
