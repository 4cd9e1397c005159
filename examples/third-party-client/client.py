"""The calls of the protocol, each signed: what `openapi.json` says under `/access/v1` and `/audit/v1`."""
import base64
import http.client
import json
import secrets
import time
import uuid
from urllib.parse import urlsplit

import protocol
from protocol import DIGEST, V1


def stamp(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


class Client:
    """Someone who asks for approvals and releases what was approved: a gateway, a job runner, a tool server."""

    def __init__(self, url, own, keys, pep_key, keyid, trace=None):
        """`own` as in `protocol.check_grant`; `keys` are pinned; `trace` gets one JSON line for every exchange."""
        self.address, self.own, self.keys = urlsplit(url).netloc, own, keys
        self.pep_key, self.keyid, self.trace = pep_key, keyid, trace
        self.chain, self.seq, self.prev = str(uuid.uuid4()), 0, "0" * 64

    def exchange(self, method, path, headers, body=b""):
        """One HTTP exchange: status and text."""
        connection = http.client.HTTPConnection(self.address, timeout=40)
        try:
            connection.request(method, path, body or None, headers)
            answer = connection.getresponse()
            status, text = answer.status, answer.read().decode()
        finally:
            connection.close()
        if self.trace:
            said = {"method": method, "path": path, "asked": body.decode(), "status": status, "answered": text}
            print(json.dumps(said), file=self.trace, flush=True)
        return status, text

    def signed(self, method, path, body=b"", wait=0, kind="application/json"):
        covered = {"@method": method, "@authority": self.address, "@path": path}
        if method == "POST":
            covered["content-digest"] = protocol.content_digest(body)
            covered["idempotency-key"] = f'"{uuid.uuid4()}"'
        headers = protocol.signature(self.pep_key, covered, int(time.time()), secrets.token_urlsafe(16), self.keyid)
        headers.update({name: value for name, value in covered.items() if not name.startswith("@")})
        headers.update({"content-type": kind} if method == "POST" else {})
        headers.update({"prefer": f"wait={wait}"} if wait else {})
        return self.exchange(method, path, headers, body)

    def post(self, path, value):
        status, text = self.signed("POST", path, json.dumps(value).encode())
        return status, protocol.strict(text)

    def write(self, event, members):
        """The next record of our chain. It is durable once the service has echoed it."""
        at = stamp(time.time()).replace("Z", ".000Z")
        it = protocol.record(self.chain, self.seq, self.prev, event, at, members)
        self.seq, self.prev = self.seq + 1, it["hash"]
        return it

    def keep(self, records):
        lines = "".join(json.dumps(it) + "\n" for it in records).encode()
        status, text = self.signed("POST", "/audit/v1/records", lines, kind="application/jsonl")
        names = [{name: it[name] for name in ("chain", "seq", "hash")} for it in records]
        protocol.must(status == 200 and protocol.strict(text)["accepted"] == names, f"records are not kept: {status} {text}")

    def task(self, id, wait=20):
        status, text = self.signed("GET", f"/access/v1/requests/{id}", wait=wait)
        protocol.must(status == 200, f"no task: {status} {text}")
        task = protocol.strict(text)["task"]
        protocol.must(task["id"] == id, "another task")
        return task

    def redeem(self, submission, approval, nonce, releasing):
        """Uses a grant up. Only `check_receipt` says that it may leave; `decision: true` alone says nothing."""
        body = {name: submission[name] for name in ("subject", "action", "resource")}
        body["context"] = {DIGEST: submission["context"][DIGEST], "approval": approval,
                           V1: {"nonce": nonce, "record": releasing}}
        status, answer = self.post("/access/v1/evaluation", body)
        protocol.must(status == 200, f"no answer to a redeem: {status} {answer}")
        return answer


def nonce():
    """128 fresh random bits."""
    return base64.urlsafe_b64encode(secrets.token_bytes(16)).rstrip(b"=").decode()


class Reviewer:
    """A human's session at the approver API. `--dev` gives one for a name; in earnest it comes from your login."""

    def __init__(self, client, name):
        self.client = client
        status, text = client.exchange("POST", "/login/dev", {"content-type": "application/json"},
                                       json.dumps({"name": name}).encode())
        protocol.must(status == 200, f"`{name}` cannot log in: {status} {text}")
        self.headers = {"authorization": f"Bearer {json.loads(text)['session']}", "content-type": "application/json"}

    def shown(self, id):
        status, text = self.client.exchange("GET", f"/approver/v1/requests/{id}", self.headers)
        protocol.must(status == 200, f"not shown: {status} {text}")
        return json.loads(text)

    def decide(self, shown, decision, **other):
        said = {"decision": decision, "reason": "as agreed", "display_digest": shown["display_digest"], "code": shown["code"]}
        path = f"/approver/v1/requests/{shown['id']}/decisions"
        status, text = self.client.exchange("POST", path, self.headers, json.dumps({**said, **other}).encode())
        return status, json.loads(text)
