"""Canned answers: as little as lets each client go on. Secrets are placeholders."""
import hashlib, io, json, re, tarfile, urllib.parse

ROUTES = {
    "git.example.com": ("127.0.0.1", 7001), "registry.example.com": ("127.0.0.1", 7002), "hg.example.com": ("127.0.0.1", 7003),
    "dav.example.com": ("127.0.0.1", 7004), "backup.example.com": ("127.0.0.1", 7005), "etcd.example.com": ("127.0.0.1", 7006),
    "prometheus.example.com": ("127.0.0.1", 7008),
}


def route(host, r):
    """The loopback server that really speaks the protocol, if any."""
    if re.match(r"(github|gitlab)\.com$|bitbucket\.org$|dev\.azure\.com$", host) and re.search(r"\.git/|/info/refs", r.path) and "/info/lfs" not in r.path:
        r.path = re.sub(r"^/.*?(/info/refs|/git-(upload|receive)-pack)", r"/acme/shop.git\1", r.path)
        return ROUTES["git.example.com"]
    if "/info/lfs" in r.path or r.headers.get("content-type", "").startswith("application/grpc"):
        return None
    return ROUTES.get(host.split(":")[0])


def grpc(host, r):
    return b"\0\0\0\0\0"


def xml(s, status=200, **h):
    return status, {"content-type": "application/xml", **h}, '<?xml version="1.0" encoding="UTF-8"?>\n' + s


def answer(host, r):
    """(status, headers, body) for one request; the body is JSON unless text or bytes."""
    name = host.split(":")[0]
    path, _, query = r.path.partition("?")
    q = dict(urllib.parse.parse_qsl(query, keep_blank_values=True))
    for pattern, f in HOSTS:
        if re.search(pattern, name):
            a = f(name, r, path, q)
            if a is not None:
                return a if isinstance(a, tuple) else (200, {}, a)
    return (204, {}, "") if r.method in ("DELETE", "HEAD") else (200, {}, {"id": "1", "name": "demo", "status": "ok", "success": True, "items": [], "data": [], "results": []})


def aws(name, r, path, q):
    action = q.get("Action") or dict(urllib.parse.parse_qsl(r.get_text(strict=False) or "")).get("Action")
    if action:
        extra = {"GetCallerIdentity": "<Arn>arn:aws:iam::123456789012:user/sam</Arn><UserId>AIDAEXAMPLE</UserId><Account>123456789012</Account>"}.get(action, "")
        return xml(f'<{action}Response xmlns="https://x.amazonaws.com/doc/"><{action}Result>{extra}</{action}Result><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></{action}Response>')
    if r.headers.get("x-amz-target"):
        return {}
    if "s3" in name or name.startswith("files."):
        return s3(name, r, path, q)
    return {}


def s3(name, r, path, q):
    etag = {"etag": '"5d41402abc4b2a76b9719d911017c592"', "last-modified": "Sun, 01 Mar 2026 12:00:00 GMT"}
    if r.method == "HEAD":
        return 200, {**etag, "x-amz-bucket-region": "us-east-1"}, ""
    if r.method == "GET":
        bucket = name.split(".s3")[0]
        if "list-type" in q or "prefix" in q or "delimiter" in q or path.count("/") == 1 and path == "/" and ".s3." in name and not q:
            return xml(f'<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>{bucket}</Name><Prefix></Prefix><MaxKeys>1000</MaxKeys><KeyCount>1</KeyCount><IsTruncated>false</IsTruncated>'
                       '<Contents><Key>a.txt</Key><LastModified>2026-03-01T12:00:00.000Z</LastModified><ETag>"5d41402abc4b2a76b9719d911017c592"</ETag><Size>5</Size><StorageClass>STANDARD</StorageClass></Contents></ListBucketResult>')
        if "location" in q:
            return xml('<LocationConstraint xmlns="http://s3.amazonaws.com/doc/2006-03-01/"></LocationConstraint>')
        if path == "/" and not q or q.get("x-id") == "ListBuckets":
            return xml('<ListAllMyBucketsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Owner><ID>1</ID></Owner><Buckets><Bucket><Name>reports</Name><CreationDate>2026-03-01T12:00:00.000Z</CreationDate></Bucket></Buckets></ListAllMyBucketsResult>')
        if q:
            return xml("<Answer/>")
        return 200, {**etag, "content-type": "text/plain"}, "hello"
    if r.method == "POST" and "uploads" in q:
        return xml("<InitiateMultipartUploadResult><Bucket>b</Bucket><Key>k</Key><UploadId>u1</UploadId></InitiateMultipartUploadResult>")
    if r.method == "POST" and "delete" in q:
        return xml("<DeleteResult><Deleted><Key>a.txt</Key></Deleted></DeleteResult>")
    if r.method == "POST":
        return xml('<CompleteMultipartUploadResult><ETag>"1"</ETag></CompleteMultipartUploadResult>')
    if r.headers.get("x-amz-copy-source"):
        return xml('<CopyObjectResult><ETag>"1"</ETag><LastModified>2026-03-01T12:00:00.000Z</LastModified></CopyObjectResult>')
    return (204 if r.method == "DELETE" else 200), etag, ""


CORE = {"pods": "Pod", "services": "Service", "secrets": "Secret", "configmaps": "ConfigMap", "namespaces": "Namespace", "nodes": "Node", "serviceaccounts": "ServiceAccount", "events": "Event", "persistentvolumeclaims": "PersistentVolumeClaim", "endpoints": "Endpoints", "replicationcontrollers": "ReplicationController"}
GROUPS = {"apps/v1": {"deployments": "Deployment", "replicasets": "ReplicaSet", "statefulsets": "StatefulSet", "daemonsets": "DaemonSet"}, "batch/v1": {"jobs": "Job", "cronjobs": "CronJob"},
          "rbac.authorization.k8s.io/v1": {"roles": "Role", "rolebindings": "RoleBinding", "clusterroles": "ClusterRole", "clusterrolebindings": "ClusterRoleBinding"},
          "authorization.k8s.io/v1": {"selfsubjectaccessreviews": "SelfSubjectAccessReview", "selfsubjectrulesreviews": "SelfSubjectRulesReview"}, "authentication.k8s.io/v1": {"selfsubjectreviews": "SelfSubjectReview"},
          "policy/v1": {"poddisruptionbudgets": "PodDisruptionBudget"}, "networking.k8s.io/v1": {"ingresses": "Ingress", "networkpolicies": "NetworkPolicy"}, "certificates.k8s.io/v1": {"certificatesigningrequests": "CertificateSigningRequest"},
          "autoscaling/v1": {"horizontalpodautoscalers": "HorizontalPodAutoscaler"}, "autoscaling/v2": {"horizontalpodautoscalers": "HorizontalPodAutoscaler"}, "metrics.k8s.io/v1beta1": {"pods": "PodMetrics", "nodes": "NodeMetrics"}}
