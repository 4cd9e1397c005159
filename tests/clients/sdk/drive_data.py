"""Databases and stores that speak HTTP or gRPC, by their Python SDKs."""
import drive
from drive import client
from drive_answers import ANSWERS

R, W, D, S, P, C, I, M, X, K, G = ("read_only", "data_write", "data_delete", "schema_change", "privilege_change",
    "credential_access", "infra_change", "model_change", "data_export", "code_change", "communication")

drive.start("py-data", ANSWERS + [
    (r"trino\S+/v1/statement", {"id": "q1", "infoUri": "http://trino.corp.example:8080/q1", "stats": {"state": "FINISHED"}, "columns": [], "data": []}),
    (r"snowflakecomputing.com\S+login-request", {"data": {"token": "t", "masterToken": "m", "parameters": [], "sessionInfo": {}, "validityInSeconds": 3600, "masterValidityInSeconds": 3600}, "success": True}),
    (r"snowflakecomputing.com", {"data": {"parameters": [], "rowtype": [], "rowset": [], "total": 0, "returned": 0, "queryId": "q", "queryResultFormat": "json", "statementTypeId": 4096, "version": 1}, "success": True}),
    (r"solr", "{}"),
    (r"couch\S+/$", {"couchdb": "Welcome", "version": "3.3"}),
    (r"\$metadata", '<edmx:Edmx xmlns:edmx="http://schemas.microsoft.com/ado/2007/06/edmx" xmlns:m="http://schemas.microsoft.com/ado/2007/08/dataservices/metadata" Version="1.0"><edmx:DataServices m:DataServiceVersion="2.0"><Schema xmlns="http://schemas.microsoft.com/ado/2008/09/edm" Namespace="N"><EntityType Name="Order"><Key><PropertyRef Name="Id"/></Key><Property Name="Id" Type="Edm.Int32" Nullable="false"/><Property Name="Name" Type="Edm.String" Nullable="true"/></EntityType><EntityContainer Name="C" m:IsDefaultEntityContainer="true"><EntitySet Name="Orders" EntityType="N.Order"/></EntityContainer></Schema></edmx:DataServices></edmx:Edmx>'),
    (r"minio\S+\?location", '<LocationConstraint xmlns="http://s3.amazonaws.com/doc/2006-03-01/"></LocationConstraint>'),
    (r"minio\S+\?uploads", "<r><UploadId>u</UploadId></r>"),
    (r"clickhouse\S*", lambda u, h, b: (200, [("content-type", "text/plain"), ("X-ClickHouse-Summary", "{}")], b"")),
])

with client("elasticsearch-py") as do:
    from elasticsearch import Elasticsearch
    e = Elasticsearch("https://es.corp.example:9200", api_key="x", ca_certs=drive.sink.authority.ca, max_retries=0)
    do(R, "search", lambda: e.search(index="logs", query={"match": {"m": "delete"}}))
    do(R, "msearch", lambda: e.msearch(searches=[{"index": "logs"}, {"query": {"match_all": {}}}]))
    do(R, "get", lambda: e.get(index="logs", id="1"))
    do(R, "mget", lambda: e.mget(index="logs", ids=["1"]))
    do(R, "count", lambda: e.count(index="logs"))
    do(R, "scroll", lambda: e.scroll(scroll_id="s", scroll="1m"))
    do(R, "open_pit", lambda: e.open_point_in_time(index="logs", keep_alive="1m"))
    do(R, "clear_scroll", lambda: e.clear_scroll(scroll_id="s"))
    do(R, "field_caps", lambda: e.field_caps(index="logs", fields="*"))
    do(R, "sql", lambda: e.sql.query(query="SELECT * FROM logs LIMIT 2"))
    do(R, "esql", lambda: e.esql.query(query="FROM logs | LIMIT 2"))
    do(R, "cat", lambda: e.cat.indices(format="json"))
    do(R, "analyze", lambda: e.indices.analyze(text="a b"))
    do(W, "index", lambda: e.index(index="logs", document={"a": 1}))
    do(W, "bulk", lambda: e.bulk(operations=[{"index": {"_index": "logs"}}, {"a": 1}]))
    do(D, "bulk delete", lambda: e.bulk(operations=[{"delete": {"_index": "logs", "_id": "1"}}]))
    do(D, "delete_by_query", lambda: e.delete_by_query(index="logs", query={"match_all": {}}))
    do(W, "update_by_query", lambda: e.update_by_query(index="logs", script={"source": "ctx._source.a=1"}))
    do(D, "indices.delete", lambda: e.indices.delete(index="logs"))
    do(S, "put_mapping", lambda: e.indices.put_mapping(index="logs", properties={"a": {"type": "keyword"}}))
    do(C, "create_api_key", lambda: e.security.create_api_key(name="x"))
    do(P, "put_role", lambda: e.security.put_role(name="r", cluster=["all"]))
    do(I, "cluster.put_settings", lambda: e.cluster.put_settings(persistent={"a": "b"}))
