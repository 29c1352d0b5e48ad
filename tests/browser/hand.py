"""A process beside the node that does what its detector and its worker would do: asked by a line, it answers by a line."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[2]


def raise_alarms(plant: str, level: int, number: int, title: str) -> list[str]:
    """So many alarms of ``level`` rise at the plant's last sensor; their ids."""
    from anlan.kernel import clock
    from anlan.kernel.access import system_actor
    from anlan.sense.alarms import detecting
    from anlan.sense.alarms.models import Alarm
    from anlan.sense.devices import door as devices
    from anlan.wire.detections import Transition

    now = clock.now()
    sensor = devices.sensors_of(plant)[-1]  # type: ignore[arg-type]
    at = int(now.timestamp() * 1000)
    said = [
        Transition(
            change="raise",
            channel=sensor.channel,
            kind="RATE",
            level=level,
            limit=1.0,
            raised_ms=at,
            time_ms=at,
            value=3.0,
            peak=3.0,
            rule=f"{title}-{n}",
            facts={"per_minute": 4.0},
        )
        for n in range(number)
    ]
    outcome = detecting.take(said, actor=system_actor("detector"), now=now)
    Alarm.objects.filter(pk__in=[row.pk for row in outcome.raised]).update(title=title)
    return [str(row.pk) for row in outcome.raised]


def close_alarms(ids: list[str]) -> int:
    """Whoever looks at the node next finds them closed; how many were."""
    from anlan.sense.alarms.models import Alarm

    return Alarm.objects.filter(pk__in=ids).update(state="closed")


def perform_runs() -> list[str]:
    """What the worker does with judgements that were asked for."""
    from anlan.command.judgement import services
    from anlan.command.judgement.models import Run
    from anlan.kernel import clock

    return [str(services.perform(run.pk, clock.now)) for run in Run.objects.filter(state="waiting")]


def fill_register(people: int) -> None:
    """So many residents about the plant's county stand in the register of those who are warned."""
    from tests import registers

    from anlan.site.demo.cast import PLANT_COUNTY

    registers.fill(people, [PLANT_COUNTY], note="browser", middle=(117.42, 36.75), spread=0.06)


def empty_register() -> int:
    """They stand there no more; how many."""
    from tests import registers

    return registers.empty("browser")


CAN: dict[str, Callable[..., Any]] = {
    each.__name__: each for each in (raise_alarms, close_alarms, perform_runs, fill_register, empty_register)
}


class Hand:
    """``hand(name, *arguments)`` does one of :data:`CAN` on the node."""

    def __init__(self, process: subprocess.Popen[str], log: Path) -> None:
        self._process, self._log = process, log

    def __call__(self, name: str, *arguments: object) -> Any:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps([name, arguments]) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, self._log.read_text()[-3000:]
        return json.loads(answer)


@contextmanager
def hand(environment: dict[str, str], log: Path) -> Iterator[Hand]:
    """A hand on the node of this environment, until the block ends."""
    with log.open("w") as told:
        command = [sys.executable, "-m", "tests.browser.hand"]
        process = subprocess.Popen(
            command, cwd=PROJECT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=told, text=True
        )
        try:
            yield Hand(process, log)
        finally:
            process.kill()
            process.wait()


def main() -> None:
    """Do what each line asks; whatever goes wrong ends the process, which the one who asked notices."""
    import django

    # Whatever the rooms say on the way goes where errors go; answers alone go out.
    answers, sys.stdout = sys.stdout, sys.stderr
    django.setup()
    for line in sys.stdin:
        name, arguments = json.loads(line)
        answers.write(json.dumps(CAN[name](*arguments)) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
