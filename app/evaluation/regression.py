"""Logistic regression, for thresholds found on labelled questions."""

import numpy as np
from numpy.typing import NDArray


def regress(
    values: NDArray[np.float64], labels: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], float]:
    """(weights, bias) of a ridge logistic regression by Newton's method, both labels weighing the same
    in all. `values` has a row a case and a column a feature.

    Fitted on standardised features, so that the penalty is fair to each; the weights returned are
    for the raw ones.
    """
    centre, spread = values.mean(axis=0), values.std(axis=0)
    spread[spread == 0] = 1.0
    design = np.column_stack([(values - centre) / spread, np.ones(len(values))])
    balance = np.where(labels, 0.5 / labels.mean(), 0.5 / (~labels).mean())
    penalty = np.diag([1.0] * values.shape[1] + [0.0])
    beta = np.zeros(design.shape[1])
    for _ in range(50):
        chance = 1 / (1 + np.exp(-(design @ beta)))
        gradient = design.T @ (balance * (labels - chance)) - penalty @ beta
        curvature = (design.T * (balance * chance * (1 - chance))) @ design + penalty
        step = np.linalg.solve(curvature, gradient)
        beta += step
        if np.abs(step).max() < 1e-8:
            break
    weights = beta[:-1] / spread
    return weights, float(beta[-1] - weights @ centre)
