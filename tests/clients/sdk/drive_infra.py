"""Clusters, secrets, registries, queues, workflow engines and telemetry by their Python SDKs."""
import os
os.environ["PROTOCOL_BUFFERS_PYTHON_IMPLEMENTATION"] = "python"  # etcd3 has old generated code
import drive
from drive import client

R, W, D, S, P, C, I, M, X, K, G = ("read_only", "data_write", "data_delete", "schema_change", "privilege_change",
    "credential_access", "infra_change", "model_change", "data_export", "code_change", "communication")

T = "data_write?"  # telemetry: data leaves, and nobody wants to be asked each time; left out of the score

drive.start("py-infra", [
    (r"GET http://docker\S+/version", {"ApiVersion": "1.43", "Version": "24"}),
    (r"GET http://docker\S+/(containers|images)/[^/]+/json", {"Id": "abc", "Image": "i", "Config": {"Image": "web"}, "State": {}, "Name": "/web"}),
    (r"POST http://docker\S+/containers/create", {"Id": "abc"}),
    (r"POST http://docker\S+/exec", {"Id": "e1"}),
    (r"POST http://docker\S+/containers/[^/]+/exec", {"Id": "e1"}),
    (r"GET http://consul\S+/v1/kv", [{"Key": "app/flag", "Value": "b24=", "CreateIndex": 1, "ModifyIndex": 1, "LockIndex": 0, "Flags": 0}]),
    (r"consul\S+/v1/(kv|agent)", lambda u, h, b: (200, [("content-type", "application/json"), ("x-consul-index", "1")], b"true")),
    (r"consul\S+/", lambda u, h, b: (200, [("content-type", "application/json"), ("x-consul-index", "1")], b"[]")),
    (r"/auth/realms/|/realms/.*/token", {"access_token": "t", "refresh_token": "r", "expires_in": 300, "refresh_expires_in": 300}),
])

with client("kubernetes") as do:
    from kubernetes import client as k, stream
    conf = k.Configuration(); conf.host = "https://k8s.corp.example:6443"; conf.api_key = {"authorization": "Bearer REDACTED"}; conf.ssl_ca_cert = drive.sink.authority.ca; conf.retries = False
    api = k.ApiClient(conf); v1 = k.CoreV1Api(api); apps = k.AppsV1Api(api); rb = k.RbacAuthorizationV1Api(api); au = k.AuthorizationV1Api(api); cu = k.CustomObjectsApi(api)
    do(R, "list_pods", v1.list_namespaced_pod, "prod", label_selector="app=web")
    do(R, "read_pod_log", v1.read_namespaced_pod_log, "web-1", "prod", tail_lines=10)
    do(R, "list_nodes", v1.list_node)
    do(C + "!", "read_secret", v1.read_namespaced_secret, "db", "prod")
    do(C + "!", "list_secrets", v1.list_secret_for_all_namespaces)
    do(W, "create_configmap", v1.create_namespaced_config_map, "prod", {"metadata": {"name": "c"}, "data": {"a": "b"}})
    do(I, "scale", apps.patch_namespaced_deployment_scale, "web", "prod", {"spec": {"replicas": 0}})
    do(I, "patch_deployment", apps.patch_namespaced_deployment, "web", "prod", {"spec": {"template": {}}})
    do(D, "delete_pod", v1.delete_namespaced_pod, "web-1", "prod")
    do(D, "delete_namespace", v1.delete_namespace, "prod")
    do(P, "create_clusterrolebinding", rb.create_cluster_role_binding, {"metadata": {"name": "x"}, "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"}})
    do(R, "access_review", au.create_self_subject_access_review, {"spec": {"resourceAttributes": {"verb": "get", "resource": "pods"}}})
    do(R, "dry_run", v1.create_namespaced_config_map, "prod", {"metadata": {"name": "c"}}, dry_run="All")
    do(R, "custom list", cu.list_namespaced_custom_object, "argoproj.io", "v1alpha1", "prod", "workflows")
    do(W, "custom create", cu.create_namespaced_custom_object, "argoproj.io", "v1alpha1", "prod", "workflows", {"metadata": {"name": "w"}})
    do(I + "!", "exec", stream.stream, v1.connect_get_namespaced_pod_exec, "web-1", "prod", command=["sh", "-c", "id"], stdout=True, stderr=True, stdin=False, tty=False)
    do(R, "version", k.VersionApi(api).get_code)
    do(C, "create_token", v1.create_namespaced_service_account_token, "ci", "prod", {"spec": {"audiences": ["a"], "expirationSeconds": 600}})
