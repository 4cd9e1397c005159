"""Scores the rows with the native core: `score.py BINARY [--wrong] [CLIENT...]`: precision, recall, harmless wrongly held; by client where something is wrong."""
import collections, glob, json, os, subprocess, sys

HERE = os.path.dirname(os.path.abspath(__file__))
rows = [json.loads(l) for f in sorted(glob.glob(f"{HERE}/../../corpus/clients/cli-*.jsonl")) for l in open(f)]
pick = [a for a in sys.argv[2:] if not a.startswith("-")]
rows = [r for r in rows if not pick or r["client"] in pick]
out = subprocess.run([sys.argv[1]], input="\n".join(json.dumps({"id": r["id"], "request": r["request"]}) for r in rows) + "\n", capture_output=True, text=True).stdout
pred = {p["id"]: p for p in map(json.loads, out.splitlines())}
t, by = collections.Counter(), collections.defaultdict(collections.Counter)
for r in rows:
    p, l = pred[r["id"]], r["label"]
    k = ("tp" if p["privileged"] else "fn") if l["privileged"] else ("fp" if p["privileged"] else "tn")
    t[k] += 1
    by[r["client"]][k] += 1
    t["class"] += l["privileged"] and p["privileged"] and p["class"] == l["class"]
    if "--wrong" in sys.argv and k in ("fp", "fn"):
        b = r["request"].get("body_utf8", r["request"].get("body_b64", ""))[:110].replace("\n", " ").replace("\r", "")
        print(k, r["client"], r["request"]["method"], r["request"]["authority"], r["request"]["path"][:110], b, "=>", p["class"], p.get("service", ""), p.get("operation", ""), p.get("why", ""), sep=" | ")


def line(n, c):
    tp, fp, fn, tn = (c[x] for x in ("tp", "fp", "fn", "tn"))
    print(f"{n:18} rows {tp+fp+fn+tn:5} precision {tp/max(1,tp+fp):.3f} recall {tp/max(1,tp+fn):.3f} harmless held {fp/max(1,fp+tn):.3f}  (fp {fp}, fn {fn})")


for n, c in sorted(by.items()):
    if c["fp"] or c["fn"]:
        line(n, c)
line("ALL", t)
print(f"{len(by)} clients; strict class of the rightly held: {t['class']/max(1,t['tp']):.3f}")
