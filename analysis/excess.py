"""What is expected of many counts at once, and how far above it one must be to stand out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import special
from scipy.optimize import nnls

# Counts of which less is expected say nothing on how counts scatter.
LEAST_TO_MEASURE: Final = 0.5
LEAST_EXPECTED: Final = 1e-4
RIDGE: Final = 1e-9
FITS: Final = 4
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


def fitted(features: Floats, seen: Floats, usual: Flags) -> Floats:
    """Fit counts of the usual cells to a sum of features; return what is expected of all.

    Poisson regression with an identity link by reweighted non-negative least squares.
    """
    expected = np.full(len(seen), max(float(seen[usual].mean()) if usual.any() else 0.0, 0.01))
    if not usual.any():
        return expected
    for _ in range(FITS):
        weight = 1 / np.sqrt(expected + 0.02)
        factors = _not_negative((features * weight[:, None])[usual], (seen * weight)[usual])
        expected = np.maximum(features @ factors, LEAST_EXPECTED)
    return expected


def _not_negative(design: Floats, target: Floats) -> Floats:
    """Return the factors of least squares, none of them negative."""
    # Thousands of rows say no more than their products with each other: the normal equations,
    # with columns of one length, and a trace of a ridge for columns that say the same.
    length = np.maximum(np.sqrt((design**2).sum(axis=0)), 1e-12)
    scaled = design / length
    root = np.linalg.cholesky(scaled.T @ scaled + RIDGE * np.eye(len(length)))
    factors: Floats = nnls(root.T, np.linalg.solve(root, scaled.T @ target))[0] / length
    return factors


class Squares(NamedTuple):
    """Squared distances from the expectation, over the expectation, and the expectation."""

    value: Floats
    mean: Floats

    @property
    def sparse(self) -> Flags:
        """Those of which too little is expected to measure each."""
        few: Flags = self.mean < LEAST_TO_MEASURE
        return few


class Scatter(NamedTuple):
    """The variance around an expectation ``m``: ``linear·m + square·m²``.

    Where little is expected, ``sparse·m`` if that is more.
    """

    linear: float
    square: float
    sparse: float

    def variance(self, mean: Floats) -> Floats:
        """Return the variance around each expectation, never less than by chance alone."""
        measured = self.linear * mean + self.square * mean**2
        sparse = np.where(mean < LEAST_TO_MEASURE, self.sparse * mean, 0.0)
        return np.maximum(np.maximum(measured, sparse), mean * 1.0001)


def squares(seen: Floats, mean: Floats, usual: Flags) -> Squares:
    """Measure how far the usual counts lie from what is expected."""
    return Squares((seen - mean)[usual] ** 2 / mean[usual], mean[usual])


def cut(squares: Squares, quantile: float, sparse_quantile: float) -> Squares:
    """Return the squares, none larger than the quantile of those like it."""
    value = squares.value.copy()
    for group, most in ((squares.sparse, sparse_quantile), (~squares.sparse, quantile)):
        if group.any():
            value[group] = np.minimum(value[group], np.quantile(value[group], most))
    return Squares(value, squares.mean)


def scatter(parts: Sequence[Squares]) -> Scatter:
    """Measure how counts scatter; never less than by chance alone.

    Counts of which little is expected are measured together: most of them are nought, and a
    few places among them, unknown before, are reported again and again.
    """
    every = Squares(*(np.concatenate(column) for column in zip(*parts, strict=True)))
    few = every.sparse
    total = float(every.mean[few].sum())
    sparse = float((every.value * every.mean)[few].sum()) / total if total else 1.0
    value, mean = every.value[~few], every.mean[~few]
    if not len(value):
        return Scatter(max(sparse, 1.0), 0.0, sparse)
    value = np.minimum(value, np.quantile(value, 0.995))
    weight = 1 / (1 + mean / 20)
    design = np.column_stack([np.ones(len(mean)), mean]) * weight[:, None]
    linear, square = _not_negative(design, value * weight)
    return Scatter(max(float(linear), 1.0), float(square), sparse)


def upper_tail(seen: Floats, mean: Floats, variance: Floats) -> Floats:
    """Return the chance of a count as large or larger, negative binomial of that variance."""
    size = mean**2 / (variance - mean)
    above = special.betainc(np.maximum(seen, 1e-9), size, mean / (size + mean))
    chance: Floats = np.where(seen > 0, above, 1.0)
    return chance


def adjusted(tail: Floats) -> Floats:
    """Return the smallest rate of false discoveries at which each is found."""
    order = np.argsort(tail)
    steps = tail[order] * len(tail) / np.arange(1, len(tail) + 1)
    adjusted = np.empty(len(tail))
    adjusted[order] = np.minimum.accumulate(steps[::-1])[::-1]
    return np.minimum(adjusted, 1.0)