WIDE = {"namespaces", "nodes", "clusterroles", "clusterrolebindings", "certificatesigningrequests", "selfsubjectaccessreviews", "selfsubjectrulesreviews", "selfsubjectreviews"}


def k8s(name, r, path, q):
    def listing(gv, kinds):
        verbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"]
        res = [{"name": p, "singularName": k.lower(), "namespaced": p not in WIDE, "kind": k, "verbs": verbs} for p, k in kinds.items()]
        subs = {"pods": [("exec", "PodExecOptions"), ("log", "Pod"), ("attach", "PodAttachOptions"), ("portforward", "PodPortForwardOptions"), ("eviction", "Eviction"), ("ephemeralcontainers", "Pod")], "deployments": [("scale", "Scale")], "serviceaccounts": [("token", "TokenRequest")]}
        for p in kinds:
            for s, k in subs.get(p, []):
                res.append({"name": f"{p}/{s}", "singularName": "", "namespaced": True, "kind": k, "verbs": ["create", "get", "patch", "update"], **({"group": "autoscaling", "version": "v1"} if s == "scale" else {}), **({"group": "policy", "version": "v1"} if s == "eviction" else {}), **({"group": "authentication.k8s.io", "version": "v1"} if s == "token" else {})})
        return {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": gv, "resources": res}
    if path == "/version":
        return {"major": "1", "minor": "31", "gitVersion": "v1.31.0"}
    if path == "/api":
        return {"kind": "APIVersions", "versions": ["v1"]}
    if path == "/apis":
        groups = {}
        for gv in GROUPS:
            g, v = gv.split("/")
            groups.setdefault(g, []).append({"groupVersion": gv, "version": v})
        return {"kind": "APIGroupList", "apiVersion": "v1", "groups": [{"name": g, "versions": v, "preferredVersion": v[0]} for g, v in groups.items()]}
    if path == "/api/v1":
        return listing("v1", CORE)
    if path[6:] in GROUPS:
        return listing(path[6:], GROUPS[path[6:]])
    if path.startswith("/openapi"):
        return 404, {}, {}
    m = re.match(r"/(?:api/(v1)|apis/([^/]+/[^/]+))(/namespaces/[^/]+(?=/))?/([^/]+)(?:/([^/]+))?(/.*)?$", path)
    if not m:
        return {}
    gv = m[1] or m[2]
    kind = {**CORE, **GROUPS.get(gv, {})}.get(m[4], "Thing")
    if m[6] in ("/exec", "/attach", "/portforward"):
        return 403, {}, {"kind": "Status", "apiVersion": "v1", "status": "Failure", "message": "no", "code": 403}
    if m[6] == "/log":
        return 200, {"content-type": "text/plain"}, "started\n"
    if m[6] == "/token":
        return 201, {}, {"kind": "TokenRequest", "apiVersion": "authentication.k8s.io/v1", "status": {"token": "REDACTED", "expirationTimestamp": "2026-03-01T12:00:00Z"}}
    meta = {"name": m[5] or "web", "namespace": "shop", "uid": "u1", "resourceVersion": "7", "generation": 1, "creationTimestamp": "2026-03-01T12:00:00Z", "labels": {"app": "web"}}
    spec = {"replicas": 1, "selector": {"matchLabels": {"app": "web"}}, "template": {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "web", "image": "nginx:1"}]}}}
    one = {"kind": kind, "apiVersion": gv, "metadata": meta}
    if kind in ("Deployment", "ReplicaSet", "StatefulSet", "DaemonSet"):
        one |= {"spec": spec, "status": {"replicas": 1, "updatedReplicas": 1, "readyReplicas": 1, "availableReplicas": 1, "observedGeneration": 1}}
    if m[6] == "/scale":
        one = {"kind": "Scale", "apiVersion": "autoscaling/v1", "metadata": meta, "spec": {"replicas": 1}, "status": {"replicas": 1, "selector": "app=web"}}
    if kind == "Pod":
        one |= {"spec": {"containers": [{"name": "web", "image": "nginx:1"}], "nodeName": "n1"}, "status": {"phase": "Running", "containerStatuses": [{"name": "web", "ready": True, "restartCount": 0, "image": "nginx:1", "imageID": "x", "state": {"running": {}}}]}}
    if kind == "Secret":
        one |= {"type": "Opaque", "data": {"k": "UkVEQUNURUQ="}}
    if kind.startswith("SelfSubjectAccess"):
        one["status"] = {"allowed": True}
    if r.method == "GET" and not m[5]:
        if q.get("watch"):
            return 200, {"content-type": "application/json"}, json.dumps({"type": "ADDED", "object": one}) + "\n"
        return {"kind": kind + "List", "apiVersion": gv, "metadata": {"resourceVersion": "7"}, "items": [one]}
    if r.method == "GET" and (m[5] or "").startswith("new"):
        return 404, {}, {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "NotFound", "message": "not found", "code": 404}
    if r.method == "DELETE":
        return {"kind": "Status", "apiVersion": "v1", "status": "Success"}
    return (201 if r.method == "POST" else 200), {}, one