with client("opensearch-py") as do:
    from opensearchpy import OpenSearch
    o = OpenSearch("https://os.corp.example:9200", ca_certs=drive.sink.authority.ca, max_retries=0)
    do(R, "search", lambda: o.search(index="logs", body={"query": {"match_all": {}}}))
    do(R, "info", o.info)
    do(R, "cluster.health", o.cluster.health)
    do(W, "index", lambda: o.index(index="logs", body={"a": 1}))
    do(D, "delete", lambda: o.delete(index="logs", id="1"))
    do(S, "create index", lambda: o.indices.create(index="new"))
    do(D, "delete_by_query", lambda: o.delete_by_query(index="logs", body={"query": {"match_all": {}}}))
    do(R, "sql", lambda: o.transport.perform_request("POST", "/_plugins/_sql", body={"query": "SELECT * FROM logs"}))
    do(W, "bulk", lambda: o.bulk(body='{"index":{"_index":"l"}}\n{"a":1}\n'))
    do(R, "explain", lambda: o.explain(index="logs", id="1", body={"query": {"match_all": {}}}))
with client("clickhouse-connect") as do:
    import clickhouse_connect
    from clickhouse_connect.driver.httpclient import HttpClient
    import urllib3
    u = "http://clickhouse.corp.example:8123"
    def ch():
        return clickhouse_connect.get_client(host="clickhouse.corp.example", port=8123, username="default", autogenerate_session_id=False)
    do(R, "connect", ch)
    import requests
    do(R, "select", lambda: requests.post(u + "/?database=shop&default_format=JSON", data="SELECT count() FROM orders"))
    do(R, "select native", lambda: requests.post(u + "/?database=shop&readonly=1", data="SELECT * FROM orders LIMIT 3 FORMAT Native"))
    do(W, "insert", lambda: requests.post(u + "/?query=INSERT%20INTO%20orders%20FORMAT%20JSONEachRow", data='{"id":1}\n{"id":2}\n'))
    do(D, "drop", lambda: requests.post(u + "/", data="DROP TABLE orders"))
    do(R, "ping", lambda: requests.get(u + "/ping"))
    do(R, "get", lambda: requests.get(u + "/", params={"query": "SELECT 1"}))
with client("trino-python") as do:
    import trino
    def tr(q):
        c = trino.dbapi.connect(host="trino.corp.example", port=8080, user="a", catalog="hive", schema="shop").cursor()
        c.execute(q); c.fetchall()
    for label, q in [(R, "SELECT * FROM orders LIMIT 3"), (R, "SHOW TABLES"), (D, "DELETE FROM orders WHERE id = 1"), (D, "DROP TABLE orders"), (S, "CREATE TABLE a AS SELECT * FROM orders"), (P, "GRANT SELECT ON orders TO USER eve"), (W, "INSERT INTO orders VALUES (1)"), (R, "EXPLAIN SELECT 1")]:
        do(label, q.split()[0] + " " + q.split()[1], tr, q)
