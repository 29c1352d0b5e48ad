from django.urls import URLPattern, path

from anlan.prevent.holdings import api, entry_views, views

app_name = "holdings"
urlpatterns: list[URLPattern] = [
    path("holdings/of/<uuid:enterprise_id>/", views.book, name="book"),
    path("holdings/stock/<uuid:holding_id>/", views.stock, name="stock"),
    path("holdings/where/", views.where, name="where"),
    path("holdings/products/register/", views.register_product, name="register_product"),
    path("holdings/products/<uuid:product_id>/", views.product_page, name="product"),
    path("holdings/products/<uuid:product_id>/edit/", views.change_product, name="change_product"),
    path("holdings/products/<uuid:product_id>/label.pdf", views.print_label, name="label"),
    path("holdings/stores/register/", views.register_store, name="register_store"),
    path("holdings/stores/<uuid:store_id>/edit/", views.change_store, name="change_store"),
    path("holdings/movements/record/", entry_views.record, name="record"),
    path("holdings/movements/send/", entry_views.send, name="send"),
    path("holdings/movements/<uuid:movement_id>/", entry_views.movement_page, name="movement"),
    path("holdings/movements/<uuid:movement_id>/reverse/", entry_views.reverse_entry, name="reverse"),
    path("holdings/movements/<uuid:movement_id>/explain/", entry_views.explain, name="explain"),
    path("holdings/loads/<uuid:load_id>/", entry_views.load_page, name="load"),
    path("holdings/loads/<uuid:load_id>/receive/", entry_views.receive, name="receive"),
    path("holdings/loads/<uuid:load_id>/confirm/", entry_views.confirm, name="confirm"),
    path("api/v1/chemical-movements/<str:external_id>", api.movement, name="api_movement"),
    path("c/<slug:code>/", views.public_page, name="public"),
]