with client("docker") as do:
    import docker
    d = docker.DockerClient("tcp://docker.corp.example:2375", version="1.43")
    do(R, "ps", d.containers.list)
    do(R, "images", d.images.list)
    do(R, "info", d.info)
    do(R, "logs", lambda: d.api.logs("web"))
    do(R, "stats", lambda: d.api.stats("web", stream=False))
    do(I, "run", lambda: d.api.create_container("alpine", "id", host_config=d.api.create_host_config(privileged=True, binds=["/:/host"])))
    do(I, "start", lambda: d.api.start("web"))
    do(I, "exec_create", lambda: d.api.exec_create("web", "id"))
    do(I, "exec_start", lambda: d.api.exec_start("e1", detach=True))
    do(I, "pull", lambda: d.api.pull("alpine", "3.20"))
    do(I, "push", lambda: d.api.push("registry.corp.example/web", "1"))
    do(D, "rm", lambda: d.api.remove_container("web", force=True))
    do(D, "prune", d.volumes.prune)
    do(R, "search", lambda: d.api.search("nginx"))
    do(R, "distribution", lambda: d.api.inspect_distribution("nginx"))
with client("hvac") as do:
    import hvac
    v = hvac.Client("http://vault.corp.example:8200", token="s.REDACTED")
    do(C + "!", "kv2.read", v.secrets.kv.v2.read_secret_version, path="app/db", raise_on_deleted_version=True)
    do(C + "!", "kv1.read", v.secrets.kv.v1.read_secret, path="app/db")
    do(C, "kv2.write", v.secrets.kv.v2.create_or_update_secret, path="app/db", secret={"a": "b"})
    do(R, "kv2.list", v.secrets.kv.v2.list_secrets, path="app")
    do(D, "kv2.destroy", v.secrets.kv.v2.delete_metadata_and_all_versions, path="app/db")
    do(P, "policy.write", v.sys.create_or_update_policy, "admin", 'path "*" { capabilities = ["sudo"] }')
    do(R, "policy.list", v.sys.list_policies)
    do(C, "token.create", v.auth.token.create, policies=["root"])
    do(R, "token.lookup_self", v.auth.token.lookup_self)
    do("login", "approle.login", v.auth.approle.login, "r", "s")
    do(R, "health", v.sys.read_health_status, method="GET")
    do(R, "seal_status", v.sys.read_seal_status)
    do(I, "seal", v.sys.seal)
    do(I, "enable_secrets", v.sys.enable_secrets_engine, "kv", path="team")
    do(C + "!", "database.creds", v.secrets.database.generate_credentials, "readonly")
    do("data_write?", "transit.encrypt", v.secrets.transit.encrypt_data, "k1", "aGk=")
with client("python-consul") as do:
    import consul
    c = consul.Consul("consul.corp.example", 8500)
    do(R, "kv.get", c.kv.get, "app/flag")
    do(R, "kv.keys", c.kv.get, "app/", keys=True)
    do(W, "kv.put", c.kv.put, "app/flag", "on")
    do(D, "kv.delete", c.kv.delete, "app/", recurse=True)
    do(R, "catalog.services", c.catalog.services)
    do(R, "health.service", c.health.service, "web", passing=True)
    do(I, "agent.register", c.agent.service.register, "web", port=80)
    do(I, "agent.deregister", c.agent.service.deregister, "web")
    do(W, "session.create", c.session.create, "lock")
    do(R, "status.leader", c.status.leader)
    do(P, "acl.create", c.acl.create, name="x", rules="")


