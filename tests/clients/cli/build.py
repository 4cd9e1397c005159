"""raw capture + labels -> tests/corpus/clients/cli-*.jsonl. `build.py --unruled` lists what no rule names, `--show CLIENT` what was labelled how."""
import base64, collections, json, os, re, sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import labels, shapes

OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../corpus/clients")
SECRETS = {"authorization", "x-vault-token", "cookie", "private-token", "x-auth-token", "x-amz-security-token", "x-subject-token", "api-key", "x-api-key", "dd-api-key", "dd-application-key"}
LIMIT = 8192
NOISE = re.compile(r"registry\.terraform|telemetry|sentry\.io/api/\d+/(envelope|store)|statsig|segment\.io|amplitude|mixpanel|posthog|update-check|checkpoint-api|datadoghq\.com/api/v1/series\?api")


def clean(h):
    k, v = h
    if k.lower() == "authorization" and not v.startswith("AWS4") and len(v) > 90:
        v = v[:12] + "REDACTED"
    return [k, v]


def main():
    rules = labels.rules()
    files = collections.defaultdict(list)
    counts, unruled, shape_seen = collections.Counter(), [], collections.Counter()
    for r in shapes.rows():
        raw = base64.b64decode(r["body_b64"])
        text = raw.decode("latin-1")
        target = dict((k.lower(), v) for k, v in r["headers"]).get("x-amz-target", "")
        cls = labels.label(r["client"], r["method"], r["authority"], r["path"], text if not target else target + " " + text, target, rules)
        if cls is None:
            unruled.append((r["client"], r["method"], r["authority"], r["path"][:140], text[:150] if text.isascii() else f"<{len(raw)}>"))
            continue
        if cls == "skip" or len(raw) > LIMIT:
            continue
        shape = (r["client"], r["method"], r["authority"], re.sub(r"[0-9a-f]{12,}|\d+|_state=.*", "#", r["path"].split("&resourceVersion")[0]), cls, "" if cls == "read_only" and r["method"] in labels.SAFE else text[:120])
        shape_seen[shape] += 1
        if shape_seen[shape] > 1 or (r["client"] == "mvn" and "repo.maven" in r["authority"] and counts[r["client"]] > 12):
            continue
        counts[r["client"]] += 1
        req = {"method": r["method"], "scheme": r["scheme"], "authority": r["authority"], "path": r["path"], "headers": [clean(h) for h in r["headers"]]}
        if raw:
            try:
                req["body_utf8"] = raw.decode("utf-8")
            except UnicodeDecodeError:
                req["body_b64"] = r["body_b64"]
        row = {"id": f"cli-{r['client']}-{counts[r['client']]:03}", "client": r["client"], "version": r["version"], "request": req, "label": {"privileged": cls != "read_only", "class": cls}}
        files[group(r["client"])].append(row)
        if len(sys.argv) > 2 and sys.argv[1] == "--show" and r["client"] in sys.argv[2:]:
            print(cls, r["method"], r["authority"], r["path"][:120], text[:100].replace("\n", " ") if text.isascii() else "<bin>", sep=" | ")
    if "--unruled" in sys.argv:
        for u in unruled:
            print(*u, sep=" | ")
        return
    for old in os.listdir(OUT):
        if old.startswith("cli-"):
            os.remove(os.path.join(OUT, old))
    for g, rows in files.items():
        with open(f"{OUT}/cli-{g}.jsonl", "w") as f:
            for row in rows:
                f.write(json.dumps(row, separators=(",", ":"), ensure_ascii=False) + "\n")
    total = sum(len(v) for v in files.values())
    print(total, "rows,", len(counts), "clients,", sum(r["label"]["privileged"] for v in files.values() for r in v), "privileged,", len(unruled), "unruled")


GROUPS = {"awscli": "aws", "s3cmd": "objects", "s4cmd": "objects", "rclone": "objects", "restic": "objects", "gsutil": "google", "gcloud": "google", "bq": "google", "kubectl": "kubernetes", "docker": "containers", "skopeo": "containers", "buildah": "containers", "podman": "containers",
          "git": "forges", "git-lfs": "forges", "gh": "forges", "hub": "forges", "gist": "forges", "hg": "forges", "svn": "forges", "python-gitlab": "forges", "jenkins-jobs": "forges", "curl": "http", "wget": "http", "httpie": "http"}
PACKAGES = {"npm", "yarn", "pnpm", "twine", "uv", "poetry", "flit", "hatch", "pip", "pip-audit", "devpi", "conda", "conan", "cargo", "gem", "composer", "go", "mvn", "R", "ansible-galaxy", "pre-commit", "osc"}


def group(client):
    return GROUPS.get(client) or ("packages" if client in PACKAGES else "tools")


if __name__ == "__main__":
    main()