def docker(name, r, path, q):
    p = re.sub(r"^/v[\d.]+", "", path)
    if p == "/_ping":
        return 200, {"api-version": "1.43", "ostype": "linux", "docker-experimental": "false", "content-type": "text/plain"}, "OK"
    if p == "/version":
        return {"Version": "24.0.0", "ApiVersion": "1.43", "MinAPIVersion": "1.24", "Os": "linux", "Arch": "amd64"}
    if p == "/info":
        return {"ID": "x", "Containers": 1, "Images": 1, "OSType": "linux", "ServerVersion": "24.0.0", "Swarm": {"LocalNodeState": "active", "ControlAvailable": True}}
    one = {"Id": "4f1c2d3e5a6b", "ID": "4f1c2d3e5a6b", "Name": "/web", "Image": "nginx", "Created": "2026-03-01T12:00:00Z", "State": {"Running": True, "Status": "running"}, "Config": {"Tty": False, "Image": "nginx"}, "HostConfig": {}, "RepoTags": ["nginx:latest"], "Warnings": []}
    if r.method == "GET" and p.endswith("/json") and p.count("/") == 2:
        return [{"Id": "4f1c2d3e5a6b", "Names": ["/web"], "Image": "nginx", "ImageID": "sha256:1", "Command": "x", "Created": 1772366400, "State": "running", "Status": "Up", "Ports": [], "RepoTags": ["nginx:latest"], "Size": 5}]
    if p == "/containers/create":
        return 201, {}, {"Id": "4f1c2d3e5a6b", "Warnings": []}
    if p.endswith("/exec"):
        return 201, {}, {"Id": "e1"}
    if p.endswith("/logs") or p.endswith("/archive") or p.endswith("/export") or p.endswith("/start") and "exec" in p:
        return 200, {"content-type": "application/octet-stream"}, b""
    if p.endswith("/wait"):
        return {"StatusCode": 0}
    if p in ("/networks", "/services", "/nodes", "/secrets", "/configs", "/tasks") and r.method == "GET":
        return []
    if p == "/volumes" and r.method == "GET":
        return {"Volumes": [], "Warnings": []}
    if p.endswith("/prune"):
        return {"ContainersDeleted": [], "SpaceReclaimed": 0}
    if p in ("/images/create", "/build") or p.endswith("/push") or p == "/images/load":
        return 200, {"content-type": "application/json"}, '{"stream":"done"}\n'
    if p.endswith("/create"):
        return 201, {}, {"Id": "n1", "Name": "n1", "ID": "n1", "Warning": ""}
    if p == "/auth":
        return {"Status": "Login Succeeded", "IdentityToken": ""}
    if p.startswith("/images/search"):
        return [{"name": "nginx", "description": "", "star_count": 1}]
    if p.endswith("/top"):
        return {"Titles": ["PID"], "Processes": [["1"]]}
    if r.method == "DELETE" and p.startswith("/images"):
        return [{"Deleted": "sha256:1"}]
    if r.method == "GET" and p.startswith("/images/") or p.startswith("/containers/") and r.method == "GET":
        return one
    if r.method in ("POST", "DELETE") and not p.endswith("/update"):
        return 204, {}, ""
    return one


def github(name, r, path, q):
    p = path[7:] if path.startswith("/api/v3") else path
    repo = {"id": 1, "node_id": "R_1", "name": "shop", "full_name": "acme/shop", "private": False, "owner": {"login": "acme", "id": 2, "type": "User"}, "html_url": "https://github.com/acme/shop", "clone_url": "https://github.com/acme/shop.git", "default_branch": "main", "permissions": {"push": True, "admin": True}}
    if p.endswith("/graphql"):
        body = r.get_text(strict=False) or ""
        g = {"id": "R_1", "name": "shop", "nameWithOwner": "acme/shop", "owner": {"id": "U_1", "login": "acme"}, "hasIssuesEnabled": True, "viewerPermission": "ADMIN", "defaultBranchRef": {"name": "main"}, "isPrivate": False, "url": "https://github.com/acme/shop", "description": "", "parent": None, "mergeCommitAllowed": True, "squashMergeAllowed": True, "rebaseMergeAllowed": True,
             "issues": {"totalCount": 0, "nodes": [], "pageInfo": {"hasNextPage": False}}, "pullRequests": {"totalCount": 1, "nodes": [], "pageInfo": {"hasNextPage": False}}, "labels": {"totalCount": 0, "nodes": [], "pageInfo": {"hasNextPage": False}}, "assignableUsers": {"nodes": [], "pageInfo": {"hasNextPage": False}}, "milestones": {"nodes": [], "pageInfo": {"hasNextPage": False}}, "projects": {"nodes": [], "pageInfo": {"hasNextPage": False}},
             "issueTemplates": [], "pullRequestTemplates": [], "refs": {"nodes": []}, "ref": {"name": "main", "target": {"oid": "1"}}, "object": None, "release": None, "releases": {"nodes": [], "pageInfo": {"hasNextPage": False}}}
        issue = {"__typename": "Issue", "id": "I_7", "number": 7, "title": "Fix", "state": "OPEN", "body": "b", "url": "https://github.com/acme/shop/issues/7", "author": {"login": "sam"}, "createdAt": "2026-03-01T12:00:00Z", "labels": {"nodes": [], "totalCount": 0}, "assignees": {"nodes": [], "totalCount": 0}, "comments": {"nodes": [], "totalCount": 0}, "projectCards": {"nodes": [], "totalCount": 0}, "projectItems": {"nodes": [], "totalCount": 0}, "milestone": None, "reactionGroups": [], "isPinned": False}
        pr = {**issue, "__typename": "PullRequest", "id": "PR_7", "url": "https://github.com/acme/shop/pull/7", "headRefName": "fix", "baseRefName": "main", "headRefOid": "1", "headRepositoryOwner": {"login": "acme"}, "headRepository": {"id": "R_1", "name": "shop"}, "isCrossRepository": False, "mergeStateStatus": "CLEAN", "isDraft": False, "mergeable": "MERGEABLE", "reviewRequests": {"nodes": [], "totalCount": 0}, "reviews": {"nodes": [], "totalCount": 0}, "statusCheckRollup": {"nodes": []}, "commits": {"nodes": [], "totalCount": 1}, "maintainerCanModify": True}
        g |= {"issue": issue, "pullRequest": pr}
        m = re.search(r"mutation[^{]*\{\s*(?:\w+:)?\s*(\w+)", body.replace("\\n", " "))
        if m:
            return {"data": {m[1]: {"issue": issue, "pullRequest": pr, "subject": {"id": "I_7"}, "repository": g, "commentEdge": {"node": {"url": "https://github.com/acme/shop/issues/7#c"}}, "clientMutationId": "", "release": {"id": 1}}}}
        return {"data": {"repository": g, "viewer": {"login": "sam", "id": "U_2", "organizations": {"nodes": []}, "projects": {"nodes": [], "pageInfo": {"hasNextPage": False}}}, "search": {"nodes": [], "issueCount": 0, "pageInfo": {"hasNextPage": False}}, "repositoryOwner": {"login": "acme", "id": "U_1", "repositories": {"nodes": [], "totalCount": 0, "pageInfo": {"hasNextPage": False}}}, "user": {"id": "U", "login": "sam"}, "organization": None, "repo_000": g, "node": issue}}
    h = {"x-oauth-scopes": "repo, read:org, gist, workflow, delete_repo, admin:public_key"}
    if p in ("/", ""):
        return 200, h, {}
    if p == "/user":
        return 200, h, {"login": "sam", "id": 3}
    if re.fullmatch(r"/repos/[^/]+/[^/]+(/forks)?", p) or p == "/user/repos" and r.method == "POST":
        return (204, h, "") if r.method == "DELETE" else (200, h, repo)
    if p.endswith("/releases") and r.method == "POST":
        return 201, h, {"id": 5, "url": "https://api.github.com/repos/acme/shop/releases/5", "upload_url": "https://uploads.github.com/repos/acme/shop/releases/5/assets{?name,label}", "html_url": "https://github.com/acme/shop/releases/tag/v2", "tag_name": "v2", "assets": []}
    if re.search(r"/releases/(\d+|latest|tags/.*)$", p):
        return (204, h, "") if r.method == "DELETE" else (200, h, {"id": 5, "url": "https://api.github.com/repos/acme/shop/releases/5", "tag_name": "v2", "name": "v2", "upload_url": "https://uploads.github.com/repos/acme/shop/releases/5/assets{?name,label}", "html_url": "https://github.com/acme/shop/releases/tag/v2", "assets": [{"id": 6, "name": "a.txt", "url": "https://api.github.com/repos/acme/shop/releases/assets/6", "state": "uploaded"}], "author": {"login": "sam"}, "published_at": "2026-03-01T12:00:00Z"})
    if "public-key" in p:
        return 200, h, {"key_id": "1", "key": "2Sg8iYjAxxmI2LvUXpJjkYrMxURPc8r+dB7TJyvvcCU="}
    if "/actions/workflows" in p and r.method == "GET":
        wf = {"id": 9, "name": "ci", "path": ".github/workflows/ci.yml", "state": "active"}
        return 200, h, ({"total_count": 1, "workflows": [wf]} if p.endswith("workflows") else {"total_count": 0, "workflow_runs": []} if p.endswith("runs") else wf)
    if "/actions/runs" in p and r.method == "GET":
        run = {"id": 11, "name": "ci", "status": "completed", "conclusion": "failure", "workflow_id": 9, "head_branch": "main", "head_repository": {"owner": {"login": "acme"}, "name": "shop"}, "jobs_url": "https://api.github.com/repos/acme/shop/actions/runs/11/jobs", "event": "push", "created_at": "2026-03-01T12:00:00Z", "updated_at": "2026-03-01T12:00:00Z", "run_started_at": "2026-03-01T12:00:00Z"}
        return 200, h, ({"total_count": 1, "workflow_runs": [run]} if p.endswith("runs") else {"total_count": 0, "jobs": [], "artifacts": []} if p.endswith(("jobs", "artifacts")) else run)
    if "/actions/secrets" in p or "/actions/caches" in p:
        return (200, h, {"total_count": 0, "secrets": [], "actions_caches": []}) if r.method == "GET" else (201 if r.method == "PUT" else 204, h, "")
    if p.startswith("/gists"):
        return 200, h, {"id": "9", "html_url": "https://gist.github.com/9", "files": {"a.txt": {"filename": "a.txt", "content": "x"}}, "owner": {"login": "sam"}}
    if p.startswith("/search"):
        return 200, h, {"total_count": 0, "items": []}
    if r.method == "GET" and re.search(r"(keys|labels|comments|hooks|branches|tags|forks|issues|pulls|contents|commits|assets|releases|repos|events|orgs|codespaces)/?$", p):
        return 200, h, [{"id": 1, "key": "ssh-ed25519 AAAA", "title": "t", "name": "n", "created_at": "2026-03-01T12:00:00Z"}]
    return (204, h, "") if r.method in ("DELETE", "PATCH") and "releases" not in p else (200, h, {"id": 7, "number": 7, "html_url": "https://github.com/acme/shop/issues/7", "title": "t", "name": "n", "state": "open", "url": "https://api.github.com/x/7", "node_id": "I_7", "user": {"login": "sam"}})