with client("etcd3") as do:
    import etcd3
    e = etcd3.client("etcd.corp.example", 2379, timeout=3)
    do(R, "get", e.get, "/app/a")
    do(R, "get_prefix", lambda: list(e.get_prefix("/app/")))
    do(W, "put", e.put, "/app/a", "1")
    do(D, "delete", e.delete, "/app/a")
    do(R, "status", e.status)
    do(R, "members", lambda: list(e.members))
    do(W, "lease", lambda: e.lease(60))
    do(W, "transaction", lambda: e.transaction(compare=[e.transactions.version("/a") > 0], success=[e.transactions.put("/a", "2")], failure=[]))
    do(I, "compact", e.compact, 5)
with client("temporalio") as do:
    import asyncio, temporalio.client as tc
    from temporalio.service import RPCError
    async def go(what):
        cl = await tc.Client.connect(f"127.0.0.1:{drive.sink.port}", namespace="prod", tls=False, lazy=True)
        h = cl.get_workflow_handle("order-1")
        await asyncio.wait_for({"start": lambda: cl.start_workflow("Order", "a", id="order-1", task_queue="q"), "signal": lambda: h.signal("approve"),
          "terminate": lambda: h.terminate(), "cancel": lambda: h.cancel(), "describe": lambda: h.describe(), "query": lambda: h.query("state"), "count": lambda: cl.count_workflows("WorkflowId='a'")}[what](), 4)
    for what, label in [("start", W), ("signal", W), ("terminate", W), ("cancel", W), ("describe", R), ("query", R), ("count", R)]:
        do(label, what, lambda: asyncio.run(go(what)))
with client("opentelemetry-python") as do:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter as GrpcSpan
    def span(exporter):
        t = TracerProvider(); t.add_span_processor(SimpleSpanProcessor(exporter))
        with t.get_tracer("a").start_as_current_span("chat"): pass
    do(T, "traces http", span, OTLPSpanExporter("http://otel.corp.example:4318/v1/traces"))
    do(T, "traces grpc", span, GrpcSpan("otel.corp.example:4317", insecure=True, timeout=3))
    from opentelemetry.sdk.metrics import MeterProvider
    from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
    def metric():
        m = MeterProvider([PeriodicExportingMetricReader(OTLPMetricExporter("http://otel.corp.example:4318/v1/metrics"))]); m.get_meter("a").create_counter("c").add(1); m.force_flush()
    do(T, "metrics http", metric)
with client("sentry-sdk") as do:
    import sentry_sdk
    sentry_sdk.init("https://0123456789abcdef0123456789abcdef@o1.ingest.sentry.io/42", traces_sample_rate=0, auto_session_tracking=False, default_integrations=False)
    do(T, "capture_message", lambda: (sentry_sdk.capture_message("oops"), sentry_sdk.flush(3)))
with client("posthog") as do:
    import posthog
    p = posthog.Posthog("phc_x", host="https://eu.i.posthog.com", sync_mode=True)
    do(T, "capture", lambda: p.capture("agent_run", distinct_id="u1"))
    do(R, "flags", lambda: p.get_all_flags("u1"))
with client("segment") as do:
    import segment.analytics as seg
    seg.write_key = "k"; seg.sync_mode = True
    do(T, "track", lambda: seg.track("u1", "Run"))
    do(T, "identify", lambda: seg.identify("u1", {"plan": "pro"}))
