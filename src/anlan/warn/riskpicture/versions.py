"""The states of an index version: drafted, back-tested on what happened, put in force by somebody else, taken out of force by the next."""

from __future__ import annotations

from anlan.kernel.flow import Flow, Move, State
from anlan.kernel.words import N_

DRAFT, TESTED, LIVE, RETIRED = "draft", "tested", "live", "retired"

FLOW = Flow(
    code="risk_index",
    label=N_("风险指标体系"),
    initial=DRAFT,
    states=(
        State(DRAFT, N_("起草")),
        State(TESTED, N_("已回测")),
        State(LIVE, N_("启用中")),
        State(RETIRED, N_("已停用"), final=True),
    ),
    moves=(
        Move("test", N_("完成回测"), (DRAFT, TESTED), TESTED, "riskpicture.compute"),
        Move("change", N_("修改"), (TESTED,), DRAFT, "riskpicture.draft"),
        Move("enact", N_("启用"), (TESTED,), LIVE, "riskpicture.enact", not_by=("drafted_by_id",)),
        Move("retire", N_("停用"), (LIVE,), RETIRED, "riskpicture.enact"),
    ),
)
