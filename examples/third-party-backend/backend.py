#!/usr/bin/env python3
"""An approval service that somebody else wrote: the filters' side of the protocol, and a small page for reviewers.

Everything is in memory: after a restart no grant can be redeemed, so nothing leaves. Records are checked and acknowledged,
but not kept. Both are what you would add first. `README.md` says which vector checks which function.
"""
import hashlib, hmac, html, json, re, secrets, sys, threading, time, unicodedata
from base64 import b64encode, urlsafe_b64encode
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import permutations
from urllib.parse import parse_qs

from ed25519 import scalar, sign, times_base

DIGEST, V1, REQUESTS = "urn:countersign:request_digest", "urn:countersign:v1", "/access/v1/requests"
PAGE = '<!doctype html><html lang="en"><meta charset="utf-8"><title>Approvals</title><h1>Approvals</h1>%s'
ITEM = """<h2>%s %s</h2><pre>%s</pre><form method="post" action="/reviews/%s">
<input type="hidden" name="display_digest" value="%s"><label>Your token <input type="password" name="token"></label>
<button name="decision" value="approve">Approve</button> <button name="decision" value="deny">Deny</button></form>"""

class Refused(Exception):
    """Status and title of the answer."""

def b64url(data): return urlsafe_b64encode(data).rstrip(b"=").decode()

