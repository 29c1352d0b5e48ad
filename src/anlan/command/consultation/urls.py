from django.urls import path

from anlan.command.consultation import views

app_name = "consultation"
urlpatterns = [
    path("consultations/new/", views.create, name="create"),
    path("consultations/<uuid:pk>/", views.detail, name="detail"),
    path("consultations/<uuid:pk>/do/<slug:code>/", views.act, name="act"),
    path("consultations/<uuid:pk>/add/<slug:what>/", views.add, name="add"),
    path("consultations/<uuid:pk>/items/<uuid:item>/", views.keep, name="keep"),
    path("consultations/<uuid:pk>/seats/<uuid:seat>/", views.mark, name="mark"),
    path("consultations/<uuid:pk>/decisions/<uuid:decision>/<slug:code>/", views.settle, name="settle"),
    path("consultations/<uuid:pk>/correct/", views.correct, name="correct"),
    path("consultations/<uuid:pk>/files/<uuid:exhibit>/", views.file, name="file"),
    path("consultations/<uuid:pk>/minutes.<slug:form>", views.document, name="document"),
]
