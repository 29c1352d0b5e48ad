"""Django settings of a node. Everything that differs between nodes comes from :mod:`anlan.site.environment`."""

from __future__ import annotations

import secrets

from csp.constants import NONCE, NONE, SELF
from django.utils.translation import gettext_lazy as _

from anlan.site import environment
from anlan.site.rooms import ROOMS

NODE = environment.read()
BASE_DIR = environment.PROJECT

DEBUG = NODE.debug
# Without a stored key (a developer's shell, a test) sessions end with the process; the launcher stores one in ANLAN_HOME.
SECRET_KEY = NODE.secret_key or secrets.token_urlsafe(50)
ALLOWED_HOSTS = list(NODE.allowed_hosts)

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django_htmx",
    "django_vite",
    "template_partials",
    "django_filters",
    "django_tables2",
    "axes",
    "csp",
    "procrastinate.contrib.django",
    *ROOMS,
    "anlan.site",
    "anlan.site.demo",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "anlan.desk.language.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "csp.middleware.CSPMiddleware",
    "anlan.ground.people.middleware.ActorMiddleware",
    "anlan.desk.guard.GuardMiddleware",
    "anlan.desk.refusals.RefusalMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "anlan.site.urls"
ASGI_APPLICATION = "anlan.site.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "anlan.desk.context.shell",
            ],
        },
    }
]

DATABASES = {
    "default": {
        **environment.django_database(NODE.database_url or "postgres:///anlan", NODE.test_database),
        # Django's ASGI handler uses a thread per request: a connection kept by each would outlive its use.
        "CONN_MAX_AGE": 0,
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "people.Account"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
LOGIN_URL = "people:sign_in"
# Limits and clock are the sign-in policy's (anlan.ground.people.lockout); a lock-out holds for one name at one address.
AXES_FAILURE_LIMIT = "anlan.ground.people.lockout.failure_limit"
AXES_COOLOFF_TIME = "anlan.ground.people.lockout.cool_off"
AXES_LOCKOUT_CALLABLE = "anlan.ground.people.lockout.own_answer"
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS, AXES_DISABLE_ACCESS_LOG, AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = True, True, False
AXES_SENSITIVE_PARAMETERS, AXES_VERBOSE = ["username", "ip_address", "password", "code"], False
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_NAME = "anlan_session"
CSRF_COOKIE_NAME = "anlan_csrf"
CSRF_FAILURE_VIEW = "anlan.desk.errors.csrf_failure"
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("中文")), ("en", _("English"))]
LANGUAGE_COOKIE_NAME = "anlan_language"
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
USE_I18N = True
# Consequence is no room of Django; its sentences are translated all the same.
LOCALE_PATHS = [
    BASE_DIR / "src/anlan/consequence/locale",
    BASE_DIR / "src/anlan/routing/locale",
    BASE_DIR / "src/anlan/wire/locale",
    BASE_DIR / "src/anlan/desk/features/locale",
]

STATIC_URL = "/static/"
STATIC_ROOT = NODE.home / "static"
STATICFILES_DIRS = [("web", BASE_DIR / "web" / "dist")] if (BASE_DIR / "web" / "dist").exists() else []
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
DJANGO_VITE = {
    "default": {
        "dev_mode": False,
        "static_url_prefix": "web",
        # The collected copy belongs to this node: building the pages anew in the checkout does not pull them from under it.
        "manifest_path": next(
            (path for path in (STATIC_ROOT / "web" / "manifest.json",) if path.exists()), BASE_DIR / "web" / "dist" / "manifest.json"
        ),
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 64 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024 * 1024

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:", "blob:"],
        "connect-src": [SELF],
        # MapLibre runs its tile worker from a blob.
        "worker-src": [SELF, "blob:"],
        "child-src": [SELF, "blob:"],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
        "base-uri": [SELF],
        "object-src": [NONE],
    }
}

PROCRASTINATE_ON_APP_READY = "anlan.site.jobs.on_app_ready"

ANLAN = {
    "HOME": NODE.home,
    "NATS_URL": NODE.nats_url,
    "TELEMETRY_URL": NODE.telemetry_url,
    "DEMO": NODE.demo,
}
