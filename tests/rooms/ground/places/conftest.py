from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.db import connection, transaction

from anlan.ground.places import index, loading


@pytest.fixture(scope="package")
def whole_country(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[loading.LoadResult]:
    """The whole code list with outlines, loaded once for this folder and taken back afterwards."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield loading.load()
        transaction.set_rollback(True)
    index.forget()
    # What was rolled back still fills the tables; whoever comes next would wade through it.
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE " + ", ".join(model._meta.db_table for model in apps.get_app_config("places").get_models()))
