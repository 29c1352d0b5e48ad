from django.urls import path

from anlan.report.relays import machine_views, views

app_name = "relays"
urlpatterns = [
    path("relay/", views.links, name="links"),
    path("relay/own/", views.own, name="own"),
    path("relay/above/", views.above, name="above"),
    path("relay/nodes/<slug:node_id>/", views.node, name="node"),
    path("relay/nodes/<slug:node_id>/again/", views.again, name="again"),
    path("relay/nodes/<slug:node_id>/<slug:code>/", views.act, name="act"),
    path("relay/envelopes/<uuid:pk>/again/", views.try_again, name="try_again"),
    path("relay/cut/", views.cut, name="cut"),
    path("relay/cuts/<uuid:pk>/mend/", views.mend, name="mend"),
    path("relay/identity/", machine_views.identity, name="identity"),
    path("relay/join/", machine_views.join, name="join"),
    path("relay/exchange/", machine_views.exchange, name="exchange"),
]
