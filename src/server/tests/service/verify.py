"""Standard Webhooks' own library (PyPI `standardwebhooks`): verifies the calls on its standard input, a JSON array."""

import json
import sys
from datetime import datetime

import standardwebhooks.webhooks
from standardwebhooks import Webhook, WebhookVerificationError

asked = json.load(sys.stdin)


class Then(datetime):
    """The time of the tests: the library takes what is at most five minutes from its own."""

    @classmethod
    def now(cls, tz=None):
        return cls.fromtimestamp(asked["at"], tz)


standardwebhooks.webhooks.datetime = Then
said = []
for call in asked["calls"]:
    try:
        Webhook(asked["secret"]).verify(call["body"], call["headers"])
        said.append(True)
    except WebhookVerificationError:
        said.append(False)
print(json.dumps(said))
