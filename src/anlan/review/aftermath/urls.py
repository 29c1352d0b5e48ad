from django.urls import path

from anlan.review.aftermath import views

app_name = "aftermath"
urlpatterns = [
    path("aftermath/of/<uuid:incident>/", views.create, name="create"),
    path("aftermath/<uuid:pk>/", views.detail, name="detail"),
    path("aftermath/<uuid:pk>/story.json", views.story, name="story"),
    path("aftermath/<uuid:pk>/report.<slug:form>", views.document, name="document"),
    path("aftermath/<uuid:pk>/do/<slug:code>/", views.act, name="act"),
    path("aftermath/<uuid:pk>/lessons/", views.add_lesson, name="add_lesson"),
    path("aftermath/<uuid:pk>/lessons/<uuid:lesson>/<slug:code>/", views.lesson_move, name="lesson_move"),
]
