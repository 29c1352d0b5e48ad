from django.urls import path

from anlan.ground.people.pages import accounts, audit, keys, own, sign_in

app_name = "people"
urlpatterns = [
    path("sign-in/", sign_in.sign_in, name="sign_in"),
    path("sign-in/code/", sign_in.sign_in_code, name="sign_in_code"),
    path("sign-in/demo/", sign_in.sign_in_demo, name="sign_in_demo"),
    path("sign-out/", sign_in.sign_out, name="sign_out"),
    path("own/", own.profile, name="profile"),
    path("own/password/", own.change_password, name="change_password"),
    path("own/factor/", own.factor, name="factor"),
    path("own/factor/confirm/", own.confirm_factor, name="confirm_factor"),
    path("own/factor/codes/", own.renew_codes, name="renew_codes"),
    path("own/factor/disable/", own.disable_factor, name="disable_factor"),
    path("own/post/", own.choose_post, name="choose_post"),
    path("own/sessions/", own.sessions, name="sessions"),
    path("own/sessions/<uuid:session_id>/end/", own.end_session, name="end_own_session"),
    path("accounts/<uuid:account_id>/lock/", accounts.lock, name="lock"),
    path("accounts/<uuid:account_id>/unlock/", accounts.unlock, name="unlock"),
    path("accounts/<uuid:account_id>/disable/", accounts.disable, name="disable"),
    path("accounts/<uuid:account_id>/enable/", accounts.enable, name="enable"),
    path("accounts/<uuid:account_id>/password/", accounts.reset_password, name="reset_password"),
    path("accounts/<uuid:account_id>/factor/", accounts.reset_factor, name="reset_factor"),
    path("accounts/<uuid:account_id>/sessions/<uuid:session_id>/end/", accounts.end_session, name="end_session"),
    path("accounts/<uuid:account_id>/posts/", accounts.assign_post, name="assign_post"),
    path("accounts/<uuid:account_id>/posts/<uuid:holding_id>/revoke/", accounts.revoke_post, name="revoke_post"),
    path("permissions/", accounts.permissions, name="permissions"),
    path("sign-in-policy/", accounts.policy, name="policy"),
    path("sign-in-policy/set/", accounts.set_policy, name="set_policy"),
    path("interface-keys/", keys.keys_page, name="keys"),
    path("interface-keys/issue/", keys.issue, name="issue_key"),
    path("interface-keys/<uuid:key_id>/revoke/", keys.revoke, name="revoke_key"),
    path("audit/", audit.log_page, name="audit"),
    path("audit/verify/", audit.verify, name="audit_verify"),
    path("audit/export/", audit.export, name="audit_export"),
]
