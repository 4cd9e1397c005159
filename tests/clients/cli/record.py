"""mitmproxy addon: writes every request as a row, then answers it from `answers.py` or hands it to a real server on loopback.

Nothing is sent to the vendor: a request either gets a canned answer here or goes to the loopback server that `answers.route` names."""
import base64, importlib, json, os, sys
from mitmproxy import http

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import answers

OUT = os.environ.get("CLICAP", "/tmp/clicap")
n = 0


def request(flow: http.HTTPFlow) -> None:
    global n
    importlib.reload(answers) if os.path.getmtime(answers.__file__) > request.loaded else None
    request.loaded = os.path.getmtime(answers.__file__)
    r = flow.request
    client = open(f"{OUT}/client").read().strip()
    host = r.headers.get("host") or r.authority or r.pretty_host
    if r.http_version == "HTTP/2.0" and r.authority:
        host = r.authority
    body = r.get_content(strict=False) or b""
    if r.headers.get("content-encoding"):
        body = r.raw_content or b""
    n += 1
    row = {"n": n, "client": client, "version": r.http_version, "method": r.method, "scheme": r.scheme, "authority": host, "path": r.path,
           "headers": [[k.decode("latin-1"), v.decode("latin-1")] for k, v in r.headers.fields if not k.lower().startswith(b"proxy-")],
           "body_b64": base64.b64encode(body).decode()}
    with open(f"{OUT}/raw.jsonl", "a") as f:
        f.write(json.dumps(row) + "\n")
    to = answers.route(host, r)
    if to:
        r.scheme, (r.host, r.port) = "http", to
        flow.server_conn = flow.server_conn.__class__(address=to)
        r.headers["host"] = host
        return
    if r.headers.get("content-type", "").startswith("application/grpc"):
        flow.response = http.Response.make(200, answers.grpc(host, r), {"content-type": "application/grpc", "trailer": "grpc-status"})
        flow.response.trailers = http.Headers(grpc_status="0")
        return
    try:
        status, headers, body = answers.answer(host, r)
    except Exception as e:  # a bad canned answer must not stop the capture
        status, headers, body = 500, {}, repr(e)
    if not isinstance(body, (bytes, str)):
        body, headers = json.dumps(body), {"content-type": "application/json", **headers}
    flow.response = http.Response.make(status, b"" if r.method == "HEAD" else body, headers)


request.loaded = 0