def jcs(value):
    """RFC 8785, for what is canonicalised here: names in ASCII, integers, no fractions."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()

def strict(body):
    """One JSON document with no name twice."""
    def once(pairs):
        if len(dict(pairs)) != len(pairs):
            raise ValueError("a member name occurs twice")
        return dict(pairs)
    return json.loads(body, object_pairs_hook=once)
def pick(value, *names): return {name: value[name] for name in names}

def display(asked):
    """What reviewers are shown, and its digest."""
    v1 = asked["context"][V1]
    lineage, payload = v1.get("lineage") or {"source": "policy"}, v1["payload"]
    shown = {
        "subject": pick(asked["subject"], "type", "id"), "resource": pick(asked["resource"], "type", "id"),
        "action": pick(asked["action"], "name"), "destination": pick(v1["destination"], "scheme", "authority", "path"),
        "lineage": {"source": lineage["source"], "inputs": lineage.get("inputs", []), "outputs": lineage.get("outputs", [])},
        "payload": pick(payload, "media_type", "size", "truncated", "masked_excerpt", "masked"),
        "policy": pick(v1["policy"], "id", "rule", "rule_digest"), "secrets": v1.get("secrets", []),
    }
    shown["payload"].update({"allowed": payload["allowed"]} if payload.get("allowed") else {})
    shown.update({"batch": v1["batch"]} if v1.get("batch") else {})
    return shown, "sha-256:" + b64url(hashlib.sha256(b"countersign-display-v1\0" + jcs(shown)).digest())

def person(name):
    """The form in which names and addresses block each other: NFKC, case folded, without the plus-tag."""
    local, at, domain = unicodedata.normalize("NFKC", name or "").casefold().strip().rstrip(".").rpartition("@")
    return local.split("+")[0] + at + domain

class Service:
    def __init__(self, config):
        self.issuer, self.client, self.keyid, self.reviewers = (
            config[name] for name in ("issuer", "client_id", "keyid", "reviewers"))
        self.secret, self.seed = bytes.fromhex(config["pep_key"]), bytes.fromhex(config["signing_seed"])
        key = {"crv": "Ed25519", "kty": "OKP", "x": b64url(times_base(scalar(self.seed)))}
        self.jwk = {**key, "kid": b64url(hashlib.sha256(jcs(key)).digest()), "alg": "Ed25519", "use": "sig"}
        self.tasks, self.chains, self.nonces, self.keys, self.changed = {}, {}, {}, {}, threading.Condition()

    def jws(self, typ, claims):
        head = {"alg": "Ed25519", "kid": self.jwk["kid"], "typ": typ}
        signed = b64url(jcs(head)) + "." + b64url(jcs({"iss": self.issuer, "aud": self.client, **claims}))
        return signed + "." + b64url(sign(self.seed, signed.encode()))

    def authenticate(self, method, path, query, headers, body):
        """RFC 9421, as the protocol narrows it."""
        covered = {"@method": method, "@authority": headers.get("host", "").lower(), "@path": path}
        covered.update({"@query": query} if query else {})
        digest = "sha-256=:" + b64encode(hashlib.sha256(body).digest()).decode() + ":"
        if method == "POST":
            covered.update({name: headers.get(name, "") for name in ("content-digest", "idempotency-key")})
        names = "(" + " ".join(f'"{name}"' for name in covered) + ")"
        rest = r';created=(\d+);nonce="([\w.-]+)";keyid="([\w.-]+)";alg="hmac-sha256";tag="countersign-pep"'
        found = re.fullmatch("pep=(" + re.escape(names) + rest + ")", headers.get("signature-input", ""))
        if not found or found[4] != self.keyid or covered.get("content-digest", digest) != digest:
            raise Refused(401, "not signed, or for something else, or by an unknown key")
        base = "".join(f'"{name}": {value}\n' for name, value in covered.items()) + f'"@signature-params": {found[1]}'
        mac = "pep=:" + b64encode(hmac.digest(self.secret, base.encode(), "sha256")).decode() + ":"
        if not hmac.compare_digest(headers.get("signature", "").encode(), mac.encode()):
            raise Refused(401, "the signature does not verify")
        now, authority = time.time(), self.issuer.split("://")[1]
        self.nonces = {nonce: at for nonce, at in self.nonces.items() if at > now - 300}
        if covered["@authority"] != authority or abs(now - int(found[2])) > 60 or found[3] in self.nonces:
            raise Refused(401, "not for this service, not of this minute, or seen before")
        self.nonces[found[3]] = now
        if method == "POST" and self.keys.setdefault((path, covered["idempotency-key"]), digest) != digest:
            raise Refused(409, "this idempotency key came with another body")

    def take(self, record):
        """A record is acknowledged where its hash is its own and no neighbour that is known contradicts it; gaps fill up later."""
        unhashed, seq = {name: value for name, value in record.items() if name != "hash"}, record["seq"]
        hashed, chain = hashlib.sha256(b"countersign-audit-v1\0" + jcs(unhashed)).hexdigest(), self.chains.get(record["chain"], {})
        link, before, after = (record["prev"], hashed), chain.get(seq - 1), chain.get(seq + 1)
        fits = hashed == record["hash"] and chain.get(seq, link) == link and (chain or (seq, link[0]) == (0, "0" * 64))
        if not fits or before and before[1] != link[0] or after and after[0] != hashed:
            return None
        self.chains.setdefault(record["chain"], {})[seq] = link
        return pick(record, "chain", "seq", "hash")

    def submit(self, asked):
        """The task that this request already has, or a new one."""
        shown, digest = display(asked)
        if asked["client"]["id"] != self.client or digest != asked["context"][V1]["payload"]["display_digest"]:
            raise Refused(409, "another client, or the display is not what its digest says")
        same = lambda it: (it["subject"], it["client"], it["context"][DIGEST], display(it)[1])
        for task in self.tasks.values():
            if same(task["asked"]) == same(asked) and self.state(task) in ("pending", "approved") and not task["used"]:
                return task
        until = asked.get("requested_access", {}).get("requested_until")
        until = datetime.fromisoformat(until.replace("Z", "+00:00")).timestamp() if until else time.time() + 900
        task = {"id": "arq_" + secrets.token_hex(12), "asked": asked, "shown": shown, "digest": digest, "state": "pending",
                "until": min(until, time.time() + 86400), "votes": {}, "token": None, "used": None}
        return self.tasks.setdefault(task["id"], task)

    def state(self, task):
        if task["state"] in ("pending", "approved") and time.time() >= task["until"]:
            task["state"] = "expired"
        return task["state"]

    def answer(self, task):
        state, until = self.state(task), datetime.fromtimestamp(task["until"], timezone.utc)
        it = {"id": task["id"], "status": state, "expires_at": until.strftime("%Y-%m-%dT%H:%M:%SZ"),
              "status_endpoint": f"{self.issuer}{REQUESTS}/{task['id']}", "links": {"ticket": self.issuer + "/"},
              "display": {V1: {"code": task["asked"]["context"][V1].get("code")}}}
        if state == "approved":
            it["result"] = {"mode": "reevaluate", "approval": {"id": task["id"].replace("arq", "apr"), "state": task["token"]}}
        if state == "denied":
            it["result"] = {"denial": {"state": task["token"]}}
        return {"task": it}

    def decide(self, task, name, decision, digest):
        """One reviewer's word. Nobody who asks decides, and each group needs a person of its own."""
        who, want, actor = self.reviewers[name], task["asked"]["context"][V1]["quorum"], task["asked"]["client"]["actor"]
        requesters, act = {person(task["asked"]["subject"]["id"]), person(actor["id"])}, actor.get("act")
        while act:
            requesters.add(person(act["sub"]))
            act = act.get("act")
        if requesters & {person(who["sub"]), person(who["email"])}:
            raise Refused(403, "self-approval: you are among those who ask")
        groups = [group for group in want["groups"] if group in who["groups"]]
        if not groups or decision not in ("approve", "deny"):
            raise Refused(403, "not eligible: you are in no group of this rule")
        if digest != task["digest"] or self.state(task) != "pending":
            raise Refused(409, "what you saw is out of date, or it is decided already")
        task["votes"][name] = {**pick(who, "iss", "sub", "email"), "group": groups[0], "channel": "web", "at": int(time.time())}
        if decision == "deny":
            self.sign(task, "denied", [])
        elif len(task["votes"]) >= want["required"]:
            for people in permutations(task["votes"], len(want["groups"])):
                assigned = dict(zip(people, want["groups"]))
                if all(group in self.reviewers[one]["groups"] for one, group in assigned.items()):
                    votes = task["votes"].items()
                    self.sign(task, "approved", [{**vote, "group": assigned.get(one, vote["group"])} for one, vote in votes])
                    break
        self.changed.notify_all()

    def sign(self, task, decision, approvers):
        """The signed decision: what was asked, repeated claim by claim, and who agreed."""
        asked, now, v1 = task["asked"], int(time.time()), task["asked"]["context"][V1]
        ends = now + min(asked.get("requested_access", {}).get("urn:countersign:grant_seconds", 300), 300)
        task["state"], task["token"] = decision, self.jws("countersign-approval+jwt", {
            "iat": now, "nbf": now, "exp": ends, "jti": task["id"].replace("arq", "apr"), "tid": task["id"],
            "decision": decision, "request_digest": asked["context"][DIGEST], "display_digest": task["digest"],
            "max_uses": 1, "binding_context_members": [DIGEST], "actor": asked["client"]["actor"],
            **pick(task["shown"], "subject", "action", "resource"), "release": {"secrets": v1.get("secrets", [])},
            "policy": pick(v1["policy"], "id", "rule", "commit", "rule_digest", "digest"),
            "quorum": pick(v1["quorum"], "required", "groups", "distinct"), "approvers": approvers})
        task["until"] = ends if decision == "approved" else task["until"]

    def redeem(self, asked):
        """Uses a grant up, once, and says so over a signature."""
        context, nonce, record = asked["context"], asked["context"][V1]["nonce"], asked["context"][V1]["record"]
        jti, kept = context["approval"]["id"], self.take(record)
        task = self.tasks.get(jti.replace("apr", "arq"))
        told = {"event": "action.releasing", "tid": jti.replace("apr", "arq"), "jti": jti, "request_digest": context[DIGEST]}
        fits = lambda: told.items() <= {name: value for name, value in record.items() if isinstance(value, str)}.items() \
            and context[DIGEST] == task["asked"]["context"][DIGEST] and context["approval"]["state"] == task["token"]
        detail = "audit_unwritable" if not kept else "not_approved" if not task else \
            "expired" if self.state(task) == "expired" else "not_approved" if task["state"] != "approved" else \
            "digest_mismatch" if not fits() else "already_redeemed" if task["used"] not in (None, (nonce, kept["hash"])) else None
        if detail:
            return {"decision": False, "context": {"reason": "approval_expired", "next_action": "request", V1: {"detail": detail}}}
        task["used"], now = (nonce, kept["hash"]), int(time.time())
        receipt = self.jws("countersign-receipt+jwt", {"iat": now, "exp": now + 30, "jti": jti, "nonce": nonce,
                                                       "request_digest": context[DIGEST], "audit": kept})
        return {"decision": True, "context": {"approval": {"id": jti}, V1: {"receipt": receipt}}}

    def route(self, method, path, query, headers, body):
        if (method, path) == ("GET", "/"):
            waiting = [task for task in self.tasks.values() if self.state(task) == "pending"]
            return 200, PAGE % ("".join(ITEM % tuple(html.escape(text) for text in (
                task["asked"]["context"][V1].get("code") or "", task["shown"]["action"]["name"],
                json.dumps(task["shown"], indent=1), task["id"], task["digest"])) for task in waiting) or "<p>Nothing waits.")
        if method == "POST" and path.startswith("/reviews/"):
            said = {name: values[0] for name, values in parse_qs(body.decode()).items()}
            token, task = said.get("token", "").encode(), self.tasks.get(path.removeprefix("/reviews/"))
            known = [name for name, who in self.reviewers.items() if hmac.compare_digest(who["token"].encode(), token)]
            if not known or not task:
                raise Refused(403, "no reviewer of ours, or no such request")
            self.decide(task, known[0], said.get("decision"), said.get("display_digest"))
            return 200, self.answer(task)
        self.authenticate(method, path, query, headers, body)
        if (method, path) == ("POST", "/audit/v1/records"):
            kept = [self.take(strict(line)) for line in body.splitlines() if line]
            return 200, {"accepted": [one for one in kept if one]}
        if (method, path) == ("POST", "/access/v1/evaluation"):
            return 200, self.redeem(strict(body))
        id, verb = (path.removeprefix(REQUESTS + "/").split("/") + [""])[:2]
        task = self.submit(strict(body)) if (method, path) == ("POST", REQUESTS) else self.tasks.get(id)
        if not task:
            raise Refused(404, "no such task")
        if verb == "cancel" and self.state(task) == "pending":
            task["state"] = "cancelled"
            self.changed.notify_all()
        prefer = re.search(r"\bwait=(\d+)", headers.get("prefer", ""))
        self.changed.wait_for(lambda: self.state(task) != "pending", min(int(prefer[1]), 20) if prefer and not verb else 0)
        return 202 if path == REQUESTS and self.state(task) == "pending" else 200, self.answer(task)