def tarball():
    b = io.BytesIO()
    with tarfile.open(fileobj=b, mode="w:gz") as t:
        d = b'{"name":"left","version":"1.0.0"}'
        i = tarfile.TarInfo("package/package.json"); i.size = len(d)
        t.addfile(i, io.BytesIO(d))
    return b.getvalue()


TGZ = tarball()


def npm(name, r, path, q):
    if path.endswith(".tgz"):
        return 200, {"content-type": "application/octet-stream"}, TGZ
    if path == "/-/whoami":
        return {"username": "sam"}
    if path == "/-/npm/v1/user":
        return {"name": "sam", "email": "sam@example.com", "tfa": None}
    if path.startswith("/-/npm/v1/tokens"):
        return {"objects": [{"key": "k1", "token": "npm_x", "created": "2026-03-01T12:00:00Z", "readonly": False}], "urls": {}, "token": "npm_REDACTED", "key": "k1"} if r.method != "DELETE" else (204, {}, "")
    if path.startswith("/-/v1/search"):
        return {"objects": [], "total": 0}
    if path.endswith("/dist-tags"):
        return {"latest": "1.0.0", "beta": "1.0.0"}
    if path.startswith("/-/npm/v1/security/advisories"):
        return {}
    if path.startswith("/-/npm/v1/security/audits"):
        return {"actions": [], "advisories": {}, "muted": [], "metadata": {"vulnerabilities": {}, "dependencies": 1, "totalDependencies": 1}}
    if path.startswith("/-/user/"):
        return 201, {}, {"ok": True, "token": "npm_REDACTED", "id": "x"}
    if path.startswith("/-/ping"):
        return {}
    if path.startswith("/-/org") or path.startswith("/-/team") or path.startswith("/-/package") or path.startswith("/-/npm"):
        return {"sam": "developer"}
    if r.method == "GET":
        n = urllib.parse.unquote(path.strip("/").split("/")[0])
        v = {"name": n, "version": "1.0.0", "dist": {"tarball": f"https://{name}/{n}/-/{n}-1.0.0.tgz", "shasum": hashlib.sha1(TGZ).hexdigest()}, "dependencies": {}}
        if n == "newpkg":
            return 404, {}, {"error": "not found"}
        return {"_id": n, "_rev": "3-1", "name": n, "dist-tags": {"latest": "1.0.0", "beta": "1.0.0"}, "versions": {"1.0.0": v, "0.9.0": {**v, "version": "0.9.0"}}, "time": {"1.0.0": "2026-01-01T00:00:00Z", "0.9.0": "2025-01-01T00:00:00Z", "modified": "2026-01-01T00:00:00Z", "created": "2026-01-01T00:00:00Z"}, "maintainers": [{"name": "sam", "email": "sam@example.com"}, {"name": "kim", "email": "k@example.com"}], "users": {}}
    return 201, {}, {"ok": True, "success": True}