with client("snowflake-connector") as do:
    import snowflake.connector as sc
    cn = None
    def conn():
        global cn
        cn = sc.connect(account="acme", user="a", password="b", insecure_mode=True, login_timeout=5, client_telemetry_enabled=False, session_parameters={"CLIENT_TELEMETRY_ENABLED": False})
    do("login", "connect", conn)
    for label, q in [(R, "SELECT * FROM orders LIMIT 3"), (W, "INSERT INTO orders VALUES (1)"), (D, "DROP TABLE orders"), (X, "COPY INTO @exports/o FROM orders"), (P, "GRANT ROLE ACCOUNTADMIN TO USER eve"), (R, "SHOW TABLES"), (S, "CREATE TABLE a (id INT)")]:
        do(label, " ".join(q.split()[:2]), lambda: cn.cursor().execute(q, timeout=4))
with client("databricks-sdk") as do:
    from databricks.sdk import WorkspaceClient
    from databricks.sdk.core import Config
    w = WorkspaceClient(config=Config(host="https://dbc-1a2b3c4d-5e6f.cloud.databricks.com", token="dapi", retry_timeout_seconds=2))
    do(R, "clusters.list", lambda: list(w.clusters.list()))
    do(R, "jobs.list", lambda: list(w.jobs.list()))
    do(R, "statement select", lambda: w.statement_execution.execute_statement("SELECT * FROM main.sales.orders LIMIT 3", "w1"))
    do(D, "statement drop", lambda: w.statement_execution.execute_statement("DROP TABLE main.sales.orders", "w1"))
    do(I, "clusters.delete", lambda: w.clusters.delete("c1"))
    do(I, "jobs.run_now", lambda: w.jobs.run_now(7))
    do(D, "workspace.delete", lambda: w.workspace.delete("/a", recursive=True))
    do(R, "tables.list", lambda: list(w.tables.list("main", "sales")))
    do(C, "tokens.create", lambda: w.tokens.create(comment="x"))
    do(R + "", "secrets.list", lambda: list(w.secrets.list_scopes()))
    do(C, "secrets.put", lambda: w.secrets.put_secret("s", "k", string_value="v"))
    do(P, "grants.update", lambda: w.grants.update("table", "main.sales.orders", changes=[]))
    do(R, "serving.query", lambda: w.serving_endpoints.query("m", inputs=[1]))
with client("couchdb") as do:
    import couchdb
    c = couchdb.Server("http://couch.corp.example:5984/")
    db = couchdb.Database("http://couch.corp.example:5984/shop")
    do(R, "get", lambda: db["a"])
    do(R, "find", lambda: list(db.find({"selector": {"a": 1}})))
    do(R, "all_docs", lambda: list(db.view("_all_docs", limit=2)))
    do(R, "all_docs keys", lambda: list(db.view("_all_docs", keys=["a", "b"])))
    do(W, "save", lambda: db.save({"_id": "a", "x": 1}))
    do(W, "bulk", lambda: db.update([{"_id": "a"}]))
    do(D, "delete db", lambda: c.delete("shop"))
    do(S, "create db", lambda: c.create("new"))
    do(R, "changes", lambda: db.changes())
with client("minio-py") as do:
    import io, minio
    m = minio.Minio("minio.corp.example:9000", "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", secure=False, region="us-east-1") if True else None
    import inspect
    def mc(name, **k):
        f = getattr(m, name); return f(**k)
    do(R, "list_buckets", lambda: m.list_buckets())
    do(R, "list_objects", lambda: list(mc("list_objects", bucket_name="reports")))
    do(R, "get_object", lambda: mc("get_object", bucket_name="reports", object_name="a/b.csv"))
    do(R, "stat", lambda: mc("stat_object", bucket_name="reports", object_name="a/b.csv"))
    do(W, "put_object", lambda: mc("put_object", bucket_name="reports", object_name="a/b.csv", data=io.BytesIO(b"x"), length=1))
    do(D, "remove_object", lambda: mc("remove_object", bucket_name="reports", object_name="a/b.csv"))
    from minio.deleteobjects import DeleteObject
    do(D, "remove_objects", lambda: list(mc("remove_objects", bucket_name="reports", delete_object_list=[DeleteObject("a")])))
    do(I, "make_bucket", lambda: mc("make_bucket", bucket_name="fresh"))
    do(P, "policy", lambda: mc("set_bucket_policy", bucket_name="reports", policy='{"Statement":[]}'))
    do(D, "remove_bucket", lambda: mc("remove_bucket", bucket_name="reports"))