class Handler(BaseHTTPRequestHandler):
    protocol_version, timeout, log_message = "HTTP/1.1", 120, lambda *_: None

    def do_GET(self):
        try:
            (path, mark, query), size = self.path.partition("?"), int(self.headers.get("content-length") or 0)
            if size > 1 << 20 or self.headers.get("transfer-encoding"):
                self.close_connection, body = True, b""
                raise Refused(413, "a body has a length, of at most a mebibyte")
            body = self.rfile.read(size)
            with self.server.service.changed:
                answer = self.server.service.route(self.command, path, mark + query, self.headers, body)
        except Refused as refused:
            answer = refused.args[0], {"title": refused.args[1], "status": refused.args[0]}
        except (ValueError, KeyError, TypeError, AttributeError, IndexError) as fault:
            answer = 400, {"title": f"not of the protocol's shape: {fault!r}", "status": 400}
        is_page, body = isinstance(answer[1], str), answer[1] if isinstance(answer[1], str) else json.dumps(answer[1])
        self.send_response(answer[0])
        self.send_header("content-type", "text/html; charset=utf-8" if is_page else "application/json")
        self.send_header("content-length", str(len(body.encode())))
        self.send_header("content-security-policy", "default-src 'none'; form-action 'self'; frame-ancestors 'none'")
        self.end_headers()
        self.wfile.write(body.encode())
    do_POST = do_GET

if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:
        config = json.load(file)
    host, _, port = config["listen"].rpartition(":")
    server = ThreadingHTTPServer((host, int(port)), Handler)
    config.setdefault("issuer", f"http://{host}:{server.server_port}")
    server.service, server.daemon_threads = Service(config), True
    said = {"ready": True, "url": f"http://{host}:{server.server_port}", "jwks": {"keys": [server.service.jwk]}}
    print(json.dumps({**said, **pick(config, "issuer", "client_id", "keyid")}), flush=True)
    server.serve_forever()
