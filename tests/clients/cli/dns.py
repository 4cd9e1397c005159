"""Answers every name with one loopback address, so that a client keeps the vendor's real host name and never leaves the machine."""
import socket, struct, sys

ADDRESS = sys.argv[1]
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind((ADDRESS, 53))
while True:
    q, who = s.recvfrom(2048)
    end = 12
    while end < len(q) and q[end]:
        end += q[end] + 1
    kind = struct.unpack("!H", q[end + 1:end + 3])[0]
    one = kind == 1
    head = q[:2] + b"\x81\x80" + struct.pack("!HHHH", 1, 1 if one else 0, 0, 0)
    body = q[12:end + 5]
    if one:
        body += b"\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x04" + socket.inet_aton(ADDRESS)
    s.sendto(head + body, who)
