"""How attention spreads: made cascades, each event of which begets others. Hawkes 1971. They are synthetic.

    rate(t) = mu(t) + n sum over events s before t of kernel(t - s),      events on day t ~ Poisson(rate(t))

mu(t) fades from the day of publication on, and at times jumps when somebody well known passes it on; the
kernel falls like a power of time (Crane & Sornette 2008). n < 1 is how many events one begets in the end.
"""

import numpy as np
from jaxtyping import Float


def made(count: int, days: int, seed: int) -> Float[np.ndarray, "N D"]:
    """Cumulative events of cascades, by the day.

    Args:
        count: cascades, N.
        days: of each, D.
        seed: of the draws.
    """
    random = np.random.default_rng(seed)
    lag = np.arange(days)
    power = random.uniform(1.2, 2.0, (count, 1))
    kernel = (lag + 1.0) ** -power
    kernel *= random.uniform(0.4, 0.95, (count, 1)) / ((np.arange(2_000) + 1.0) ** -power).sum(
        1, keepdims=True
    )
    size = np.exp(random.normal(3.5, 1.2, (count, 1)))
    outside = size * np.exp(-lag / random.uniform(0.5, 4.0, (count, 1)))
    passed_on = random.uniform(size=(count, 1)) < 0.2
    later = random.integers(2, days, (count, 1))
    outside += passed_on * (lag == later) * size * random.uniform(0.5, 3.0, (count, 1))
    events = np.zeros((count, days))
    for day in range(days):
        begot = (events[:, :day] * kernel[:, day - 1 :: -1][:, :day]).sum(1) if day else 0.0
        events[:, day] = random.poisson(outside[:, day] + begot)
    return np.cumsum(events, 1)
