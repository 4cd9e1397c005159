"""A recording sink: one loopback port that plays every server a client asks for.

It takes HTTP/1.1 and HTTP/2 (also gRPC), in the clear and in TLS with a certificate for whatever name the client wants,
directly, through CONNECT, or in absolute form. Each request becomes a row of the corpus with the label that the driver
had set when it came; the answer is the smallest that lets most clients go on.
"""

import atexit, base64, datetime, hashlib, ipaddress, json, os, re, socket, ssl, sys, tempfile, threading, time
from urllib.parse import urlsplit, parse_qs

import h11
import h2.config, h2.connection, h2.events
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

MAX_BODY = 8 * 1024


class Authority:
    """A certificate authority made for this run, and leaves on demand."""

    def __init__(self):
        self.dir = tempfile.mkdtemp(prefix="sink-")
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sink")])
        self.cert = self._sign(self.name, self.key.public_key(), [x509.BasicConstraints(True, None)])
        self.ca = os.path.join(self.dir, "ca.pem")
        with open(self.ca, "wb") as f:
            f.write(self.cert.public_bytes(serialization.Encoding.PEM))
        self.leaf = ec.generate_private_key(ec.SECP256R1())
        self.contexts = {}
        self.lock = threading.Lock()

    def _sign(self, subject, public, extensions):
        day = datetime.timedelta(days=1)
        now = datetime.datetime.now(datetime.timezone.utc)
        b = x509.CertificateBuilder().subject_name(subject).issuer_name(self.name).public_key(public)
        b = b.serial_number(x509.random_serial_number()).not_valid_before(now - day).not_valid_after(now + 30 * day)
        for e in extensions:
            b = b.add_extension(e, isinstance(e, x509.BasicConstraints))
        b = b.add_extension(x509.SubjectKeyIdentifier.from_public_key(public), False)
        b = b.add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), False)
        return b.sign(self.key, hashes.SHA256())

    def context(self, host):
        with self.lock:
            if host not in self.contexts:
                try:
                    alt = x509.IPAddress(ipaddress.ip_address(host))
                except ValueError:
                    alt = x509.DNSName(host)
                cert = self._sign(x509.Name([]), self.leaf.public_key(), [x509.SubjectAlternativeName([alt])])
                path = os.path.join(self.dir, hashlib.sha1(host.encode()).hexdigest() + ".pem")
                with open(path, "wb") as f:
                    f.write(self.leaf.private_bytes(serialization.Encoding.PEM,
                            serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
                    f.write(cert.public_bytes(serialization.Encoding.PEM))
                ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                ctx.load_cert_chain(path)
                ctx.set_alpn_protocols(["h2", "http/1.1"])
                self.contexts[host] = ctx
            return self.contexts[host]


class Sink:
    def __init__(self, answers=()):
        self.authority = Authority()
        self.answers = [(re.compile(p), a) for p, a in answers]
        self.current = None  # (client, operation, class or function of the request)
        self.rows = []
        self.lock = threading.Lock()
        self.server = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.server.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    # --- connections
    def _accept(self):
        while True:
            conn, _ = self.server.accept()
            threading.Thread(target=self._serve, args=(conn,), daemon=True).start()

    def _serve(self, conn):
        try:
            conn.settimeout(60)
            self._talk(conn, None)
        except (OSError, ssl.SSLError, h11.ProtocolError, h2.exceptions.ProtocolError) as e:
            if os.environ.get("SINK_DEBUG"):
                print("sink:", repr(e), file=sys.stderr)
        finally:
            try:
                conn.close()
            except OSError:
                pass

    def _talk(self, conn, host):
        first = conn.recv(8, socket.MSG_PEEK)
        scheme = "http"
        if first[:1] == b"\x16":
            ctx = self.authority.context(host or "127.0.0.1")

            def sni(obj, name, _ctx):
                if name:
                    obj.context = self.authority.context(name)

            outer = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            outer.load_cert_chain(os.path.join(self.authority.dir,
                                  hashlib.sha1((host or "127.0.0.1").encode()).hexdigest() + ".pem"))
            outer.set_alpn_protocols(["h2", "http/1.1"])
            outer.sni_callback = sni
            conn = outer.wrap_socket(conn, server_side=True)
            scheme = "https"
            if conn.selected_alpn_protocol() == "h2":
                return self._h2(conn, scheme, b"")
            return self._h1(conn, scheme, b"")
        if first[:3] == b"PRI":
            return self._h2(conn, scheme, b"")
        return self._h1(conn, scheme, b"")

    def _h1(self, conn, scheme, data):
        c = h11.Connection(h11.SERVER, max_incomplete_event_size=1 << 20)
        request, body = None, b""
        while True:
            e = c.next_event()
            if e is h11.NEED_DATA:
                if c.they_are_waiting_for_100_continue:
                    conn.sendall(c.send(h11.InformationalResponse(status_code=100, headers=[])))
                data = conn.recv(65536)
                c.receive_data(data)
                continue
            if isinstance(e, h11.Request):
                request, body = e, b""
                if e.method == b"CONNECT":
                    conn.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
                    return self._talk(conn, e.target.decode().rsplit(":", 1)[0])
            elif isinstance(e, h11.Data):
                body += bytes(e.data)
            elif isinstance(e, h11.EndOfMessage):
                headers = [(k.decode("latin1"), v.decode("latin1")) for k, v in request.headers.raw_items()]
                path = request.target.decode("latin1")
                host = dict((k.lower(), v) for k, v in headers).get("host", "")
                own = scheme
                if "://" in path:
                    url = urlsplit(path)
                    own, host = url.scheme, url.netloc
                    path = (url.path or "/") + ("?" + url.query if url.query else "")
                status, head, answer = self._request(request.method.decode(), own, host, path, headers, body, "1.1")
                conn.sendall(c.send(h11.Response(status_code=status, headers=head + [("content-length", str(len(answer)))])))
                if request.method != b"HEAD" and answer:
                    conn.sendall(c.send(h11.Data(data=answer)))
                conn.sendall(c.send(h11.EndOfMessage()) or b"")
                if c.our_state is h11.MUST_CLOSE:
                    return
                c.start_next_cycle()
            else:
                return

    def _h2(self, conn, scheme, data):
        c = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False, header_encoding="latin1"))
        c.initiate_connection()
        conn.sendall(c.data_to_send())
        streams = {}
        while True:
            data = conn.recv(65536)
            if not data:
                return
            for e in c.receive_data(data):
                if isinstance(e, h2.events.RequestReceived):
                    streams[e.stream_id] = [e.headers, b"", False]
                elif isinstance(e, h2.events.DataReceived):
                    s = streams[e.stream_id]
                    s[1] += e.data
                    c.acknowledge_received_data(e.flow_controlled_length, e.stream_id)
                    # A stream that the client keeps open is recorded at its first message.
                    grpc = dict(s[0]).get("content-type", "").startswith("application/grpc")
                    if grpc and not s[2] and len(s[1]) >= 5 and len(s[1]) >= 5 + int.from_bytes(s[1][1:5], "big"):
                        s[2] = True
                        self._answer_h2(c, e.stream_id, s, scheme)
                elif isinstance(e, h2.events.StreamEnded):
                    s = streams.pop(e.stream_id, None)
                    if s and not s[2]:
                        self._answer_h2(c, e.stream_id, s, scheme)
                elif isinstance(e, h2.events.StreamReset):
                    streams.pop(e.stream_id, None)
            out = c.data_to_send()
            if out:
                conn.sendall(out)

    def _answer_h2(self, c, stream, s, scheme):
        pseudo = {k: v for k, v in s[0] if k.startswith(":")}
        headers = [(k, v) for k, v in s[0] if not k.startswith(":")]
        status, head, answer = self._request(pseudo[":method"], scheme, pseudo.get(":authority", ""), pseudo[":path"], headers, s[1], "2")
        grpc = dict(headers).get("content-type", "").startswith("application/grpc")
        try:
            if grpc:
                c.send_headers(stream, [(":status", "200"), ("content-type", "application/grpc")])
                c.send_data(stream, answer)
                c.send_headers(stream, [("grpc-status", "0")], end_stream=True)
            else:
                c.send_headers(stream, [(":status", str(status))] + head)
                c.send_data(stream, answer[:16000], end_stream=True)
        except h2.exceptions.ProtocolError:
            pass

    # --- requests
    def _request(self, method, scheme, host, path, headers, body, version):
        if host.startswith("control.invalid"):
            q = {k: v[0] for k, v in parse_qs(urlsplit(path).query).items()}
            self.current = (q["client"], q["operation"], q["class"]) if "client" in q else None
            return 200, [("content-type", "application/json")], b"{}"
        self.record(method, scheme, host, path, headers, body, version)
        if any(k.lower() == "content-type" and v.startswith("application/grpc") for k, v in headers):
            return 200, [], b"\0\0\0\0\0"
        url = f"{method} {scheme}://{host}{path}"
        for pattern, answer in self.answers:
            if pattern.search(url):
                if callable(answer):
                    answer = answer(url, headers, body)
                if isinstance(answer, tuple):
                    return answer
                kind = "application/json"
                if isinstance(answer, str):
                    kind = "text/xml" if answer.startswith("<") else "text/plain"
                    return 200, [("content-type", kind)], answer.encode()
                return 200, [("content-type", kind)], json.dumps(answer).encode()
        return 200, [("content-type", "application/json")], b"{}"

    def record(self, method, scheme, host, path, headers, body, version):
        now = self.current
        if now is None:
            return
        client, operation, label = now
        # A client that resolves names by itself was given the port; in the row it gets a name.
        host = host.replace(f"127.0.0.1:{self.port}", f"{client.split('-')[0]}.corp.example")
        headers = [(k, v.replace(f"127.0.0.1:{self.port}", host)) for k, v in headers]
        request = {"method": method, "scheme": scheme, "authority": host, "path": clean(path),
                   "headers": [[k, redact(k, v)] for k, v in headers]}
        if body:
            try:
                text = body.decode()
                if "\0" in text:
                    raise ValueError
                request["body_utf8"] = clean(text)
            except ValueError:
                request["body_b64"] = base64.b64encode(body).decode()
        if len(body) > MAX_BODY:
            print("sink: body too large, left out:", operation, len(body), file=sys.stderr)
            return
        label = label(method, host, path) if callable(label) else label
        if label == "login":
            return
        debatable = label.endswith("?")
        label = label.rstrip("?")
        with self.lock:
            for r in self.rows:
                q = r["request"]
                if r["client"] == client and q["path"] == request["path"] and q["method"] == method and (
                        r["operation"] == operation or bodies(q) == bodies(request) and q["headers"] == request["headers"]):
                    return
            digest = hashlib.sha256(json.dumps([client, operation, method, path, request.get("body_utf8")]).encode()).hexdigest()
            self.rows.append({"id": f"client-{client}-{digest[:10]}", "client": client, "operation": operation, "http": version,
                              "request": request, "label": {"privileged": label != "read_only", "class": label,
                              **({"debatable": True} if debatable else {})}})


def bodies(request):
    return request.get("body_utf8"), request.get("body_b64")


def clean(text):
    text = text.replace(socket.gethostname(), "host").replace(os.uname().release, "6.1.0")
    text = re.sub(r"(X-Amz-Signature=)[0-9a-f]+", r"\1REDACTED", text)
    return re.sub(r"eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+", "REDACTED.JWT", text)


def redact(name, value):
    """Credentials in the rows are made up; what was derived from them is taken out all the same."""
    value = clean(value)
    if name.lower() == "authorization":
        value = re.sub(r"(Signature=)[0-9a-f]+", r"\1REDACTED", value)
        value = re.sub(r"^(Bearer|Basic|token|SharedKey \S+?:|Token|ApiKey|GenieKey) ?.*$", lambda m: m.group(1) + " REDACTED", value)
    elif re.search(r"api-?key|token$|secret|password|cookie|x-vault-token", name, re.I) and name.lower() not in ("x-amz-content-sha256",):
        value = "REDACTED"
    elif name.lower() == "user-agent" and len(value) > 120:
        value = value[:120]
    elif name.lower() in ("x-stripe-client-user-agent", "x-client-metadata", "x-goog-api-client", "x-meta-source-client"):
        value = value[:60]
    return value