with client("datadog-api-client") as do:
    from datadog_api_client import ApiClient, Configuration
    cf = Configuration(); cf.api_key.update(apiKeyAuth="k", appKeyAuth="a"); cf.ssl_ca_cert = drive.sink.authority.ca
    a = ApiClient(cf)
    from datadog_api_client.v1.api.monitors_api import MonitorsApi
    from datadog_api_client.v1.api.metrics_api import MetricsApi
    from datadog_api_client.v1.api.downtimes_api import DowntimesApi
    from datadog_api_client.v2.api.logs_api import LogsApi
    from datadog_api_client.v2.api.key_management_api import KeyManagementApi
    from datadog_api_client.v2.model.logs_list_request import LogsListRequest
    from datadog_api_client.v2.api.metrics_api import MetricsApi as M2
    from datadog_api_client.v2.api.users_api import UsersApi
    do(R, "monitors.list", MonitorsApi(a).list_monitors)
    do(D, "monitors.delete", MonitorsApi(a).delete_monitor, 42)
    do(R, "metrics.query", MetricsApi(a).query_metrics, _from=1, to=2, query="avg:system.cpu.user{*}")
    do(R, "logs.search", LogsApi(a).list_logs, body=LogsListRequest())
    do(R, "logs.aggregate", LogsApi(a).aggregate_logs, body={})
    do(C, "keys.create", KeyManagementApi(a).create_api_key, body={"data": {"type": "api_keys", "attributes": {"name": "x"}}})
    do(P + "", "users.disable", UsersApi(a).disable_user, "u-1")
with client("influxdb-client") as do:
    from influxdb_client import InfluxDBClient
    from influxdb_client.client.write_api import SYNCHRONOUS
    f = InfluxDBClient("http://influx.corp.example:8086", token="t", org="acme")
    do(R, "query", lambda: f.query_api().query('from(bucket:"m") |> range(start:-1h)'))
    do(W, "write", lambda: f.write_api(write_options=SYNCHRONOUS).write("m", record="cpu,host=a v=1"))
    do(D, "delete", lambda: f.delete_api().delete("1970-01-01T00:00:00Z", "2026-01-01T00:00:00Z", '_measurement="cpu"', bucket="m"))
    do(R, "buckets.find", lambda: f.buckets_api().find_buckets())
    do(W, "buckets.create", lambda: f.buckets_api().create_bucket(bucket_name="new", org_id="0" * 16))
    do(R, "ping", f.ping)
with client("prometheus-api-client") as do:
    from prometheus_api_client import PrometheusConnect
    pc = PrometheusConnect("http://prom.corp.example:9090")
    do(R, "custom_query", lambda: pc.custom_query("up"))
    do(R, "all_metrics", lambda: pc.all_metrics())
    do(R, "range", lambda: pc.custom_query_range("up", __import__("datetime").datetime(2026, 1, 1), __import__("datetime").datetime(2026, 1, 2), "60"))
    import requests
    do(R, "query POST", lambda: requests.post("http://prom.corp.example:9090/api/v1/query", data={"query": "sum(rate(http_requests_total[5m]))"}))
    do(R, "series POST", lambda: requests.post("http://prom.corp.example:9090/api/v1/series", data={"match[]": "up"}))
    do(D, "delete_series", lambda: requests.post("http://prom.corp.example:9090/api/v1/admin/tsdb/delete_series?match[]=up"))
    do(R, "loki query_range", lambda: requests.get("http://loki.corp.example:3100/loki/api/v1/query_range", params={"query": '{app="web"} |= "delete"'}))
    do(I, "reload", lambda: requests.post("http://prom.corp.example:9090/-/reload"))
with client("python-keycloak") as do:
    from keycloak import KeycloakAdmin, KeycloakOpenIDConnection
    ka = KeycloakAdmin(connection=KeycloakOpenIDConnection(server_url="https://sso.corp.example/", username="a", password="b", realm_name="acme", verify=drive.sink.authority.ca))
    do(R, "users", lambda: ka.get_users({"search": "bob"}))
    do(P, "create_user", lambda: ka.create_user({"username": "eve", "enabled": True}))
    do(C, "set_password", lambda: ka.set_user_password("u-1", "x", temporary=False))
    do(P, "assign_realm_roles", lambda: ka.assign_realm_roles("u-1", [{"id": "1", "name": "admin"}]))
    do(D, "delete_user", lambda: ka.delete_user("u-1"))
    do(R, "clients", ka.get_clients)
    do(R, "user_count", lambda: ka.users_count())
    do(C, "regenerate_secret", lambda: ka.generate_client_secrets("c-1"))
