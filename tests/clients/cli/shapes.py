"""Prints the distinct requests of the raw capture, one a line: what labels.py has to name. `shapes.py [CLIENT]`."""
import base64, json, sys, os

C = os.environ.get("CLICAP", "/tmp/clicap")


def key(r):
    t = dict((k.lower(), v) for k, v in r["headers"])
    return (r["client"], r["method"], r["authority"], r["path"], t.get("x-amz-target", ""), t.get("x-amz-copy-source", ""), r["body_b64"][:400], t.get("x-method-override", ""))


def rows():
    seen = set()
    for l in open(f"{C}/raw.jsonl"):
        r = json.loads(l)
        k = key(r)
        if k in seen:
            continue
        seen.add(k)
        yield r


if __name__ == "__main__":
    for r in rows():
        if len(sys.argv) > 1 and r["client"] not in sys.argv[1:]:
            continue
        b = base64.b64decode(r["body_b64"])[:160]
        t = dict((k.lower(), v) for k, v in r["headers"])
        print(r["client"], r["version"][5:8], r["method"], r["authority"], r["path"][:150], t.get("x-amz-target", ""), b.decode("latin-1").replace("\n", " ").replace("\r", "") if b.isascii() else f"<{len(base64.b64decode(r['body_b64']))}>", sep=" | ")
