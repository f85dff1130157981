"""Columns, nearest points and rolling extremes with numpy."""

import numpy as np

__all__ = ["nearest_points", "rolling_extremes", "standardise_columns"]


def standardise_columns(matrix, clip=3.0):
    """Bring every column to mean 0 and deviation 1, NaN to 0, and cut off what is further out than `clip`."""
    rows, columns = matrix.shape
    result = np.zeros((rows, columns))
    for column in range(columns):
        known = []
        for row in range(rows):
            if not np.isnan(matrix[row, column]):
                known.append(matrix[row, column])
        if not known:
            continue
        mean = np.mean(known)
        deviation = np.std(known)
        for row in range(rows):
            value = matrix[row, column]
            if np.isnan(value) or deviation == 0:
                continue
            score = (value - mean) / deviation
            if score > clip:
                score = clip
            elif score < -clip:
                score = -clip
            result[row, column] = score
    return result


def nearest_points(points, queries):
    """Index of the nearest point for each query and the distance to it; of equally near ones the first."""
    if len(points) == 0:
        raise ValueError("no points")
    indices = []
    distances = []
    for query in queries:
        best = None
        best_distance = None
        for index, point in enumerate(points):
            distance = np.sqrt(np.sum((point - query) ** 2))
            if best is None or distance < best_distance:
                best = index
                best_distance = distance
        indices.append(best)
        distances.append(best_distance)
    return np.array(indices, dtype=np.int64), np.array(distances, dtype=float)


def rolling_extremes(values, window):
    """Lowest and highest value and their spread for each window, and where the spread was widest."""
    if window < 1:
        raise ValueError("the window must hold at least one value")
    lows = np.array([])
    highs = np.array([])
    for start in range(len(values) - window + 1):
        part = values[start : start + window]
        lows = np.append(lows, np.min(part))
        highs = np.append(highs, np.max(part))
    spread = highs - lows
    widest = -1
    for i in range(len(spread)):
        if widest == -1 or spread[i] > spread[widest]:
            widest = i
    return lows, highs, spread, widest
