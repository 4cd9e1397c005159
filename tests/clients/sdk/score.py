"""Scores the captured rows: `score.py BINARY [FILE...]`; BINARY reads rows and writes {"id","privileged","class"}."""
import collections, glob, json, os, subprocess, sys
here = os.path.dirname(os.path.abspath(__file__))
files = sys.argv[2:] or sorted(glob.glob(os.path.join(here, "..", "..", "corpus", "clients", "*.jsonl")))
rows = [json.loads(l) for f in files for l in open(f)]
rows = [r for r in rows if not r["label"].get("debatable")]
out = subprocess.run([sys.argv[1]], input="\n".join(json.dumps(r) for r in rows), capture_output=True, text=True, check=True).stdout
got = {p["id"]: p for p in map(json.loads, out.splitlines())}
per = collections.defaultdict(lambda: [0, 0, 0, 0, 0])
wrong = []
for r in rows:
    p, want = got[r["id"]], r["label"]["privileged"]
    for key in (r["client"], "ALL"):
        per[key][(0 if p["privileged"] else 1) if want else (2 if p["privileged"] else 3)] += 1
    if want != p["privileged"]:
        wrong.append((r, p))
    elif want and p["class"] != r["label"]["class"]:
        per["ALL"][4] += 1
        if os.environ.get("CLASSES"):
            wrong.append((r, p))
for r, p in wrong:
    q = r["request"]
    b = q.get("body_utf8") or q.get("body_b64") or ""
    kind = dict((k.lower(), v) for k, v in q["headers"]).get("content-type", "")
    print(f'{"MISSED" if r["label"]["privileged"] else "HELD"} {r["client"]}/{r.get("operation", "")} want {r["label"]["class"]} got {p["class"]} {p.get("why","")}: {q["method"]} {q["authority"]}{q["path"][:150]} [{kind}] {b[:140]!r}')
print()
for k, (tp, fn, fp, tn, c) in sorted(per.items()):
    if fn or fp or k == "ALL":
        print(f"{k:32} rows {tp+fn+fp+tn:5} precision {tp/max(1,tp+fp):.3f} recall {tp/max(1,tp+fn):.3f} harmless held {fp/max(1,fp+tn):.3f}" + (f" class differs {c/max(1,tp):.3f}" if c else ""))
