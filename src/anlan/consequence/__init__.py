"""How far, how bad, how long: published models of releases, fires, blasts, floods, shaking and their harm. Numpy only.

One file for each published model; in it one function for each term of an equation, cited, in SI units, and one :class:`Model` that names its
inputs with the range in which it holds. Beyond that range a model refuses; it never clamps. The chain is
``Scenario → SourceTerm → Field → Effect → Zone`` (:mod:`anlan.consequence.chain`).
"""
