"""Ed25519 signatures, RFC 8032 section 5.1, with integers alone: in place of the library or key service that yours will use.

Not constant in time: who can measure how long it takes to sign may learn the key. Fine for trying things out.
"""
from hashlib import sha512

P, ORDER = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D, X = -121665 * pow(121666, -1, P) % P, 15112221349535400772501151409588531511454012693041857206046113283949847762202
Y = 4 * pow(5, -1, P) % P
BASE = (X, Y, 1, X * Y % P)

def add(a, b):
    """The sum of two points (X : Y : Z : T) with x = X/Z, y = Y/Z, xy = T/Z."""
    less, more = (a[1] - a[0]) * (b[1] - b[0]), (a[1] + a[0]) * (b[1] + b[0])
    both, twice = 2 * D * a[3] * b[3], 2 * a[2] * b[2]
    e, f, g, h = more - less, twice - both, twice + both, more + less
    return e * f % P, g * h % P, f * g % P, e * h % P

def times_base(n):
    total, point = (0, 1, 1, 0), BASE
    while n:
        total, point, n = add(total, point) if n & 1 else total, add(point, point), n >> 1
    inverse = pow(total[2], -1, P)
    x, y = total[0] * inverse % P, total[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")

def number(*parts):
    return int.from_bytes(sha512(b"".join(parts)).digest(), "little")

def scalar(seed):
    return number(seed) % 2**254 & ~7 | 2**254

def sign(seed, message):
    secret = number(sha512(seed).digest()[32:], message) % ORDER
    commitment = times_base(secret)
    answer = secret + number(commitment, times_base(scalar(seed)), message) * scalar(seed)
    return commitment + (answer % ORDER).to_bytes(32, "little")