def pypi(name, r, path, q):
    if r.method == "POST":
        return 200, {"content-type": "text/html"}, "OK"
    if path.startswith("/pypi/"):
        return {"info": {"name": "left", "version": "1.0"}, "releases": {}, "urls": [], "vulnerabilities": []}
    if path.startswith("/simple/"):
        return 200, {"content-type": "text/html"}, '<html><body><a href="/packages/left-1.0-py3-none-any.whl">left-1.0-py3-none-any.whl</a></body></html>'
    if path.endswith(".whl"):
        import zipfile
        b = io.BytesIO()
        with zipfile.ZipFile(b, "w") as z:
            z.writestr("left.py", ""); z.writestr("left-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: left\nVersion: 1.0\n"); z.writestr("left-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
            z.writestr("left-1.0.dist-info/RECORD", "left.py,,\nleft-1.0.dist-info/METADATA,,\nleft-1.0.dist-info/WHEEL,,\nleft-1.0.dist-info/RECORD,,\n")
        return 200, {"content-type": "application/octet-stream"}, b.getvalue()
    return None


def crates(name, r, path, q):
    if path.endswith("/config.json"):
        return {"dl": "https://static.crates.io/crates", "api": "https://crates.io", "auth-required": False}
    if name.startswith("index."):
        n = path.split("/")[-1]
        return 200, {"content-type": "text/plain"}, json.dumps({"name": n, "vers": "1.0.0", "deps": [], "cksum": "0" * 64, "features": {}, "yanked": False}) + "\n"
    if path.startswith("/api/v1/crates") and r.method == "GET" and path.endswith("/owners"):
        return {"users": [{"id": 1, "login": "sam", "name": "Sam"}]}
    if path == "/api/v1/crates":
        return {"crates": [], "meta": {"total": 0}}
    return {"ok": True, "msg": "done", "warnings": {"invalid_categories": [], "invalid_badges": [], "other": []}}


def google(name, r, path, q):
    if name == "oauth2.googleapis.com" or name == "accounts.google.com":
        return {"access_token": "ya29.REDACTED", "expires_in": 3600, "token_type": "Bearer", "scope": "https://www.googleapis.com/auth/cloud-platform", "issued_to": "x"}
    if name.startswith("storage") and "/o" in path or name.startswith("storage") and path.startswith("/upload"):
        if r.method == "POST" and q.get("uploadType") == "resumable":
            return 200, {"location": f"https://{name}/upload/session?upload_id=u1"}, ""
        if q.get("alt") == "media":
            return 200, {"content-type": "text/plain"}, "hello"
        one = {"kind": "storage#object", "id": "reports/a.txt/1", "name": "a.txt", "bucket": "reports", "generation": "1", "metageneration": "1", "size": "5", "md5Hash": "XUFAKrxLKna5cZ2REBfFkg==", "crc32c": "mnG7TA==", "updated": "2026-03-01T12:00:00Z", "timeCreated": "2026-03-01T12:00:00Z", "contentType": "text/plain", "storageClass": "STANDARD", "etag": "x", "mediaLink": f"https://{name}/download/storage/v1/b/reports/o/a.txt?alt=media"}
        if r.method == "DELETE":
            return 204, {}, ""
        if "/rewriteTo/" in path:
            return {"kind": "storage#rewriteResponse", "done": True, "objectSize": "5", "totalBytesRewritten": "5", "resource": one}
        return {"kind": "storage#objects", "items": [one]} if r.method == "GET" and path.endswith("/o") else one
    if "bigquery" in name and ("/queries" in path or "/jobs" in path):
        return {"kind": "bigquery#queryResponse", "jobComplete": True, "jobReference": {"projectId": "acme-prod", "jobId": "j1", "location": "US"}, "id": "acme-prod:US.j1", "schema": {"fields": [{"name": "n", "type": "INTEGER"}]}, "rows": [], "totalRows": "0", "status": {"state": "DONE"}, "statistics": {"query": {"statementType": "SELECT"}}, "configuration": {"query": {"query": "x", "destinationTable": {"projectId": "acme-prod", "datasetId": "d", "tableId": "t"}}, "jobType": "QUERY"}, "jobs": []}
    if path.endswith(":getIamPolicy") or path.endswith("/iam") or path.endswith("/getIamPolicy"):
        return {"version": 1, "etag": "BwX=", "bindings": [{"role": "roles/viewer", "members": ["user:sam@example.com"]}]}
    if r.method == "GET" and path.endswith(("/zones", "/instances", "/regions")):
        return {"items": [{"name": "web-1", "zone": "https://www.googleapis.com/compute/v1/projects/acme-prod/zones/us-central1-a", "selfLink": "https://www.googleapis.com/compute/v1/projects/acme-prod/zones/us-central1-a/instances/web-1", "status": "UP"}]}
    return {"name": "operations/op1", "done": True, "status": "DONE", "kind": "x#operation", "id": "1", "targetLink": f"https://{name}{path}", "selfLink": f"https://{name}{path}"}


def anthropic(name, r, path, q):
    body = r.get_text(strict=False) or ""
    if path.endswith("/messages"):
        if '"stream":true' in body.replace(" ", ""):
            e = [("message_start", {"type": "message_start", "message": {"id": "msg_1", "type": "message", "role": "assistant", "model": "m", "content": [], "stop_reason": None, "stop_sequence": None, "usage": {"input_tokens": 1, "output_tokens": 1}}}),
                 ("content_block_start", {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}), ("content_block_delta", {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "ok"}}),
                 ("content_block_stop", {"type": "content_block_stop", "index": 0}), ("message_delta", {"type": "message_delta", "delta": {"stop_reason": "end_turn", "stop_sequence": None}, "usage": {"output_tokens": 1}}), ("message_stop", {"type": "message_stop"})]
            return 200, {"content-type": "text/event-stream"}, "".join(f"event: {a}\ndata: {json.dumps(b)}\n\n" for a, b in e)
        return {"id": "msg_1", "type": "message", "role": "assistant", "model": "m", "content": [{"type": "text", "text": "ok"}], "stop_reason": "end_turn", "usage": {"input_tokens": 1, "output_tokens": 1}}
    if path.endswith("count_tokens"):
        return {"input_tokens": 5}
    return None


