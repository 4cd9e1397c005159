#!/usr/bin/env python3
"""An approval from beginning to end against a running service: `story.py READY KEY [TRACE]`.

READY is the line that `countersign serve --dev` prints when it is ready, in a file; KEY is its `pep.key`.
"""
import json
import os
import sys
import time

import protocol
from client import Client, Reviewer, nonce, stamp
from protocol import DIGEST, V1, must

RULE = {"name": "nightly-export", "what": "rows leave for the vendor", "people": 1}
BODY = b'{"dataset":"prod.public.customers","rows":48210}'


def step(text):
    print(text, flush=True)


def submission(client, requested):
    """What we ask for: who, what, on what, bound to exactly these bytes."""
    rule_digest = protocol.tagged(b"countersign-rule-v1", protocol.jcs(RULE))
    policy_digest = protocol.tagged(b"countersign-policy-v1", protocol.jcs({"rules": [RULE]}))
    policy = {"id": "vendor-jobs", "rule": RULE["name"], "rule_digest": rule_digest}
    subject = {"type": "workload", "id": "spiffe://prod.example/ns/jobs/sa/nightly"}
    resource, action = {"type": "dataset", "id": "prod.public.customers"}, {"name": "data_export"}
    binding = {
        "v": 1, "method": "POST", "scheme": "https", "authority": "api.vendor.example", "path": "/v2/import", "query": "",
        "content_type": "application/json", "content_digest": protocol.content_digest(BODY), "headers": {}, "secrets": [],
        "subject": subject, "action": action, "resource": resource, "policy": policy,
    }
    now = time.time()
    it = {
        "subject": subject, "resource": resource, "action": action,
        "context": {
            "business_justification": "the reconciliation of contract 114",
            DIGEST: protocol.request_digest(os.urandom(32), "bk1", binding),
            V1: {
                "destination": {"scheme": "https", "authority": "api.vendor.example", "path": "/v2/import"},
                "policy": {**policy, "commit": "0" * 40, "digest": policy_digest},
                "payload": {"media_type": "application/json", "size": len(BODY), "truncated": False,
                            "masked_excerpt": BODY.decode(), "masked": []},
                "quorum": {**client.own["quorum"], "distinct": True, "veto": True},
                "secrets": [], "code": "MAPLE-42",
                "audit": {name: requested[name] for name in ("chain", "seq", "hash")},
            },
        },
        "requested_access": {"requested_until": stamp(now + 600), "urn:countersign:grant_seconds": client.own["grant_seconds"]},
        "client": {"id": client.own["client_id"], "actor": {"id": "nightly", "type": "ai_agent",
                                                            "act": {"sub": "carol", "iss": "urn:countersign:dev"}}},
        "denial": {"evaluation_id": f"eval_{nonce()}", "expires_at": stamp(now + 300), "reason": "approval_required"},
    }
    it["context"][V1]["payload"]["display_digest"] = protocol.display_digest(it)
    return it


def play(ready, pep_key, trace):
    own = {"issuer": ready["issuer"], "client_id": ready["client_id"], "grant_seconds": 120,
           "quorum": {"required": 1, "groups": ["security"]}}
    client = Client(ready["url"], own, protocol.keys_of(ready["jwks"]), pep_key, ready["keyid"], trace)
    _, text = client.exchange("GET", "/.well-known/authzen-configuration", {})
    must("urn:openid:authzen:capability:access-request" in protocol.strict(text)["capabilities"], "no such service")
    status, text = client.exchange("GET", "/access/v1/jwks", {})
    must(status == 200 and set(client.keys) <= set(protocol.keys_of(protocol.strict(text))), "other keys than the pinned ones")

    opened, requested = client.write("chain.open", {"pod": "vendor-jobs"}), client.write("approval.requested", {})
    client.keep([opened, requested])
    step("1. our audit chain is open and acknowledged")

    asked = submission(client, requested)
    status, _ = client.exchange("POST", "/access/v1/requests", {"content-type": "application/json"}, json.dumps(asked).encode())
    must(status == 401, f"an unsigned submission was answered {status}")
    status, answer = client.post("/access/v1/requests", asked)
    must(status == 202 and answer["task"]["status"] == "pending", f"not pending: {status} {answer}")
    id = answer["task"]["id"]
    _, again = client.post("/access/v1/requests", asked)
    must(again["task"]["id"] == id, "the same request made a second task")
    step("2. submitted and pending; unsigned it is refused, and twice it is one task")

    carol, bob = Reviewer(client, "carol"), Reviewer(client, "bob")
    shown = bob.shown(id)
    must(shown["display_digest"] == asked["context"][V1]["payload"]["display_digest"], "something else is shown")
    status, answer = carol.decide(shown, "approve")
    must(status == 403 and answer["type"].endswith("self-approval"), f"the requester decided: {status} {answer}")
    status, answer = bob.decide(shown, "approve", display_digest="sha-256:" + "A" * 43)
    must(status == 409 and answer["type"].endswith("stale-view"), f"a stale view decided: {status} {answer}")
    must(client.task(id, wait=0)["status"] == "pending", "a refused decision counted")
    status, answer = bob.decide(shown, "approve")
    must(status == 200, f"bob cannot approve: {status} {answer}")
    step("3. carol, for whom it is done, cannot approve it; bob can, and only what he was shown")

    task = client.task(id)
    must(task["status"] == "approved", f"not approved: {task}")
    grant = protocol.check_grant(task, asked, own, client.keys, time.time())
    must([one["sub"] for one in grant["approvers"]] == ["bob"], "somebody else approved")
    step("4. the grant verifies, claim by claim")

    told = {"tid": id, "jti": grant["jti"], "request_digest": grant["request_digest"]}
    first, releasing = nonce(), client.write("action.releasing", told)
    answer = client.redeem(asked, task["result"]["approval"], first, releasing)
    must(answer["decision"] is True, f"not redeemed: {answer}")
    receipt = protocol.check_receipt(answer["context"][V1]["receipt"], grant, first, releasing, own, client.keys, time.time())
    step(f"5. redeemed; the receipt verifies, and names record {receipt['audit']['seq']} of our chain: now it may leave")

    answer = client.redeem(asked, task["result"]["approval"], nonce(), client.write("action.releasing", told))
    must(answer["decision"] is False and answer["context"][V1]["detail"] == "already_redeemed", f"used twice: {answer}")
    step("6. a second redeem is refused: already_redeemed")

    done = client.write("action.completed", {"tid": id, "status": 200})
    report = {"state": "completed", "status": 200, "request_bytes": len(BODY), "duration_ms": 12, "record": done}
    status, answer = client.post(f"/access/v1/requests/{id}/outcome", report)
    must(status == 200 and bob.shown(id)["outcome"]["status"] == 200, f"the outcome is lost: {status} {answer}")
    status, head = client.exchange("GET", "/audit/v1/checkpoint", {})
    must(status == 200 and int(head.splitlines()[1]) >= 5, f"no head of the log: {head}")
    step("7. the outcome is with the reviewers, and the records are under the signed head of the log")


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:
        said = json.load(file)
    with open(sys.argv[2], encoding="utf-8") as file:
        key = bytes.fromhex(file.read().strip())
    play(said, key, open(sys.argv[3], "w", encoding="utf-8") if len(sys.argv) > 3 else None)
