"""The database itself keeps the three administrators apart.

A holding repeats the class of its account and of its post; two composite foreign keys make both agree. As an account has one class,
no sequence of inserts, however made, gives one account posts of two classes, and a class cannot change while a holding exists.
"""

from typing import ClassVar

from django.db import migrations

FORWARD = """
ALTER TABLE people_postholding
  ADD CONSTRAINT people_holding_class_of_account FOREIGN KEY (account_id, account_class)
    REFERENCES people_account (id, account_class),
  ADD CONSTRAINT people_holding_class_of_post FOREIGN KEY (post_id, account_class)
    REFERENCES people_post (id, account_class);
"""
BACK = """
ALTER TABLE people_postholding
  DROP CONSTRAINT people_holding_class_of_account,
  DROP CONSTRAINT people_holding_class_of_post;
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("people", "0001_initial")]
    operations: ClassVar = [migrations.RunSQL(FORWARD, BACK)]