with client("neo4j-http") as do:
    u = "http://neo4j.corp.example:7474/db/neo4j"
    do(R, "match", lambda: requests.post(u + "/tx/commit", json={"statements": [{"statement": "MATCH (n:User) RETURN n LIMIT 3"}]}))
    do(W, "create", lambda: requests.post(u + "/tx/commit", json={"statements": [{"statement": "CREATE (n:User {name: $n})", "parameters": {"n": "a"}}]}))
    do(D, "detach delete", lambda: requests.post(u + "/tx/commit", json={"statements": [{"statement": "MATCH (n) DETACH DELETE n"}]}))
    do(R, "query v2", lambda: requests.post(u + "/query/v2", json={"statement": "MATCH (n) RETURN count(n)"}))
with client("supabase-py") as do:
    from supabase import create_client
    sb = create_client("https://abcdefghijklmnop.supabase.co", "eyJhbGciOiJIUzI1NiJ9.e30.c2ln")
    do(R, "select", lambda: sb.table("orders").select("*").eq("id", 1).execute())
    do(W, "insert", lambda: sb.table("orders").insert({"id": 1}).execute())
    do(W, "update", lambda: sb.table("orders").update({"a": 1}).eq("id", 1).execute())
    do(W, "upsert", lambda: sb.table("orders").upsert({"id": 1}).execute())
    do(D, "delete", lambda: sb.table("orders").delete().eq("id", 1).execute())
    do(W, "rpc", lambda: sb.rpc("close_month", {"m": 1}).execute())
    do(R, "storage.list", lambda: sb.storage.from_("docs").list())
    do(R, "storage.download", lambda: sb.storage.from_("docs").download("a.txt"))
    do(W, "storage.upload", lambda: sb.storage.from_("docs").upload("a.txt", b"hi"))
    do(D, "storage.remove", lambda: sb.storage.from_("docs").remove(["a.txt"]))
    do(P, "auth.admin.create", lambda: sb.auth.admin.create_user({"email": "e@acme.example"}))
    do(D, "auth.admin.delete", lambda: sb.auth.admin.delete_user("11111111-2222-3333-4444-555555555555"))
with client("libsql-client") as do:
    import asyncio, libsql_client
    async def ls(q):
        async with libsql_client.create_client("https://shop-acme.turso.io", auth_token="x") as c:
            await asyncio.wait_for(c.execute(q), 3)
    for label, q in [(R, "SELECT * FROM users"), (D, "DELETE FROM users"), (W, "INSERT INTO users VALUES (1)"), (S, "ALTER TABLE users ADD COLUMN a")]:
        do(label, q.split()[0], lambda: asyncio.run(ls(q)))
with client("turso-requests") as do:
    u = "https://shop-acme.turso.io/v2/pipeline"
    pipe = lambda *q: {"requests": [{"type": "execute", "stmt": {"sql": s}} for s in q] + [{"type": "close"}]}
    do(R, "select", lambda: requests.post(u, json=pipe("SELECT * FROM users")))
    do(D, "select and drop", lambda: requests.post(u, json=pipe("SELECT 1", "DROP TABLE users")))
