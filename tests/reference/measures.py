"""Exact statistics on whole microseconds: interpolated percentiles and Kaplan–Meier (SPEC §6, ruling R28)."""

from fractions import Fraction
from itertools import groupby


def percentile(values, share):
    """`percentile_cont`: linear interpolation between the closest ranks; None of nothing."""
    if not values:
        return None
    ordered = sorted(values)
    rank = share * (len(ordered) - 1)
    below = rank.numerator // rank.denominator
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (rank - below) * (ordered[above] - ordered[below])


def mean(values):
    return Fraction(sum(values), len(values)) if values else None


class Survival:
    """Kaplan–Meier over (time, died); deaths come before censorings at equal times."""

    def __init__(self, observed):
        self._steps = []  # (time, S from this time on)
        share, at_risk = Fraction(1), len(observed)
        for time, group in groupby(sorted(observed), key=lambda item: item[0]):
            died = [death for _, death in group]
            if any(died):
                share *= 1 - Fraction(sum(died), at_risk)
                self._steps.append((time, share))
            at_risk -= len(died)
        self._last = max((time for time, _ in observed), default=None)

    def quantile(self, share):
        """The smallest t with S(t) ≤ 1 − share; None where it is not reached."""
        return next((time for time, left in self._steps if left <= 1 - share), None)

    def restricted_mean(self, tau):
        """∫ S from 0 to τ; None of nothing, and where S > 0 at the last time and that is before τ."""
        if self._last is None:
            return None
        left = self._steps[-1][1] if self._steps else Fraction(1)
        if left > 0 and self._last < tau:
            return None
        total, since, share = Fraction(0), 0, Fraction(1)
        for time, following in self._steps:
            until = min(max(time, 0), tau)
            total += share * (until - since)
            since, share = until, following
        return total + share * (tau - since)
