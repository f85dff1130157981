"""Blurring, bins and investment paths with numpy."""

import numpy as np

__all__ = ["bin_summary", "blur_image", "drawdowns"]


def blur_image(image, kernel):
    """Weighted mean of the neighbourhood of each pixel; at the border only the pixels that exist count."""
    if kernel.shape[0] % 2 == 0 or kernel.shape[1] % 2 == 0:
        raise ValueError("the kernel must have a middle")
    height, width = image.shape
    half_h = kernel.shape[0] // 2
    half_w = kernel.shape[1] // 2
    result = np.empty((height, width))
    for y in range(height):
        for x in range(width):
            total = 0.0
            weight = 0.0
            for ky in range(kernel.shape[0]):
                for kx in range(kernel.shape[1]):
                    sy = y + ky - half_h
                    sx = x + kx - half_w
                    if sy < 0 or sy >= height or sx < 0 or sx >= width:
                        continue
                    total += image[sy, sx] * kernel[ky, kx]
                    weight += kernel[ky, kx]
            result[y, x] = total / weight if weight != 0 else image[y, x]
    return result


def bin_summary(values, edges):
    """Count, sum and mean of the values in each bin [edge, next edge); values outside are left out, NaN too."""
    edges = np.asarray(edges, dtype=float)
    if len(edges) < 2 or np.any(np.diff(edges) <= 0):
        raise ValueError("at least two edges, rising")
    places = np.searchsorted(edges, values, side="right")
    inside = (places > 0) & (places < len(edges)) & ~np.isnan(values)
    bins = len(edges) - 1
    counts = np.bincount(places[inside] - 1, minlength=bins)
    sums = np.bincount(places[inside] - 1, weights=values[inside], minlength=bins)
    means = np.divide(sums, counts, out=np.zeros(bins), where=counts > 0)
    return counts, sums, means


def drawdowns(returns):
    """Worst fall from a peak for each path of period returns (rows), and the period it ended in."""
    if returns.ndim != 2:
        raise ValueError("one row per path")
    paths, periods = returns.shape
    if periods == 0:
        return np.zeros(paths), np.full(paths, -1)
    wealth = np.cumprod(1.0 + returns, axis=1)
    peaks = np.maximum(np.maximum.accumulate(wealth, axis=1), 1.0)
    falls = 1.0 - wealth / peaks
    ends = np.argmax(falls, axis=1)
    return falls[np.arange(paths), ends], ends
