"""How far a share of few cases can be trusted."""

from __future__ import annotations

import math
from typing import Final

# The two-sided 95 % quantile of the normal distribution.
Z_95: Final = 1.959964


def wilson(successes: int, n: int) -> tuple[float, float]:
    """Return the 95 % Wilson score interval of ``successes`` ÷ ``n``, both 0 to 1.

    Without a case nothing is known: (0, 1).

    Raises:
        ValueError: ``successes`` does not lie between 0 and ``n``.
    """
    if not 0 <= successes <= n:
        raise ValueError(f"{successes} of {n} is no share")
    if n == 0:
        return 0.0, 1.0
    share, weight = successes / n, Z_95**2 / n
    centre = (share + weight / 2) / (1 + weight)
    half = Z_95 / (1 + weight) * math.sqrt(share * (1 - share) / n + weight / (4 * n))
    return max(0.0, centre - half), min(1.0, centre + half)
