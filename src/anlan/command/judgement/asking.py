"""From a form to a question the models can answer: the chemical with its figures and limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from anlan.command.judgement import chemistry, rules
from anlan.command.judgement.comparing import Assumed
from anlan.command.judgement.inputs import Filled
from anlan.command.judgement.parameters import figure
from anlan.command.judgement.reckoning import PlacesIn, Question, nowhere
from anlan.command.judgement.release import scenario_weather
from anlan.consequence.sigma import carrying_wind, known_stability


def question_of(kind: str, inputs: Mapping[str, Filled], now: datetime, places_in: PlacesIn = nowhere) -> Question:
    """The question of checked inputs. What can be refused at once is: an unknown chemical, one without limits, a wind for which no model holds.

    Raises ``UnknownChemical``, ``NoEndpoint``, ``TooCalm``, ``UnknownStability``.
    """
    if kind != rules.TOXIC:
        return Question(kind, inputs, now)
    weather = scenario_weather(inputs)
    known_stability(weather.stability)
    carrying_wind(weather, float(inputs["height_m"].value or 0.0))
    found = chemistry.chemical(str(inputs["substance"].value))
    minutes = float(inputs["minutes"].value or 0.0)
    levels = chemistry.levels(found.code, minutes)
    if not levels:
        raise rules.NoEndpoint(chemical=found.name_zh, minutes=f"{minutes:g}")
    question = Question(kind, inputs, now, found.name_zh, chemistry.substance(found.code), tuple(levels), places_in)
    day = now.date()
    assumed = Assumed(
        air_changes_per_h=figure("air_changes_per_h", day),
        walking_m_s=figure("walking_m_s", day),
        delay_s=60.0 * figure("evacuation_delay_min", day),
        now_s=question.elapsed_s,
    )
    return replace(question, assumed=assumed, curtain_share=figure("curtain_share", day))
