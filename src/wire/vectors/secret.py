#!/usr/bin/env python3
"""Makes `secret.json`: a sealed secret by implementations that are not ours (`pip install jwcrypto cryptography`)."""

import json
import pathlib

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from jwcrypto import jwe, jwk
from jwcrypto.common import base64url_encode

key = bytes(range(32))
jti = "apr_01KAJ5T6A7B8C9D0E1F2G3H4J5"
request_digest = "hmac-sha-256:bk1:UkCGLkmvayI1RhKGl7vVpBMRLsxA-0IU1BdHapAYkJc"
value = "sk-live-0123456789abcdef \"quoted\""
header = {"alg": "dir", "enc": "A256GCM", "name": "thirdparty-api-key", "version": "7"}

info = b"countersign-secret-v1" + request_digest.encode()
cek = HKDF(algorithm=SHA256(), length=32, salt=jti.encode(), info=info).derive(key)
token = jwe.JWE(value.encode(), protected=json.dumps(header, separators=(",", ":")))
token.add_recipient(jwk.JWK(kty="oct", k=base64url_encode(cek)))

document = {
    "key": key.hex(),
    "jti": jti,
    "request_digest": request_digest,
    "cek": cek.hex(),
    "value": value,
    "version": header["version"],
    "sealed": {"name": header["name"], "jwe": token.serialize(compact=True)},
}
pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(document, indent=1) + "\n")
