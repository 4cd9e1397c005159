"""What Slack's own library says: `blocks` validates cards and windows, `sign` signs and verifies."""

import json
import sys

from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View
from slack_sdk.signature import SignatureVerifier


def faults(name, value):
    """Every fault that the library finds in a message or a view."""
    found = []
    blocks = value["blocks"]
    most = 100 if value.get("type") in ("modal", "home") else 50
    if len(blocks) > most:
        found.append(f"{name}: {len(blocks)} blocks")
    for block in blocks:
        parsed = Block.parse(block)
        if parsed is None:
            found.append(f"{name}: no block of Slack's: {block.get('type')}")
            continue
        try:
            parsed.validate_json()
        except Exception as fault:
            found.append(f"{name}: {block.get('type')}: {fault}")
            continue
        for at, field in enumerate(block.get("fields", [])):
            if len(field["text"]) > 2000:
                found.append(f"{name}: field {at} has {len(field['text'])} characters")
        if len(block.get("fields", [])) > 10:
            found.append(f"{name}: more than ten fields")
        text = block.get("text", {}).get("text", "x")
        limit = 150 if block["type"] == "header" else 3000
        if not 1 <= len(text) <= limit:
            found.append(f"{name}: a {block['type']} of {len(text)} characters")
    ids = [block["block_id"] for block in blocks if "block_id" in block]
    if len(ids) != len(set(ids)) or any(len(one) > 255 for one in ids):
        found.append(f"{name}: block ids")
    if value.get("type") in ("modal", "home"):
        View(**{key: part for key, part in value.items()}).validate_json()
    return found


given = json.load(sys.stdin)
if sys.argv[1] == "blocks":
    said = [fault for every in given for name, value in every.items() for fault in faults(name, value)]
else:
    verifier = SignatureVerifier(given["secret"])
    said = {
        "signature": verifier.generate_signature(timestamp=given["at"], body=given["body"]),
        "verified": verifier.is_valid(body=given["body"], timestamp=given["at"], signature=given["ours"]),
    }
json.dump(said, sys.stdout)
