"""Ed25519 verification, RFC 8032 section 5.1.7, with integers alone: in place of the library that yours will use.

Strict: an `S` that is not below the order, a point that is not on the curve, one of small order, or a coordinate that is
not below the prime refuses. Verification handles nothing secret, so it need not be constant in time.
"""
from hashlib import sha512

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
ROOT = pow(2, (P - 1) // 4, P)  # of -1


def point(data):
    """The point that 32 bytes name, as (X, Y, Z, T), or None."""
    number = int.from_bytes(data, "little")
    y, odd = number % 2**255, number >> 255
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * ROOT % P
    if x * x % P != square or (x == 0 and odd):
        return None
    if x % 2 != odd:
        x = P - x
    return x, y, 1, x * y % P


BASE = point((4 * pow(5, -1, P) % P).to_bytes(32, "little"))


def add(a, b):
    less, more = (a[1] - a[0]) * (b[1] - b[0]), (a[1] + a[0]) * (b[1] + b[0])
    both, twice = 2 * D * a[3] * b[3], 2 * a[2] * b[2]
    e, f, g, h = more - less, twice - both, twice + both, more + less
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(n, it):
    total = (0, 1, 1, 0)
    while n:
        if n & 1:
            total = add(total, it)
        it, n = add(it, it), n >> 1
    return total


def same(a, b):
    return (a[0] * b[2] - b[0] * a[2]) % P == 0 and (a[1] * b[2] - b[1] * a[2]) % P == 0


def is_small(it):
    return same(times(8, it), (0, 1, 1, 0))


def verifies(key, message, signature):
    """Whether `signature` (64 bytes) over `message` is by `key` (32 bytes)."""
    if len(key) != 32 or len(signature) != 64:
        return False
    public, commitment = point(key), point(signature[:32])
    answer = int.from_bytes(signature[32:], "little")
    if public is None or commitment is None or answer >= ORDER or is_small(public) or is_small(commitment):
        return False
    challenge = int.from_bytes(sha512(signature[:32] + key + message).digest(), "little") % ORDER
    return same(times(answer, BASE), add(commitment, times(challenge, public)))
