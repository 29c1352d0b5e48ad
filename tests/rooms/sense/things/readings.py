"""A store of readings in memory that answers questions as the telemetry process does, for tests of everything above it."""

from anlan.sense.stream import observed
from anlan.sense.stream.door import Observed


class Readings:
    """``rows``: (channel, ms, value, quality). ``asked``: every question so far."""

    def __init__(self):
        self.rows = []
        self.asked = []

    def add(self, channel, ms, value, quality=0):
        self.rows.append((channel, ms, float(value), quality))

    def _matching(self, question):
        self.asked.append(observed.checked(question))
        return [
            row
            for row in self.rows
            if row[0] in question.channels
            and (question.since is None or row[1] >= question.since)
            and (question.until is None or row[1] < question.until)
            and (question.where is None or holds(question.where, row))
        ]

    def observations(self, question):
        place = 1 if question.by == "time" else 2
        found = sorted(self._matching(question), key=lambda row: (row[place], row[0]), reverse=question.descending)
        return [Observed(*row) for row in found[question.offset : question.offset + question.limit]]

    def observation_count(self, question):
        return len(self._matching(question))


def holds(node, row):
    name, *operands = node
    if name == "and":
        return all(holds(operand, row) for operand in operands)
    if name == "or":
        return any(holds(operand, row) for operand in operands)
    if name == "not":
        return not holds(operands[0], row)
    left, right = (value(operand, row) for operand in operands)
    return {"eq": left == right, "ne": left != right, "gt": left > right, "ge": left >= right, "lt": left < right, "le": left <= right}[
        name
    ]


def value(node, row):
    name, *operands = node
    if name in {"number", "ms"}:
        return operands[0]
    if name == "result":
        return row[2]
    if name == "time":
        return row[1]
    left, *right = (value(operand, row) for operand in operands)
    return {"add": lambda: left + right[0], "mul": lambda: left * right[0], "round": lambda: round(left)}[name]()
