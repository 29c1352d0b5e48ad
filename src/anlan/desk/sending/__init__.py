"""What an enterprise's own system sends and reads back, by the numbers it has there: one declaration of a room gives the addresses below
``/api/v1/own/``, the batch, the list of what changed, and their description.
"""

from anlan.desk.sending.declare import Body, Sendable, Sent, all_sendables, register
from anlan.desk.sending.refusals import SendingRefused

__all__ = ["Body", "Sendable", "SendingRefused", "Sent", "all_sendables", "register"]