with client("web3") as do:
    from web3 import Web3, HTTPProvider
    e3 = Web3(HTTPProvider("http://geth.corp.example:8545", request_kwargs={"verify": drive.sink.authority.ca}))
    do(R, "eth_blockNumber", lambda: e3.eth.block_number)
    do(R, "eth_getBalance", lambda: e3.eth.get_balance("0x" + "1" * 40))
    do(R, "eth_call", lambda: e3.eth.call({"to": "0x" + "1" * 40, "data": "0x"}))
    do(R, "eth_estimateGas", lambda: e3.eth.estimate_gas({"to": "0x" + "1" * 40}))
    do(G, "eth_sendRawTransaction", lambda: e3.eth.send_raw_transaction("0x" + "ab" * 40))
    do(G, "eth_sendTransaction", lambda: e3.provider.make_request("eth_sendTransaction", [{"from": "0x" + "1" * 40, "to": "0x" + "2" * 40, "value": "0x1"}]))
    do(R, "eth_getLogs", lambda: e3.eth.get_logs({"fromBlock": 1, "toBlock": 2}))
    do(R, "net_version", lambda: e3.net.version)
with client("pysolr") as do:
    import pysolr
    s = pysolr.Solr("http://solr.corp.example:8983/solr/docs", timeout=3, always_commit=True)
    do(R, "search", lambda: s.search("title:a"))
    do(R, "search long", lambda: s.search("title:" + "a" * 1200))
    do(W, "add", lambda: s.add([{"id": "1"}]))
    do(D, "delete", lambda: s.delete(q="*:*"))
    do(R, "ping", lambda: s.ping())
with client("python-arango") as do:
    from arango import ArangoClient
    a = ArangoClient("http://arango.corp.example:8529").db("shop", "root", "x")
    do(R, "aql", lambda: a.aql.execute("FOR d IN orders FILTER d.total > 3 RETURN d"))
    do(D, "aql remove", lambda: a.aql.execute("FOR d IN orders REMOVE d IN orders"))
    do(W, "insert", lambda: a.collection("orders").insert({"a": 1}))
    do(R, "get", lambda: a.collection("orders").get("1"))
    do(D, "truncate", lambda: a.collection("orders").truncate())
    do(R, "collections", lambda: a.collections())
    do(P, "create_user", lambda: a.create_user("eve", "x"))
    do(R, "aql explain", lambda: a.aql.explain("FOR d IN orders RETURN d"))
with client("upstash-redis") as do:
    from upstash_redis import Redis
    r = Redis("https://eu1-fit-1.upstash.io", "x", rest_retries=0, allow_telemetry=False)
    do(R, "get", lambda: r.get("a"))
    do(R, "mget", lambda: r.mget("a", "b"))
    do(R, "scan", lambda: r.scan(0))
    do(W, "set", lambda: r.set("a", "b"))
    do(D, "del", lambda: r.delete("a"))
    do(D, "flushdb", lambda: r.flushdb())
    do(W, "pipeline", lambda: r.pipeline().set("a", 1).get("a").exec())
    do(R, "pipeline reads", lambda: r.pipeline().get("b").get("a").exec())
with client("meilisearch-py") as do:
    import meilisearch
    m = meilisearch.Client("http://meili.corp.example:7700", "x")
    do(R, "search", lambda: m.index("docs").search("delete"))
    do(R, "multi_search", lambda: m.multi_search([{"indexUid": "docs", "q": "a"}]))
    do(R, "documents", lambda: m.index("docs").get_documents())
    do(W, "add", lambda: m.index("docs").add_documents([{"id": 1}]))
    do(D, "delete_all", lambda: m.index("docs").delete_all_documents())
    do(D, "delete filter", lambda: m.index("docs").delete_documents(filter="a = 1"))
    do(C, "create_key", lambda: m.create_key({"actions": ["*"], "indexes": ["*"], "expiresAt": None}))
    do(I, "settings", lambda: m.index("docs").update_settings({"rankingRules": []}))
    do(R, "facet", lambda: m.index("docs").facet_search("genre"))
