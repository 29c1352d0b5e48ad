"""What a link is allowed and how long things wait; plain figures, all project defaults."""

from __future__ import annotations

MOST_ASKING = 200
"""So many unanswered requests to join are kept; more are refused until somebody has looked at them."""
OLD_MINUTES = 2
"""A link with something waiting for longer than this is shown as held up."""
IDENTITY_BYTES = 20_000
"""As long as a node's card may be."""
CALLS_A_MINUTE = 1_200
"""How often one node may call in a minute: twice what its courier does where something always waits, far below what would hurt."""
ASKS_A_MINUTE = 6
"""How often one address may ask to join in a minute."""
