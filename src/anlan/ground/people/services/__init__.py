"""Verbs of people: accounts, posts, second factors, sessions, policy. One function is one transaction, audited."""

from anlan.ground.people.services.accounts import (
    change_account,
    change_own_password,
    change_profile,
    check_password_allowed,
    create_account,
    disable_account,
    enable_account,
    lock_account,
    note_sign_in_refused,
    reset_password,
    unlock_account,
)
from anlan.ground.people.services.factors import (
    begin_factor,
    confirm_factor,
    disable_factor,
    provisioning_uri,
    renew_recovery_codes,
    reset_factor,
    spend_code,
)
from anlan.ground.people.services.first import make_first_administrators
from anlan.ground.people.services.keys import IssuedKey, issue_key, key_actor, revoke_key, touch_key
from anlan.ground.people.services.policies import set_policy
from anlan.ground.people.services.posts import assign_post, ensure_post, revoke_post
from anlan.ground.people.services.sessions import choose_post, close_over, end_session, open_session, sign_out, sweep_sessions, touch

__all__ = [
    "IssuedKey",
    "assign_post",
    "begin_factor",
    "change_account",
    "change_own_password",
    "change_profile",
    "check_password_allowed",
    "choose_post",
    "close_over",
    "confirm_factor",
    "create_account",
    "disable_account",
    "disable_factor",
    "enable_account",
    "end_session",
    "ensure_post",
    "issue_key",
    "key_actor",
    "lock_account",
    "make_first_administrators",
    "note_sign_in_refused",
    "open_session",
    "provisioning_uri",
    "renew_recovery_codes",
    "reset_factor",
    "reset_password",
    "revoke_key",
    "revoke_post",
    "set_policy",
    "sign_out",
    "spend_code",
    "sweep_sessions",
    "touch",
    "touch_key",
    "unlock_account",
]