with client("typesense-py") as do:
    import typesense
    t = typesense.Client({"nodes": [{"host": "typesense.corp.example", "port": 8108, "protocol": "http"}], "api_key": "x", "num_retries": 0})
    do(R, "search", lambda: t.collections["docs"].documents.search({"q": "a", "query_by": "title"}))
    do(R, "multi_search", lambda: t.multi_search.perform({"searches": [{"collection": "docs", "q": "a"}]}, {"query_by": "title"}))
    do(W, "create", lambda: t.collections["docs"].documents.create({"id": "1"}))
    do(W, "import", lambda: t.collections["docs"].documents.import_([{"id": "1"}]))
    do(D, "delete", lambda: t.collections["docs"].documents.delete({"filter_by": "a:=1"}))
    do(S, "collections.create", lambda: t.collections.create({"name": "n", "fields": [{"name": "a", "type": "string"}]}))
    do(X + "!", "export", lambda: t.collections["docs"].documents.export())
    do(C, "keys.create", lambda: t.keys.create({"actions": ["*"], "collections": ["*"], "description": "x"}))
with client("algoliasearch-py") as do:
    from algoliasearch.search.client import SearchClientSync
    al = SearchClientSync("APPID12345", "x")
    do(R, "search", lambda: al.search_single_index("docs", {"query": "delete"}))
    do(R, "multi", lambda: al.search({"requests": [{"indexName": "docs", "query": "a"}]}))
    do(R, "browse", lambda: al.browse("docs"))
    do(W, "save_object", lambda: al.save_object("docs", {"a": 1}))
    do(W, "batch", lambda: al.batch("docs", {"requests": [{"action": "addObject", "body": {"a": 1}}]}))
    do(D, "clear", lambda: al.clear_objects("docs"))
    do(D, "delete_by", lambda: al.delete_by("docs", {"filters": "a:1"}))
    do(I, "set_settings", lambda: al.set_settings("docs", {"hitsPerPage": 3}))
    do(C, "add_api_key", lambda: al.add_api_key({"acl": ["search"]}))
    do(R, "get_objects", lambda: al.get_objects({"requests": [{"indexName": "docs", "objectID": "1"}]}))
with client("pyodata") as do:
    import pyodata
    od = pyodata.Client("http://sap.corp.example/odata/", requests.Session())
    do(R, "query", lambda: od.entity_sets.Orders.get_entities().filter("Id eq 1").execute())
    do(R, "get", lambda: od.entity_sets.Orders.get_entity(1).execute())
    do(W, "create", lambda: od.entity_sets.Orders.create_entity().set(Name="x").execute())
    do(W, "update", lambda: od.entity_sets.Orders.update_entity(1).set(Name="x").execute())
    do(D, "delete", lambda: od.entity_sets.Orders.delete_entity(1).execute())
    def batch(*reqs):
        b = od.create_batch()
        for r in reqs: b.add_request(r)
        b.execute()
    do(R, "batch reads", lambda: batch(od.entity_sets.Orders.get_entity(1), od.entity_sets.Orders.get_entity(2)))
    def change():
        b = od.create_batch(); c = od.create_changeset(); c.add_request(od.entity_sets.Orders.delete_entity(1)); b.add_request(c); b.execute()
    do(D, "batch delete", change)
with client("ray-jobs") as do:
    u = "http://ray.corp.example:8265/api"
    do(R, "list", lambda: requests.get(u + "/jobs/"))
    do(I, "submit", lambda: requests.post(u + "/jobs/", json={"entrypoint": "python a.py"}))
    do(I, "stop", lambda: requests.post(u + "/jobs/raysubmit_1/stop"))
with client("dapr-http") as do:
    u = "http://dapr.corp.example:3500/v1.0"
    do(R, "state get", lambda: requests.get(u + "/state/store/a"))
    do(W, "state save", lambda: requests.post(u + "/state/store", json=[{"key": "a", "value": 1}]))
    do(W, "publish", lambda: requests.post(u + "/publish/pubsub/orders", json={"a": 1}))
    do(C + "!", "secret", lambda: requests.get(u + "/secrets/store/db"))
    do(W, "invoke", lambda: requests.post(u + "/invoke/billing/method/charge", json={"a": 1}))
