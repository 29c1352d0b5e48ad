"""What a link is allowed and how long things wait; plain figures, all project defaults."""

from __future__ import annotations

from anlan.kernel.words import N_

ACTIONS: dict[str, str] = {
    "relays.view": N_("查看节点链路和待发信息"),
    "relays.manage": N_("设置本节点，接入、同意和断开节点，重发"),
    "relays.cut": N_("演练断链和恢复"),
    "relays.exchange": N_("与本节点交换信封（只给已接入的节点）"),
}

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
