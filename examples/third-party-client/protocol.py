"""What a client computes and checks, one function for each kind of vector. No network, no clock: both are arguments."""
import hashlib
import hmac
import json
import re
import unicodedata
from base64 import b64encode, urlsafe_b64decode, urlsafe_b64encode
from itertools import permutations

import ed25519

DIGEST, V1 = "urn:countersign:request_digest", "urn:countersign:v1"
GRANT, RECEIPT = "countersign-approval+jwt", "countersign-receipt+jwt"
SKEW, MAX_JWS, MAX_RECEIPT, MAX_GRANT = 30, 8192, 30, 86400


class Fault(Exception):
    """Something does not verify; the text says what."""


def must(holds, what):
    if not holds:
        raise Fault(what)


def b64url(data):
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64url(text):
    """Unpadded and canonical: each byte string has one spelling."""
    must(re.fullmatch(r"[A-Za-z0-9_-]*", text) and len(text) % 4 != 1, "not base64url")
    data = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    must(b64url(data) == text, "base64url with bits to spare")
    return data


def strict(text):
    """One JSON document in which no name occurs twice."""
    def once(pairs):
        must(len(dict(pairs)) == len(pairs), "a member name occurs twice")
        return dict(pairs)
    try:
        return json.loads(text, object_pairs_hook=once)
    except ValueError as fault:
        raise Fault(f"not one JSON document: {fault}") from fault


def jcs(value):
    """RFC 8785. The protocol canonicalises no fractions; a float is refused rather than written wrongly."""
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: name.encode("utf-16-be"))
        return b"{" + b",".join(jcs(name) + b":" + jcs(value[name]) for name in names) + b"}"
    if isinstance(value, list):
        return b"[" + b",".join(map(jcs, value)) + b"]"
    must(not isinstance(value, float), "a fraction")
    return json.dumps(value, ensure_ascii=False).encode()


def tagged(prefix, data):
    return "sha-256:" + b64url(hashlib.sha256(prefix + b"\0" + data).digest())


def content_digest(body):
    """RFC 9530."""
    return "sha-256=:" + b64encode(hashlib.sha256(body).digest()).decode() + ":"


def request_digest(key, kid, binding):
    """What an approval is good for; vector `request_binding.json`."""
    mac = hmac.digest(key, b"countersign-request-v1\0" + jcs(binding), "sha256")
    return f"hmac-sha-256:{kid}:{b64url(mac)}"


def display(submission):
    """What a reviewer is shown; vector `display.json`."""
    v1 = submission["context"][V1]
    lineage = v1.get("lineage") or {"source": "policy"}
    payload = {name: v1["payload"][name] for name in ("media_type", "size", "truncated", "masked_excerpt", "masked")}
    if v1["payload"].get("allowed"):
        payload["allowed"] = v1["payload"]["allowed"]
    shown = {
        "subject": entity(submission["subject"]),
        "action": {"name": submission["action"]["name"]},
        "resource": entity(submission["resource"]),
        "destination": {name: v1["destination"][name] for name in ("scheme", "authority", "path")},
        "lineage": {"source": lineage["source"], "inputs": lineage.get("inputs", []), "outputs": lineage.get("outputs", [])},
        "payload": payload,
        "policy": {name: v1["policy"][name] for name in ("id", "rule", "rule_digest")},
        "secrets": v1.get("secrets", []),
    }
    return {**shown, "batch": v1["batch"]} if v1.get("batch") else shown


def display_digest(submission):
    return tagged(b"countersign-display-v1", jcs(display(submission)))


def entity(it):
    return {"type": it["type"], "id": it["id"]}


def signature(key, covered, created, nonce, keyid):
    """RFC 9421 over `covered`, a dict in the order of the protocol; vectors `rfc9421.txt` and `rfc9421-get.txt`."""
    names = " ".join(f'"{name}"' for name in covered)
    parameters = f'({names});created={created};nonce="{nonce}";keyid="{keyid}";alg="hmac-sha256";tag="countersign-pep"'
    base = "".join(f'"{name}": {value}\n' for name, value in covered.items()) + f'"@signature-params": {parameters}'
    mac = b64encode(hmac.digest(key, base.encode(), "sha256")).decode()
    return {"signature-input": f"pep={parameters}", "signature": f"pep=:{mac}:"}


def record(chain, seq, prev, event, at, members):
    """One record of the audit chain; vector `chain.jsonl`."""
    it = {**members, "v": 1, "chain": chain, "seq": seq, "prev": prev, "event": event, "ts": at}
    return {**it, "hash": record_hash(it)}


def record_hash(it):
    return hashlib.sha256(b"countersign-audit-v1\0" + jcs({k: v for k, v in it.items() if k != "hash"})).hexdigest()


def keys_of(jwks):
    """The keys of a set that is *pinned*: a set that came over the network is no source of trust. Vector `jwks.json`."""
    keys = {}
    for jwk in jwks["keys"]:
        must(jwk["kty"] == "OKP" and jwk["crv"] == "Ed25519" and jwk.get("alg", "Ed25519") == "Ed25519", "another kind of key")
        thumbprint = b64url(hashlib.sha256(jcs({"crv": "Ed25519", "kty": "OKP", "x": jwk["x"]})).digest())
        must(jwk["kid"] == thumbprint and thumbprint not in keys, "a kid that is not the key's thumbprint, or comes twice")
        keys[thumbprint] = unb64url(jwk["x"])
    return keys