with client("auth0-python") as do:
    from auth0.management import ManagementClient
    a0 = ManagementClient(domain="acme.eu.auth0.com", token="t")
    do(R, "users.list", lambda: list(a0.users.list(q="email:bob")))
    do(P, "users.create", lambda: a0.users.create(connection="c", email="e@acme.example"))
    do(D, "users.delete", lambda: a0.users.delete("auth0|1"))
    do(P, "roles.users.assign", lambda: a0.roles.users.assign("r1", users=["auth0|1"]))
    do(R, "clients.list", lambda: list(a0.clients.list()))
    do(C, "clients.rotate_secret", lambda: a0.clients.rotate_secret("c1"))
with client("okta") as do:
    import asyncio
    from okta.client import Client as Okta
    def okta(f):
        async def go():
            return await f(Okta({"orgUrl": "https://acme.okta.com", "token": "t", "cache": {"enabled": False}}))
        asyncio.run(go())
    do(R, "list_users", okta, lambda c: c.list_users())
    do(P, "deactivate_user", okta, lambda c: c.deactivate_user("00u1"))
    do(P, "assign_user_to_group", okta, lambda c: c.assign_user_to_group("00g1", "00u1"))
    do(D, "delete_group", okta, lambda c: c.delete_group("00g1"))
    do(R, "list_applications", okta, lambda c: c.list_applications())
with client("apache-airflow-client") as do:
    import airflow_client.client as ac
    from airflow_client.client.api import dag_api, dag_run_api, variable_api, connection_api
    cf = ac.Configuration(host="https://airflow.corp.example", access_token="t"); cf.ssl_ca_cert = drive.sink.authority.ca
    ap = ac.ApiClient(cf)
    from airflow_client.client.models import TriggerDAGRunPostBody, DAGPatchBody
    do(R, "dags", dag_api.DAGApi(ap).get_dags)
    do(I, "trigger", lambda: dag_run_api.DagRunApi(ap).trigger_dag_run("etl", TriggerDAGRunPostBody(logical_date=None)))
    do(I, "pause", lambda: dag_api.DAGApi(ap).patch_dag("etl", DAGPatchBody(is_paused=True)))
    do(D, "delete", lambda: dag_api.DAGApi(ap).delete_dag("etl"))
    do(R, "variables", variable_api.VariableApi(ap).get_variables)
    do(D, "connection.delete", lambda: connection_api.ConnectionApi(ap).delete_connection("c"))
with client("schema-registry") as do:
    from confluent_kafka.schema_registry import SchemaRegistryClient, Schema
    sr = SchemaRegistryClient({"url": "http://schema.corp.example:8081"})
    sc = Schema('{"type":"record","name":"o","fields":[]}', "AVRO")
    do(R, "subjects", sr.get_subjects)
    do(R, "latest", sr.get_latest_version, "orders-value")
    do(S, "register", sr.register_schema, "orders-value", sc)
    do(R, "lookup", sr.lookup_schema, "orders-value", sc)
    do(R, "test_compat", sr.test_compatibility, "orders-value", sc)
    do(D, "delete_subject", sr.delete_subject, "orders-value")
    do(S, "set_compat", sr.set_compatibility, "orders-value", "NONE")
    import requests
    do(W, "kafka rest produce", lambda: requests.post("http://kafka-rest.corp.example:8082/topics/orders", data='{"records":[{"value":{"a":1}}]}', headers={"content-type": "application/vnd.kafka.json.v2+json"}))
    do(R, "kafka rest topics", lambda: requests.get("http://kafka-rest.corp.example:8082/v3/clusters/c1/topics"))
    do(D, "kafka rest delete topic", lambda: requests.delete("http://kafka-rest.corp.example:8082/v3/clusters/c1/topics/orders"))