def openai(name, r, path, q):
    body = r.get_text(strict=False) or ""
    if path.endswith("/chat/completions"):
        c = {"id": "c1", "object": "chat.completion", "created": 1, "model": "m", "choices": [{"index": 0, "message": {"role": "assistant", "content": "ok"}, "finish_reason": "stop"}], "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}}
        if '"stream":true' in body.replace(" ", ""):
            d = {**c, "object": "chat.completion.chunk", "choices": [{"index": 0, "delta": {"role": "assistant", "content": "ok"}, "finish_reason": None}]}
            return 200, {"content-type": "text/event-stream"}, f"data: {json.dumps(d)}\n\ndata: [DONE]\n\n"
        return c
    if path.endswith("/responses"):
        resp = {"id": "resp_1", "object": "response", "created_at": 1, "status": "completed", "model": "m", "output": [{"type": "message", "id": "m1", "role": "assistant", "status": "completed", "content": [{"type": "output_text", "text": "ok", "annotations": []}]}], "usage": {"input_tokens": 1, "output_tokens": 1, "total_tokens": 2, "input_tokens_details": {"cached_tokens": 0}, "output_tokens_details": {"reasoning_tokens": 0}}}
        e = [{"type": "response.created", "response": {**resp, "status": "in_progress", "output": []}}, {"type": "response.output_item.done", "output_index": 0, "item": resp["output"][0]}, {"type": "response.completed", "response": resp}]
        return 200, {"content-type": "text/event-stream"}, "".join(f"event: {x['type']}\ndata: {json.dumps(x)}\n\n" for x in e)
    if path.endswith("/models"):
        return {"object": "list", "data": [{"id": "gpt-4o-mini", "object": "model"}]}
    if path.endswith("/embeddings"):
        return {"object": "list", "data": [{"object": "embedding", "index": 0, "embedding": [0.1, 0.2]}], "model": "m", "usage": {"prompt_tokens": 1, "total_tokens": 1}}
    return None


def vault(name, r, path, q):
    if path.startswith("/v1/sys/internal/ui/mounts"):
        return {"data": {"type": "kv", "options": {"version": "2"}, "path": "secret/"}}
    if r.method == "LIST" or q.get("list"):
        return {"data": {"keys": ["db"]}}
    return {"request_id": "r", "data": {"data": {"password": "REDACTED"}, "metadata": {"version": 1}, "keys": ["db"]}, "auth": {"client_token": "hvs.REDACTED"}}


def lfs(name, r, path, q):
    if path.endswith("/locks/verify"):
        return 200, {"content-type": "application/vnd.git-lfs+json"}, '{"ours":[],"theirs":[]}'
    if path.endswith("/objects/batch"):
        b = json.loads(r.get_text())
        op = b["operation"]
        return 200, {"content-type": "application/vnd.git-lfs+json"}, json.dumps({"transfer": "basic", "objects": [{"oid": o["oid"], "size": o["size"], "authenticated": True, "actions": {op: {"href": f"https://{name}/storage/{o['oid']}", "expires_in": 3600}, **({"verify": {"href": f"https://{name}/acme/shop.git/info/lfs/verify"}} if op == "upload" else {})}} for o in b["objects"]]})
    if "/info/lfs/locks" in path:
        l = {"id": "1", "path": "big.bin", "locked_at": "2026-03-01T12:00:00Z", "owner": {"name": "sam"}}
        return 200, {"content-type": "application/vnd.git-lfs+json"}, json.dumps({"lock": l, "locks": [l]})
    if "/storage/" in path or path.endswith("/verify"):
        return 200, {"content-type": "application/vnd.git-lfs+json"}, "big file\n" if r.method == "GET" else ""
    return None


def acme(name, r, path, q):
    h = {"replay-nonce": "bm9uY2UtMTIz", "location": f"https://{name}/acme/order/1"}
    if path.endswith("/directory"):
        return {k: f"https://{name}/acme/{p}" for k, p in (("newNonce", "new-nonce"), ("newAccount", "new-acct"), ("newOrder", "new-order"), ("revokeCert", "revoke-cert"), ("keyChange", "key-change"))}
    if "new-acct" in path:
        return 201, {**h, "location": f"https://{name}/acme/acct/1"}, {"status": "valid", "contact": [], "orders": f"https://{name}/acme/acct/1/orders"}
    if "acct" in path:
        return 200, h, {"status": "valid", "contact": []}
    if "authz" in path:
        return 200, h, {"status": "pending", "identifier": {"type": "dns", "value": "www.example.org"}, "expires": "2027-03-01T12:00:00Z", "challenges": [{"type": "http-01", "url": f"https://{name}/acme/chall/1", "token": "evaGxfADs6pSRb2LAv9IZf17Dt3juxGJ-PCt92wr-oA", "status": "pending"}]}
    if "chall" in path:
        return 200, {**h, "link": f'<https://{name}/acme/authz/1>;rel="up"'}, {"type": "http-01", "url": f"https://{name}/acme/chall/1", "token": "evaGxfADs6pSRb2LAv9IZf17Dt3juxGJ-PCt92wr-oA", "status": "processing"}
    if "order" in path:
        return 201, h, {"status": "pending", "expires": "2027-03-01T12:00:00Z", "identifiers": [{"type": "dns", "value": "www.example.org"}], "authorizations": [f"https://{name}/acme/authz/1"], "finalize": f"https://{name}/acme/finalize/1"}
    return 200, h, ""


def openstack(name, r, path, q):
    if path.endswith("/auth/tokens") and r.method == "POST":
        def ep(t, u):
            return {"type": t, "name": t, "endpoints": [{"interface": "public", "region": "RegionOne", "region_id": "RegionOne", "url": u}]}
        return 201, {"x-subject-token": "REDACTED"}, {"token": {"expires_at": "2030-01-01T00:00:00.000000Z", "issued_at": "2026-01-01T00:00:00.000000Z", "methods": ["password"], "user": {"id": "u1", "name": "sam", "domain": {"id": "default", "name": "Default"}}, "project": {"id": "p1", "name": "shop", "domain": {"id": "default", "name": "Default"}}, "roles": [{"id": "r1", "name": "admin"}],
                "catalog": [ep("identity", f"https://{name}/v3"), ep("compute", "https://compute.cloud.example.com/v2.1"), ep("image", "https://image.cloud.example.com"), ep("network", "https://network.cloud.example.com"), ep("object-store", "https://swift.cloud.example.com/v1/AUTH_p1"), ep("volumev3", "https://volume.cloud.example.com/v3/p1")]}}
    if name.startswith("identity") and path in ("/", "/v3", "/v3/"):
        v = {"id": "v3.14", "status": "stable", "links": [{"rel": "self", "href": f"https://{name}/v3/"}], "media-types": []}
        return {"version": v} if path != "/" else {"versions": {"values": [v]}}
    if name.startswith("compute") and path in ("/", "/v2.1", "/v2.1/"):
        v = {"id": "v2.1", "status": "CURRENT", "version": "2.90", "min_version": "2.1", "links": [{"rel": "self", "href": f"https://{name}/v2.1/"}]}
        return {"version": v} if path != "/" else {"versions": [v]}
    if name.startswith("image") and path in ("/", "/versions"):
        return {"versions": [{"id": "v2.9", "status": "CURRENT", "links": [{"rel": "self", "href": f"https://{name}/v2/"}]}]}
    if name.startswith("network") and path == "/":
        return {"versions": [{"id": "v2.0", "status": "CURRENT", "links": [{"rel": "self", "href": f"https://{name}/v2.0/"}]}]}
    if name.startswith("volume") and path in ("/", "/v3/", "/v3/p1"):
        return {"versions": [{"id": "v3.0", "status": "CURRENT", "version": "3.60", "min_version": "3.0", "links": [{"rel": "self", "href": f"https://{name}/v3/"}]}]}
    m = re.match(r"/(?:v[\d.]+/)?(?:p1/|os-)?([a-z-]+)(?:/([^/]+))?(/.*)?$", path)
    if name.startswith("swift"):
        return ([{"name": "a.txt", "bytes": 5, "hash": "5d41402abc4b2a76b9719d911017c592", "last_modified": "2026-03-01T12:00:00"}] if r.method == "GET" and path.count("/") < 4 else (200, {"x-account-container-count": "1", "x-container-object-count": "1", "etag": "5d41402abc4b2a76b9719d911017c592", "x-timestamp": "1"}, "hello") if r.method == "GET" else (204 if r.method in ("HEAD", "DELETE", "POST") else 201, {"x-account-container-count": "1", "x-account-object-count": "1", "x-account-bytes-used": "5", "x-container-object-count": "1", "x-container-bytes-used": "5"}, ""))
    if m:
        one = {"id": m[2] or "i1", "name": "web-1", "status": "ACTIVE", "links": [], "domain_id": "default", "enabled": True, "addresses": {}, "flavor": {"id": "f1", "original_name": "m1"}, "image": {"id": "i1"}, "metadata": {}, "size": 1, "rules": [], "subnets": [], "visibility": "private", "type": "x", "description": ""}
        plural = m[1].replace("-", "_")
        single = {"security_groups": "security_group", "identities": "identity"}.get(plural, plural.rstrip("s"))
        if r.method == "DELETE":
            return 204, {}, ""
        if m[3]:
            return 202, {}, {}
        if r.method == "GET" and not m[2] or m[2] == "detail":
            return {plural: [one], "links": {}}
        return (201 if r.method == "POST" else 200), {}, ({single: one, plural: [one], **(one if name.startswith("image") else {})})
    return None


def elastic(name, r, path, q):
    h = {"x-elastic-product": "Elasticsearch", "content-type": "application/json"}
    if path == "/":
        return 200, h, json.dumps({"name": "n", "cluster_name": "c", "version": {"number": "8.11.0", "build_flavor": "default", "lucene_version": "9.8.0"}, "tagline": "You Know, for Search"})
    if "_search" in path:
        return 200, h, json.dumps({"_scroll_id": "s1", "took": 1, "timed_out": False, "hits": {"total": {"value": 1}, "hits": [] if "scroll" in path else [{"_index": "orders", "_id": "1", "_source": {"n": 1}}]}})
    if path.startswith("/_cat") or path.startswith("/_cluster/state"):
        return 200, h, json.dumps([] if "_cat" in path else {"metadata": {"indices": {"orders": {"state": "open"}}}})
    if "_stats" in path:
        return 200, h, json.dumps({"indices": {"orders": {"total": {"docs": {"count": 1}, "store": {"size_in_bytes": 5}, "segments": {"count": 2}}, "primaries": {"docs": {"count": 1}, "store": {"size_in_bytes": 5}}}}})
    if "_mapping" in path or "_settings" in path or path.endswith("/_alias"):
        return 200, h, json.dumps({"orders": {"mappings": {"properties": {"n": {"type": "long"}}}, "settings": {"index": {"creation_date": "1600000000000", "version": {"created": "8110000"}}}, "aliases": {}}})
    return 200, h, json.dumps({"acknowledged": True, "errors": False, "items": [], "indices": {"orders": {}}, "status": "green"})


def hub(name, r, path, q):
    if path.endswith("/whoami-v2"):
        return {"type": "user", "name": "sam", "orgs": [], "auth": {"type": "access_token", "accessToken": {"displayName": "x", "role": "write"}}}
    if path.endswith("/repos/create"):
        return {"url": "https://huggingface.co/sam/shop", "id": "sam/shop"}
    if "/preupload/" in path:
        return {"files": [{"path": f["path"], "uploadMode": "regular", "shouldIgnore": False} for f in json.loads(r.get_text()).get("files", [])]}
    if "/commit/" in path:
        return {"commitUrl": "https://huggingface.co/sam/shop/commit/1", "commitOid": "1", "success": True}
    if "/resolve/" in path:
        return 200, {"etag": '"abc"', "x-repo-commit": "1" * 40, "content-length": "2", "content-type": "application/json"}, "" if r.method == "HEAD" else "{}"
    if re.match(r"/api/(models|datasets|spaces)$", path) and r.method == "GET":
        return []
    if "/tree/" in path or "/paths-info/" in path:
        return []
    if path.startswith("/api/"):
        return {"id": "sam/shop", "modelId": "sam/shop", "sha": "1" * 40, "siblings": [{"rfilename": "config.json"}], "private": False, "tags": [], "branches": [], "converts": [], "name": "main"}
    return None


def tfc(name, r, path, q):
    h = {"content-type": "application/vnd.api+json", "tfp-api-version": "2.5", "tfp-appname": "HCP Terraform", "x-ratelimit-limit": "30"}
    if path == "/.well-known/terraform.json":
        return {"tfe.v2": "/api/v2/", "tfe.v2.1": "/api/v2/", "tfe.v2.2": "/api/v2/", "state.v2": "/api/v2/", "motd.v1": "/api/terraform/motd", "modules.v1": "/v1/modules/", "providers.v1": "/v1/providers/", "login.v1": {"client": "terraform-cli", "grant_types": ["authz_code"], "authz": "/app/oauth2/auth", "token": "/oauth2/token", "ports": [10000, 10010]}}
    ws = {"id": "ws-1", "type": "workspaces", "attributes": {"name": "prod", "operations": False, "locked": False, "execution-mode": "local", "terraform-version": "1.9.0", "permissions": {"can-update": True, "can-queue-run": True, "can-lock": True, "can-unlock": True, "can-destroy": True, "can-force-unlock": True}, "actions": {"is-destroyable": True}}, "relationships": {"organization": {"data": {"id": "acme", "type": "organizations"}}}}
    if r.method == "DELETE":
        return 204, h, ""
    if path.endswith("/workspaces") and r.method == "GET":
        return 200, h, json.dumps({"data": [ws], "meta": {"pagination": {"current-page": 1, "total-pages": 1, "total-count": 1}}})
    if "/entitlement-set" in path:
        return 200, h, json.dumps({"data": {"id": "org-1", "type": "entitlement-sets", "attributes": {"operations": True, "state-storage": True, "teams": True}}})
    if path.endswith("/workspaces/newone"):
        return 404, h, json.dumps({"errors": [{"status": "404", "title": "not found"}]})
    if "/workspaces/" in path and "state-version" not in path and "/runs" not in path:
        return 200, h, json.dumps({"data": ws})
    if path.endswith("/current-state-version"):
        return 404, h, json.dumps({"errors": [{"status": "404", "title": "not found"}]})
    if "state-versions" in path:
        return 200, h, json.dumps({"data": {"id": "sv-1", "type": "state-versions", "attributes": {"serial": 1, "status": "finalized", "hosted-state-upload-url": f"https://archivist.terraform.io/v1/object/x"}}})
    return 200, h, json.dumps({"data": {"id": "acme", "type": "organizations", "attributes": {"name": "acme", "permissions": {"can-create-workspace": True}}}})


def jenkins(name, r, path, q):
    if path == "/crumbIssuer/api/json":
        return {"crumb": "REDACTED", "crumbRequestField": "Jenkins-Crumb"}
    return 200, {"x-jenkins": "2.400", "content-type": "application/json"}, json.dumps({"jobs": [], "views": [], "nodeName": "", "mode": "NORMAL", "useSecurity": True, "plugins": [], "name": "build"})


def mcp(name, r, path, q):
    b = json.loads(r.get_text() or "{}")
    if r.method != "POST":
        return 405, {}, ""
    if "id" not in b:
        return 202, {}, ""
    res = {"initialize": {"protocolVersion": b.get("params", {}).get("protocolVersion", "2025-03-26"), "capabilities": {"tools": {}, "resources": {}, "prompts": {}, "logging": {}}, "serverInfo": {"name": "s", "version": "1"}},
           "tools/list": {"tools": [{"name": n, "description": "", "inputSchema": {"type": "object", "properties": {"path": {"type": "string"}, "query": {"type": "string"}}}} for n in ("read_file", "delete_file", "search_issues", "create_issue")]},
           "tools/call": {"content": [{"type": "text", "text": "ok"}]}, "resources/list": {"resources": []}, "resources/read": {"contents": []}, "prompts/list": {"prompts": []}, "prompts/get": {"messages": []}, "resources/templates/list": {"resourceTemplates": []}}.get(b.get("method"), {})
    return 200, {"mcp-session-id": "s1"}, {"jsonrpc": "2.0", "id": b["id"], "result": res}


def slackish(name, r, path, q):
    return {"ok": True, "channel": "C1", "ts": "1", "result": {"message_id": 1}, "id": "1"}


def gitlab(name, r, path, q):
    one = {"id": 1, "iid": 1, "name": "shop", "path_with_namespace": "acme/shop", "username": "sam", "state": "active", "web_url": "https://gitlab.com/acme/shop", "title": "t", "key": "K", "value": "v", "version": "17.0", "revision": "1", "file_path": "a", "content": "eA==", "encoding": "base64", "branch": "main", "ref": "main", "labels": []}
    if r.method == "DELETE":
        return 204, {}, ""
    if r.method == "GET" and path.rstrip("/").split("/")[-1] in ("projects", "issues", "merge_requests", "users", "groups", "branches", "variables", "members", "pipelines", "runners", "jobs", "hooks", "labels", "tags", "all"):
        return 200, {"x-total": "1"}, [one]
    return (201 if r.method == "POST" else 200), {}, one


def acme_or(f):
    return f


HOSTS = [
    (r"^state\.", lambda n, r, p, q: (404, {}, "") if r.method == "GET" else (200, {}, "")),
    (r"", lambda n, r, p, q: lfs(n, r, p, q) if "/info/lfs" in p or "/storage/" in p and n.startswith("git") else None),
    (r"^index\.crates\.io|^crates\.io|^static\.crates\.io", crates),
    (r"amazonaws\.com$", aws), (r"^(s3|minio|objects)\.", s3),
    (r"^(k8s|kubernetes)\.", k8s), (r"^docker\.", docker),
    (r"^(api|uploads)\.github\.com$|^github\.com$|^ghe\.", github),
    (r"^registry\.(npmjs\.org|yarnpkg\.com)$", npm),
    (r"pypi\.org$|pythonhosted\.org$", pypi),
    (r"googleapis\.com$|accounts\.google\.com$", google),
    (r"^api\.anthropic\.com", anthropic), (r"^api\.openai\.com|^llm\.", openai),
    (r"^vault\.", vault), (r"^acme-v02\.api\.letsencrypt\.org$", acme),
    (r"cloud\.example\.com$", openstack), (r"^(elastic|es)\.", elastic), (r"huggingface\.co$", hub),
    (r"^app\.terraform\.io$|^archivist\.", tfc), (r"^jenkins\.", jenkins), (r"^mcp\.", mcp), (r"slack\.com$|telegram\.org$|discord", slackish), (r"^gitlab\.", gitlab),
]