def claims(token, typ, keys):
    """The claims of a token whose header is exactly `{alg, kid, typ}` and whose signature holds; `approval.jws`."""
    must(len(token) <= MAX_JWS, "a token over 8 KiB")
    parts = token.split(".")
    must(len(parts) == 3, "not three parts")
    head = strict(unb64url(parts[0]))
    must(isinstance(head, dict) and set(head) == {"alg", "kid", "typ"}, "another header")
    must(head["alg"] == "Ed25519" and head["typ"] == typ, "another algorithm or type")
    must(isinstance(head["kid"], str) and head["kid"] in keys, "a key that is not pinned")
    signed = f"{parts[0]}.{parts[1]}".encode()
    must(ed25519.verifies(keys[head["kid"]], signed, unb64url(parts[2])), "the signature does not verify")
    return strict(unb64url(parts[1]))


def timely(it, start, longest, now):
    must(all(type(it[name]) is int for name in ("iat", "exp")), "a time that is no integer")
    must(0 < it["exp"] - it["iat"] <= longest, "it lives too long")
    must(start - SKEW <= now < it["exp"] + SKEW, "not valid at this time")


def person(name):
    """The form in which names and addresses block each other: NFKC, case folded, without the plus-tag."""
    local, at, domain = unicodedata.normalize("NFKC", name or "").casefold().strip().rstrip(".").rpartition("@")
    return local.split("+")[0] + at + domain


def requesters(submission):
    actor = submission["client"]["actor"]
    names, act = [submission["subject"]["id"], actor["id"]], actor.get("act")
    while act:
        names.append(act["sub"])
        act = act.get("act")
    return {person(name) for name in names}


def check_quorum(approvers, required, groups, asking):
    """Distinct people, a different one for each group, and none of those who ask."""
    people = {}
    for one in approvers:
        who = {person(one["sub"])} | ({person(one["email"])} if one.get("email") else set())
        must(not who & asking, "a requester among the approvers")
        if one["group"] in groups:
            people.setdefault(frozenset(who), set()).add(one["group"])
    names = list(people)
    must(all(not a & b for i, a in enumerate(names) for b in names[i + 1:]), "two accounts of one person")
    must(len(names) >= max(required, 1), "too few people")
    assigned = any(all(group in people[one] for one, group in zip(some, groups)) for some in permutations(names, len(groups)))
    must(assigned, "a group without a person of its own")


def check_grant(task, submission, own, keys, now):
    """The grant of an approved task, claim by claim against what *we* asked; vector `approval_claims.json`.

    `own` is what this client is configured with: `issuer`, `client_id`, `quorum` and `grant_seconds`."""
    result = task["result"]
    it = claims(result["approval"]["state"], GRANT, keys)
    v1 = submission["context"][V1]
    must(result["mode"] == "reevaluate", "another mode")
    must(it["iss"] == own["issuer"] and it["aud"] == own["client_id"], "for another filter, or of another service")
    must(type(it["nbf"]) is int, "a time that is no integer")
    timely(it, max(it["iat"], it["nbf"]), min(own["grant_seconds"], MAX_GRANT), now)
    must(it["decision"] == "approved", "not an approval")
    must(it["request_digest"] == submission["context"][DIGEST], "for another request")
    must(it["display_digest"] == display_digest(submission), "of something that was not shown")
    must(it["tid"] == task["id"] and it["jti"] == result["approval"]["id"], "of another task")
    must(it["max_uses"] == 1 and it["binding_context_members"] == [DIGEST], "bound to something else")
    for name in ("subject", "resource"):
        must(it[name] == entity(submission[name]), f"another {name}")
    must(it["action"] == {"name": submission["action"]["name"]}, "another action")
    must(it["actor"] == submission["client"]["actor"], "another actor")
    must(all(it["policy"][name] == v1["policy"][name] for name in ("id", "rule", "rule_digest")), "under another rule")
    must(set(v1.get("secrets", [])) <= set(it["release"]["secrets"]), "without the secrets")
    check_quorum(it["approvers"], own["quorum"]["required"], own["quorum"]["groups"], requesters(submission))
    return it


def check_receipt(token, grant, nonce, releasing, own, keys, now):
    """That this grant was used up by this nonce, and this record is kept; vectors `receipt.jws`, `receipt_claims.json`."""
    it = claims(token, RECEIPT, keys)
    must(it["iss"] == own["issuer"] and it["aud"] == own["client_id"], "for another filter, or of another service")
    timely(it, it["iat"], MAX_RECEIPT, now)
    must(it["jti"] == grant["jti"] and it["request_digest"] == grant["request_digest"], "for another grant")
    must(it["nonce"] == nonce, "for another redeem")
    must(it["audit"] == {name: releasing[name] for name in ("chain", "seq", "hash")}, "for another record")
    return it
