"""A real mail server on loopback (aiosmtpd, LMTP/SMTP reference of Debian): STARTTLS and login where asked for.

Prints its port, then one JSON line for each mail that it took. What a mail says it must not say is the tests' business.
"""

import json
import ssl
import sys

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult


class Taker:
    async def handle_DATA(self, server, session, envelope):
        if any("refused" in address for address in envelope.rcpt_tos):
            return "550 5.1.1 no such mailbox"
        mail = {
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "data": envelope.content.decode("utf-8", "surrogateescape"),
            "tls": session.ssl is not None,
            "user": getattr(session, "auth_data", None) and session.auth_data.login.decode(),
        }
        print(json.dumps(mail), flush=True)
        return "250 taken"


def login(server, session, envelope, mechanism, data):
    good = (data.login, data.password) == (b"countersign", b"correct horse")
    return AuthResult(success=good, handled=good, auth_data=data)


options = {}
if len(sys.argv) == 3:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[1], sys.argv[2])
    options = {
        "tls_context": context,
        "require_starttls": True,
        "authenticator": login,
        "auth_required": True,
    }
controller = Controller(Taker(), hostname="127.0.0.1", port=0, ready_timeout=20, **options)
try:
    controller.start()
except Exception:  # port 0 is not asked back by the controller; the server has it
    pass
print(json.dumps({"port": controller.server.sockets[0].getsockname()[1]}), flush=True)
sys.stdin.read()
controller.stop()
