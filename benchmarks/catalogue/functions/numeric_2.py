"""Recurrences, polynomials over integers, rising sequences."""

__all__ = ["longest_rising", "polynomial_table", "recurrence_term"]

MODULUS = 1_000_000_007


def multiply(a, b, modulus):
    size = len(a)
    result = []
    for i in range(size):
        result.append([])
        for j in range(size):
            result[i].append(0)
            for k in range(size):
                result[i][j] = (result[i][j] + a[i][k] * b[k][j]) % modulus
    return result


def recurrence_term(coefficients, initial, n, modulus=MODULUS):
    """Term n of x[n] = c0*x[n-1] + c1*x[n-2] + ..., as a matrix power, modulo a number."""
    order = len(coefficients)
    if len(initial) != order:
        raise ValueError("as many initial terms as coefficients are needed")
    if n < order:
        return initial[n] % modulus
    matrix = [[0] * order for _ in range(order)]
    for j in range(order):
        matrix[0][j] = coefficients[j] % modulus
    for i in range(1, order):
        matrix[i][i - 1] = 1
    power = matrix
    for _ in range(n - order):
        power = multiply(power, matrix, modulus)
    newest_first = list(reversed(initial))
    total = 0
    for j in range(order):
        total += power[0][j] * newest_first[j]
    return total % modulus


def evaluate(coefficients, x):
    """Value at x; coefficients from the constant term up."""
    total = 0
    for power, coefficient in enumerate(coefficients):
        total += coefficient * x**power
    return total


def derivative(coefficients):
    return [power * coefficient for power, coefficient in enumerate(coefficients)][1:]


def polynomial_table(coefficients, xs):
    """Value, slope and the sign changes so far of an integer polynomial at each x, with differences between rows."""
    table = []
    for x in xs:
        row = {"x": x, "value": evaluate(coefficients, x), "slope": evaluate(derivative(coefficients), x)}
        changes = 0
        previous = 0
        for earlier in table + [row]:
            sign = (earlier["value"] > 0) - (earlier["value"] < 0)
            if sign != 0:
                if previous != 0 and sign != previous:
                    changes += 1
                previous = sign
        row["changes"] = changes
        row["difference"] = row["value"] - table[-1]["value"] if table else None
        table.append(row)
    return table


def longest_rising(values):
    """A longest strictly rising subsequence: of all of them the one that ends earliest, built from earliest parts."""
    if not values:
        return []
    best = [1] * len(values)
    previous = [None] * len(values)
    for i in range(len(values)):
        for j in range(i):
            if values[j] < values[i] and best[j] + 1 > best[i]:
                best[i] = best[j] + 1
                previous[i] = j
    end = best.index(max(best))
    result = []
    while end is not None:
        result = [values[end]] + result
        end = previous[end]
    return result
