#!/usr/bin/env python3
"""Checks `protocol.py` against the published vectors: `vectors.py FOLDER`. Each line printed names a vector that holds."""
import json
import re
import sys
from pathlib import Path

import ed25519
import protocol
from protocol import DIGEST, V1


def check(folder):
    read = lambda name: (folder / name).read_text(encoding="utf-8")
    submission = protocol.strict(read("approval-request.body"))
    v1 = submission["context"][V1]

    binding = protocol.strict(read("request_binding.json"))
    digest = protocol.request_digest(bytes(range(32)), "bk1", binding)
    yield "request_binding.json", digest == submission["context"][DIGEST]
    yield "approval-request.json", protocol.strict(read("approval-request.json")) == submission
    yield "display.json", protocol.jcs(protocol.display(submission)) == read("display.json").strip().encode() \
        and protocol.display_digest(submission) == v1["payload"]["display_digest"]

    for name, method, path in (("rfc9421.txt", "POST", "/access/v1/requests"),
                               ("rfc9421-get.txt", "GET", "/access/v1/requests/arq_01KAJ5S0A7B8C9D0E1F2G3H4J5")):
        text = read(name)
        covered = {"@method": method, "@authority": "approvals.example.com", "@path": path}
        if method == "POST":
            covered["content-digest"] = protocol.content_digest(read("approval-request.body").encode())
            covered["idempotency-key"] = '"9a6f2c1e-5b7d-4c1a-8e21-0f0e0d0c0b0a"'
        created, nonce = re.search(r"created=(\d+)", text)[1], re.search(r'nonce="(.*?)"', text)[1]
        signed = protocol.signature(bytes(range(32)), covered, created, nonce, "pep-prod-eu1-2026q4")
        yield name, f"Signature: {signed['signature']}" in text and f"Signature-Input: {signed['signature-input']}" in text

    keys = protocol.keys_of(protocol.strict(read("jwks.json")))
    yield "jwks.json", len(keys) == 1
    own = {"issuer": "https://approvals.example.com", "client_id": "urn:countersign:pep:prod-eu1",
           "quorum": v1["quorum"], "grant_seconds": 300}
    token = read("approval.jws").strip()
    grant = protocol.claims(token, protocol.GRANT, keys)
    yield "approval.jws", grant == protocol.strict(read("approval_claims.json"))
    task = {"id": grant["tid"], "result": {"mode": "reevaluate", "approval": {"id": grant["jti"], "state": token}}}
    yield "approval_claims.json", protocol.check_grant(task, submission, own, keys, grant["iat"] + 1) == grant
    yield "a forged grant", refuses(lambda: protocol.claims(token[:-20] + "A" * 18 + token[-2:], protocol.GRANT, keys))
    yield "an old grant", refuses(lambda: protocol.check_grant(task, submission, own, keys, grant["exp"] + 31))
    other = json.loads(json.dumps(submission))
    other["context"][V1]["payload"]["size"] += 1
    yield "a grant of another display", refuses(lambda: protocol.check_grant(task, other, own, keys, grant["iat"]))
    alice = {**grant["approvers"][0], "sub": "00u-x", "email": "Alice+ok@Example.com"}
    asking = protocol.requesters(submission)
    yield "a requester's own grant", refuses(lambda: protocol.check_quorum([alice], 1, ["data-owners"], asking))

    chain = [protocol.strict(line) for line in read("chain.jsonl").splitlines()]
    links = all(one["prev"] == (chain[i - 1]["hash"] if i else "0" * 64) and one["seq"] == i for i, one in enumerate(chain))
    yield "chain.jsonl", links and all(protocol.record_hash(one) == one["hash"] for one in chain)
    token, claims = read("receipt.jws").strip(), protocol.strict(read("receipt_claims.json"))
    yield "receipt.jws", protocol.claims(token, protocol.RECEIPT, keys) == claims
    kept = chain[claims["audit"]["seq"]]
    checked = lambda nonce: protocol.check_receipt(token, grant, nonce, kept, own, keys, claims["iat"])
    yield "receipt_claims.json", checked(claims["nonce"]) == claims
    yield "a receipt for another nonce", refuses(lambda: checked("AAECAwQFBgcICQoLDA0ODg"))
    yield "a key of small order", not ed25519.verifies(bytes([1] + [0] * 31), b"", bytes([1] + [0] * 63))


def refuses(attempt):
    try:
        attempt()
    except protocol.Fault:
        return True
    return False


if __name__ == "__main__":
    failed = False
    for name, holds in check(Path(sys.argv[1])):
        print("ok" if holds else "FAILED", name, flush=True)
        failed = failed or not holds
    sys.exit(1 if failed else 0)
