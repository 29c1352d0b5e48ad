from django.urls import path

from anlan.command.casebook import views

app_name = "casebook"
urlpatterns = [
    path("incidents/<uuid:incident>/casebook/", views.book, name="book"),
    path("incidents/<uuid:incident>/casebook/<slug:what>/", views.add, name="add"),
    path("casebook/people/<uuid:pk>/<slug:code>/", views.person_move, name="person_move"),
    path("casebook/statements/<uuid:pk>/<slug:code>/", views.statement_move, name="statement_move"),
]
