"""What a driver of Python clients needs: `start`, `client`, and where the rows go.

Every name resolves to the sink, so that a client talks to the host it would really talk to, and the host stands in the
row. gRPC, which resolves names on its own, is sent through CONNECT. Labels are written by hand beside each call.
"""

import atexit, json, os, re, signal, socket, sys, threading, traceback

import sink as _sink

HERE = os.path.dirname(os.path.abspath(__file__))
ROWS = os.path.join(HERE, "..", "..", "corpus", "clients")

sink = None
_name = None


def start(name, answers=()):
    global sink, _name
    _name = name
    sink = _sink.Sink(answers)
    ca = sink.authority.ca
    for k in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "AWS_CA_BUNDLE", "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH"):
        os.environ[k] = ca
    os.environ["grpc_proxy"] = f"http://127.0.0.1:{sink.port}"
    os.environ.update(AWS_ACCESS_KEY_ID="AKIAIOSFODNN7EXAMPLE", AWS_SECRET_ACCESS_KEY="wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
                      AWS_DEFAULT_REGION="eu-central-1", AWS_MAX_ATTEMPTS="1", AWS_EC2_METADATA_DISABLED="true")
    import certifi
    certifi.where = lambda: ca
    plain = socket.getaddrinfo

    def getaddrinfo(host, port, family=0, type=0, proto=0, flags=0):
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("198.18.0.1", port if isinstance(port, int) else 443))]

    socket.getaddrinfo = getaddrinfo
    connect = socket.socket.connect

    def connect_to_sink(self, address):
        inside = not isinstance(address, tuple) or address[0] == "127.0.0.1"
        return connect(self, address if inside else ("127.0.0.1", sink.port))

    socket.socket.connect = connect_to_sink
    atexit.register(save)


# Requests that a client makes on its way to a call: signing in, which no reviewer is asked about and the rows leave out,
# and looking around.
LOGIN = re.compile(r"/oauth2?/(v2\.0/)?token|openid-connect/token|/auth/approle/login|/v1/auth/\w+/login|/session$|/auth/sign_in")
PASSING = re.compile(r"/GetSystemInfo$|/Metadata$|grpc\.health|tables/list$|/preupload/|/estimate-price$")


def label(word):
    """What a request of a call labelled `word` is: on its way a privileged call also reads; with `!` all of it counts."""
    strict, word = word.endswith("!"), word.rstrip("!")

    def of(method, host, path):
        if LOGIN.search(path):
            return "login"
        passing = method in ("GET", "HEAD") and not strict or PASSING.search(path)
        return "read_only" if passing else word

    return of


class Late(Exception):
    pass


def _late(*_):
    raise Late()


class client:
    """`with client("boto3") as do:` then `do("read_only", "s3.list_buckets", f, *args)`; a failing call is no matter."""

    def __init__(self, name):
        self.name = name

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        if kind is not None and issubclass(kind, (Exception,)):
            at = traceback.extract_tb(trace)[0]
            print(f"!! {self.name}: driver broke at line {at.lineno}: {kind.__name__}: {str(value)[:200]}", file=sys.stderr)
            return True

    def __call__(self, word, operation, f, *args, **kwargs):
        before = len(sink.rows)
        sink.current = (self.name, operation, label(word))
        signal.signal(signal.SIGALRM, _late)
        signal.setitimer(signal.ITIMER_REAL, 6, 1)
        problem, answer = None, None
        try:
            answer = f(*args, **kwargs)
            if hasattr(answer, "__next__") or type(answer).__name__ in ("HTTPIterator", "ItemPaged", "Pager"):
                for _ in zip(answer, range(2)):
                    pass
        except BaseException as e:  # noqa: BLE001
            problem = e
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
        sink.current = None
        if len(sink.rows) == before:
            print(f"   {self.name} {operation}: no request ({type(problem).__name__}: {str(problem)[:160]})", file=sys.stderr)
        return answer


def save():
    os.makedirs(ROWS, exist_ok=True)
    path = os.path.join(ROWS, _name + ".jsonl")
    with open(path, "w") as f:
        for row in sink.rows:
            f.write(json.dumps(row, separators=(",", ":"), ensure_ascii=False) + "\n")
    names = sorted({r["client"] for r in sink.rows})
    bad = sum(r["label"]["privileged"] for r in sink.rows)
    print(f"{_name}: {len(sink.rows)} rows ({bad} privileged) of {len(names)} clients: {' '.join(names)}")
