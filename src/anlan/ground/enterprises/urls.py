from django.urls import URLPattern, path

from anlan.ground.enterprises import filepage, join_views, merge_views, views

app_name = "enterprises"
urlpatterns: list[URLPattern] = [
    path("enterprises/<uuid:enterprise_id>/", filepage.file_page, name="file"),
    path("enterprises/<uuid:enterprise_id>/facts/", filepage.facts_part, name="facts"),
    path("enterprises/<uuid:enterprise_id>/timeline/", filepage.timeline_part, name="timeline"),
    path("enterprises/<uuid:enterprise_id>/state/", views.state_page, name="state"),
    path("enterprises/<uuid:enterprise_id>/sites/new/", views.add_site, name="add_site"),
    path("enterprises/sites/<uuid:site_id>/", views.change_site, name="change_site"),
    path("enterprises/<uuid:enterprise_id>/contacts/new/", views.add_contact, name="add_contact"),
    path("enterprises/<uuid:enterprise_id>/certificates/new/", views.add_certificate, name="add_certificate"),
    path("enterprises/certificates/<uuid:certificate_id>/", views.certificate, name="certificate"),
    path("enterprises/<uuid:enterprise_id>/file.pdf", filepage.file_pdf, name="file_pdf"),
    path("enterprises/contacts/<uuid:contact_id>/", views.change_contact, name="change_contact"),
    path("enterprises/<uuid:enterprise_id>/confirm/", join_views.confirm, name="confirm"),
    path("enterprises/invite/", join_views.invite_page, name="invite"),
    path("enterprises/invitations/<uuid:invitation_id>/", join_views.invitation_page, name="invitation"),
    path("enterprises/invitations/<uuid:invitation_id>/<str:act>/", join_views.invitation_act, name="invitation_act"),
    path("enterprises/compare/", merge_views.compare_page, name="compare"),
    path("enterprises/duplicates/<uuid:candidate_id>/", merge_views.duplicate, name="duplicate"),
    path("enterprises/duplicates/<uuid:candidate_id>/dismiss/", merge_views.dismiss, name="dismiss"),
    path("enterprises/merges/<uuid:merging_id>/", merge_views.merge_page, name="merge"),
    path("enterprises/merges/<uuid:merging_id>/trail.json", merge_views.trail, name="merge_trail"),
    path("enterprises/merges/<uuid:merging_id>/<str:act>/", merge_views.merge_act, name="merge_act"),
    path("join/<str:token>/", join_views.join_page, name="join"),
    path("join/<str:token>/rows/", join_views.join_upload, name="join_upload"),
    path("join/<str:token>/template.xlsx", join_views.join_template, name="join_template"),
]
