"""The wing that joins nodes: sealed envelopes, what waits for a link, what came in, whom we trust, and the link itself.

It knows no report and no bulletin: rooms hand in what an envelope holds and are handed what came (:func:`anlan.federation.inbox.join`).
"""
