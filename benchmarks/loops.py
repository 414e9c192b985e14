"""Training loops written by hand in Numba, one a model: what a kernel generated for any function has to match.

Each goes over all examples once, one at a time, with plain SGD, local copies of the rows and fast arithmetic, and
gives the mean loss. They take the examples in the order given, so shuffle outside.
"""

import numba
import numpy as np

jit = numba.njit(fastmath=True, nogil=True)


@jit
def factorization_machine(order, fields, ratings, rows, biases, offsets, mean, rate, l2):
    """Five fields, one table of rows end to end: pairwise products by the square of the sum."""
    n_fields, k = fields.shape[1], rows.shape[1]
    total, both = np.empty(k, np.float32), 0.0
    for e in order:
        score = mean
        total[:] = 0
        squares = np.float32(0)
        for f in range(n_fields):
            r = offsets[f] + fields[e, f]
            score += biases[r]
            for j in range(k):
                v = rows[r, j]
                total[j] += v
                squares += v * v
        cross = np.float32(0)
        for j in range(k):
            cross += total[j] * total[j]
        error = score + np.float32(0.5) * (cross - squares) - ratings[e]
        both += error * error
        step = np.float32(2) * error
        for f in range(n_fields):
            r = offsets[f] + fields[e, f]
            biases[r] -= rate * step
            for j in range(k):
                v = rows[r, j]
                rows[r, j] = v - rate * (step * (total[j] - v) + np.float32(2) * l2 * v)
    return both / len(order)


@jit
def personalized_ranking(order, users, items, user_rows, item_rows, item_bias, rate, l2, seed):
    """BPR with one uniformly drawn negative an example."""
    k, n_items = user_rows.shape[1], item_rows.shape[0]
    state, both = np.uint64(seed), 0.0
    for e in order:
        state ^= state << np.uint64(13)
        state ^= state >> np.uint64(7)
        state ^= state << np.uint64(17)
        u, i = users[e], items[e]
        j = np.int64(1 + (state >> np.uint64(33)) % np.uint64(n_items - 1))
        margin = item_bias[i] - item_bias[j]
        for f in range(k):
            margin += user_rows[u, f] * (item_rows[i, f] - item_rows[j, f])
        wrong = np.float32(1) / (np.float32(1) + np.exp(margin))
        both += -np.log(max(np.float32(1) - wrong, np.float32(1e-30)))
        item_bias[i] += rate * wrong
        item_bias[j] -= rate * wrong
        for f in range(k):
            a, b, c = user_rows[u, f], item_rows[i, f], item_rows[j, f]
            user_rows[u, f] = a + rate * (wrong * (b - c) - np.float32(2) * l2 * a)
            item_rows[i, f] = b + rate * (wrong * a - np.float32(2) * l2 * b)
            item_rows[j, f] = c - rate * (wrong * a + np.float32(2) * l2 * c)
    return both / len(order)


@jit
def two_layers(order, users, items, ratings, user_rows, item_rows, hidden, hidden_bias, output, output_bias, rate):
    """Two rows side by side, a dense layer with relu, one number."""
    k, width = user_rows.shape[1], hidden.shape[0]
    x, dx = np.empty(2 * k, np.float32), np.empty(2 * k, np.float32)
    h, both = np.empty(width, np.float32), 0.0
    for e in order:
        u, i = users[e], items[e]
        for f in range(k):
            x[f] = user_rows[u, f]
            x[k + f] = item_rows[i, f]
        score = output_bias[0]
        for w in range(width):
            s = hidden_bias[w]
            for f in range(2 * k):
                s += hidden[w, f] * x[f]
            h[w] = max(s, np.float32(0))
            score += output[w] * h[w]
        error = score - ratings[e]
        both += error * error
        step = np.float32(2) * error
        dx[:] = 0
        for w in range(width):
            if h[w] > 0:
                d = step * output[w]
                output[w] -= rate * step * h[w]
                hidden_bias[w] -= rate * d
                for f in range(2 * k):
                    dx[f] += d * hidden[w, f]
                    hidden[w, f] -= rate * d * x[f]
        output_bias[0] -= rate * step
        for f in range(k):
            user_rows[u, f] -= rate * dx[f]
            item_rows[i, f] -= rate * dx[k + f]
    return both / len(order)
