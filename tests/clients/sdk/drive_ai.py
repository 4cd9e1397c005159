"""Models, vector stores and MCP by their Python SDKs."""
import drive
from drive import client
from drive_answers import ANSWERS

R, W, D, S, P, C, I, M, X, K, G = ("read_only", "data_write", "data_delete", "schema_change", "privilege_change",
    "credential_access", "infra_change", "model_change", "data_export", "code_change", "communication")


drive.start("py-ai", ANSWERS + [
    (r"GET https://controller\.pinecone|GET https://api.pinecone.io/indexes/docs", {"name": "docs", "host": "docs-1.svc.aped.pinecone.io", "dimension": 3, "metric": "cosine", "status": {"ready": True, "state": "Ready"}, "spec": {"serverless": {"cloud": "aws", "region": "us-east-1"}}}),
    (r"GET http://mlflow\S+/experiments", {"experiment": {"experiment_id": "1", "name": "e", "lifecycle_stage": "active"}}),
    (r"POST http://mlflow\S+/runs/create", {"run": {"info": {"run_id": "r1", "status": "RUNNING", "experiment_id": "1"}, "data": {}}}),
])

with client("openai-python") as do:
    import openai
    o = openai.OpenAI(api_key="sk-x", max_retries=0)
    do(R, "chat", o.chat.completions.create, model="gpt-4o", messages=[{"role": "user", "content": "Please delete all my files"}])
    do(R, "responses", o.responses.create, model="gpt-4o", input="hi")
    do(R, "embeddings", o.embeddings.create, model="text-embedding-3-small", input="hi")
    do(R, "moderations", o.moderations.create, input="hi")
    do(R, "images", o.images.generate, prompt="cat")
    do(R, "speech", o.audio.speech.create, model="tts-1", voice="alloy", input="hi")
    do(R, "transcriptions", o.audio.transcriptions.create, model="whisper-1", file=("a.wav", b"RIFF"))
    do(R, "models.list", o.models.list)
    do(W, "files.create", o.files.create, file=("a.jsonl", b"{}"), purpose="fine-tune")
    do(D, "files.delete", o.files.delete, "file-1")
    do(M, "fine_tuning.create", o.fine_tuning.jobs.create, model="gpt-4o-mini", training_file="file-1")
    do(D, "models.delete", o.models.delete, "ft:gpt-4o:acme")
    do(W, "batches.create", o.batches.create, input_file_id="file-1", endpoint="/v1/chat/completions", completion_window="24h")
    do(R, "batches.list", o.batches.list)
    do(R, "vector_stores.search", o.vector_stores.search, "vs_1", query="hi")
    do(D, "vector_stores.delete", o.vector_stores.delete, "vs_1")
    z = openai.AzureOpenAI(api_key="k", azure_endpoint="https://acme.openai.azure.com", api_version="2024-10-21", max_retries=0)
    do(R, "azure chat", z.chat.completions.create, model="gpt4o", messages=[{"role": "user", "content": "hi"}])
with client("anthropic-python") as do:
    import anthropic
    a = anthropic.Anthropic(api_key="sk-ant", max_retries=0)
    do(R, "messages", a.messages.create, model="claude-sonnet-4-5", max_tokens=10, messages=[{"role": "user", "content": "drop table users"}])
    do(R, "count_tokens", a.messages.count_tokens, model="claude-sonnet-4-5", messages=[{"role": "user", "content": "hi"}])
    do(R, "models", a.models.list)
    do(W, "batches.create", a.messages.batches.create, requests=[])
    do(R, "batches.list", a.messages.batches.list)
    do(D, "batches.delete", a.messages.batches.delete, "msgbatch_1")
    do(W, "files.upload", a.beta.files.upload, file=("a.txt", b"hi"))
    do(D, "files.delete", a.beta.files.delete, "file_1")
with client("google-genai") as do:
    from google import genai
    g = genai.Client(api_key="k")
    do(R, "generate_content", g.models.generate_content, model="gemini-2.0-flash", contents="hi")
    do(R, "embed", g.models.embed_content, model="text-embedding-004", contents="hi")
    do(R, "count_tokens", g.models.count_tokens, model="gemini-2.0-flash", contents="hi")
    do(R, "models", lambda: list(g.models.list()))
    do(W, "caches.create", g.caches.create, model="gemini-2.0-flash", config={"ttl": "60s"})
    do(D, "files.delete", g.files.delete, name="files/abc")
with client("mistralai") as do:
    try:
        from mistralai import Mistral
    except ImportError:
        from mistralai.client import Mistral
    m = Mistral(api_key="k")
    do(R, "chat", m.chat.complete, model="mistral-small", messages=[{"role": "user", "content": "hi"}])
    do(R, "embeddings", m.embeddings.create, model="mistral-embed", inputs=["hi"])
    do(R, "fim", m.fim.complete, model="codestral-latest", prompt="def f(")
    do(R, "models", m.models.list)
    do(M, "fine_tuning", m.fine_tuning.jobs.create, model="open-mistral-7b", hyperparameters={}) if hasattr(m, "fine_tuning") else None
    do(D, "files.delete", m.files.delete, file_id="11111111-2222-3333-4444-555555555555")
with client("cohere") as do:
    import cohere
    c = cohere.ClientV2("k")
    do(R, "chat", c.chat, model="command-r", messages=[{"role": "user", "content": "hi"}])
    do(R, "embed", c.embed, model="embed-v4.0", texts=["hi"], input_type="search_query", embedding_types=["float"])
    do(R, "rerank", c.rerank, model="rerank-v3.5", query="a", documents=["b"])
    do(R, "datasets", c.datasets.list)
    do(D, "datasets.delete", c.datasets.delete, "d1")
with client("ollama-python") as do:
    import ollama
    l = ollama.Client("http://ollama.corp.example:11434")
    do(R, "chat", l.chat, model="llama3", messages=[{"role": "user", "content": "hi"}])
    do(R, "generate", l.generate, model="llama3", prompt="hi")
    do(R, "embed", l.embed, model="nomic", input="hi")
    do(R, "list", l.list); do(R, "ps", l.ps); do(R, "show", l.show, "llama3")
    do(M, "pull", l.pull, "llama3"); do(M, "create", l.create, model="mine", from_="llama3")
    do(D, "delete", l.delete, "llama3"); do(M, "copy", l.copy, "a", "b"); do(M, "push", l.push, "acme/mine")
with client("huggingface_hub") as do:
    from huggingface_hub import HfApi, InferenceClient
    h = HfApi(token="hf_x")
    do(R, "model_info", h.model_info, "bert-base-uncased")
    do(R, "list_models", lambda: list(h.list_models(search="bert", limit=2)))
    do(R, "whoami", h.whoami)
    do(R, "paths_info", lambda: h.get_paths_info("acme/m", ["config.json"]))
    do(R, "list_files", lambda: list(h.list_repo_tree("acme/m")))
    do(M, "create_repo", h.create_repo, "acme/m")
    do(D, "delete_repo", h.delete_repo, "acme/m")
    do(M, "upload_file", lambda: h.upload_file(path_or_fileobj=b"{}", path_in_repo="config.json", repo_id="acme/m"))
    do(P, "visibility", lambda: h.update_repo_settings("acme/m", private=False))
    do(I, "space restart", lambda: h.restart_space("acme/s"))
    do(C, "space secret", lambda: h.add_space_secret("acme/s", "K", "v"))
    do(R, "inference", lambda: InferenceClient(token="hf_x", provider="hf-inference").text_generation("hi", model="gpt2"))
    do(R, "chat", lambda: InferenceClient(token="hf_x", base_url="https://router.huggingface.co/v1").chat_completion([{"role": "user", "content": "hi"}], model="x"))
with client("mlflow") as do:
    import mlflow
    from mlflow import MlflowClient
    ml = MlflowClient("http://mlflow.corp.example:5000")
    do(R, "search_runs", lambda: ml.search_runs(["1"], "metrics.a > 0"))
    do(R, "search_experiments", lambda: ml.search_experiments())
    do(R, "get_experiment", lambda: ml.get_experiment("1"))
    do(W, "create_experiment", lambda: ml.create_experiment("e"))
    do(W, "create_run", lambda: ml.create_run("1"))
    do(W, "log_metric", lambda: ml.log_metric("r1", "a", 1.0))
    do(W, "log_batch", lambda: ml.log_batch("r1", params=[mlflow.entities.Param("a", "b")]))
    do(M, "create_registered_model", lambda: ml.create_registered_model("churn"))
    do(M, "alias", lambda: ml.set_registered_model_alias("churn", "prod", "3"))
    do(D, "delete_experiment", lambda: ml.delete_experiment("1"))
    do(D, "delete_registered_model", lambda: ml.delete_registered_model("churn"))
    do(R, "search_model_versions", lambda: ml.search_model_versions("name='churn'"))
    do(R, "latest_versions", lambda: ml.get_model_version_by_alias("churn", "prod"))
with client("qdrant-client") as do:
    from qdrant_client import QdrantClient, models
    for kind, q in (("rest", QdrantClient(url="http://qdrant.corp.example:6333", check_compatibility=False)), ("grpc", QdrantClient(host="qdrant.corp.example", prefer_grpc=True, https=False, check_compatibility=False, timeout=3))):
        do(R, kind + " query_points", lambda: q.query_points("docs", query=[0.1, 0.2], limit=3))
        do(R, kind + " scroll", lambda: q.scroll("docs", limit=2))
        do(R, kind + " count", lambda: q.count("docs"))
        do(R, kind + " retrieve", lambda: q.retrieve("docs", [1]))
        do(R, kind + " collections", q.get_collections)
        do(W, kind + " upsert", lambda: q.upsert("docs", [models.PointStruct(id=1, vector=[0.1, 0.2])]))
        do(D, kind + " delete", lambda: q.delete("docs", [1]))
        do(S, kind + " create_collection", lambda: q.create_collection("docs", models.VectorParams(size=2, distance=models.Distance.COSINE)))
        do(D, kind + " delete_collection", lambda: q.delete_collection("docs"))
        do(W, kind + " set_payload", lambda: q.set_payload("docs", {"a": 1}, [1]))
    do(R, "facet", lambda: QdrantClient(url="http://qdrant.corp.example:6333", check_compatibility=False).facet("docs", "k"))
    do(W, "snapshot", lambda: QdrantClient(url="http://qdrant.corp.example:6333", check_compatibility=False).create_snapshot("docs"))
with client("weaviate-client") as do:
    import weaviate
    from weaviate.connect import ConnectionParams
    w = weaviate.WeaviateClient(ConnectionParams.from_params("weaviate.corp.example", 8080, False, "weaviate.corp.example", 50051, False), skip_init_checks=True)
    do(R, "connect", w.connect)
    do(R, "list_all", lambda: w.collections.list_all())
    do(R, "exists", lambda: w.collections.exists("Doc"))
    do(S, "create", lambda: w.collections.create("Doc"))
    do(D, "delete", lambda: w.collections.delete("Doc"))
    cdoc = w.collections.use("Doc")
    do(R, "near_vector", lambda: cdoc.query.near_vector([0.1, 0.2]))
    do(W, "insert", lambda: cdoc.data.insert({"a": "b"}))
    do(W, "insert_many", lambda: cdoc.data.insert_many([{"a": "b"}]))
    do(D, "delete_by_id", lambda: cdoc.data.delete_by_id("11111111-2222-3333-4444-555555555555"))
    from weaviate.classes.query import Filter
    do(D, "delete_many", lambda: cdoc.data.delete_many(Filter.by_property("a").equal("b")))
    do(R, "aggregate", lambda: cdoc.aggregate.over_all())
with client("chromadb") as do:
    import chromadb
    ch = chromadb.HttpClient("chroma.corp.example", 8000, settings=chromadb.Settings(anonymized_telemetry=False))
    do(R, "heartbeat", ch.heartbeat)
    do(R, "list_collections", ch.list_collections)
    do(S, "create_collection", ch.create_collection, "docs", embedding_function=None)
    col = ch.get_collection("docs", embedding_function=None)
    do(R, "query", col.query, query_embeddings=[[0.1, 0.2]])
    do(R, "get", col.get, ids=["a"])
    do(R, "count", col.count)
    do(W, "add", col.add, ids=["a"], embeddings=[[0.1, 0.2]])
    do(W, "upsert", col.upsert, ids=["a"], embeddings=[[0.1, 0.2]])
    do(W, "update", col.update, ids=["a"], metadatas=[{"a": "b"}])
    do(D, "delete", col.delete, ids=["a"])
    do(D, "delete_collection", ch.delete_collection, "docs")
with client("pinecone") as do:
    from pinecone import Pinecone
    p = Pinecone(api_key="k", ssl_ca_certs=drive.sink.authority.ca)
    do(R, "list_indexes", p.list_indexes)
    do(I, "create_index", lambda: p.create_index("docs", dimension=3, spec={"serverless": {"cloud": "aws", "region": "us-east-1"}}, timeout=-1))
    do(D, "delete_index", lambda: p.delete_index("docs", timeout=-1))
    ix = p.Index(host="https://docs-1.svc.aped.pinecone.io")
    do(R, "query", lambda: ix.query(vector=[0.1, 0.2, 0.3], top_k=3))
    do(R, "fetch", lambda: ix.fetch(ids=["a"]))
    do(R, "stats", lambda: ix.describe_index_stats())
    do(W, "upsert", lambda: ix.upsert(vectors=[("a", [0.1, 0.2, 0.3])]))
    do(W, "update", lambda: ix.update(id="a", set_metadata={"x": 1}))
    do(D, "delete", lambda: ix.delete(ids=["a"]))
    do(R, "inference.embed", lambda: p.inference.embed(model="multilingual-e5-large", inputs=["hi"], parameters={"input_type": "query"}))
    do(R, "inference.rerank", lambda: p.inference.rerank(model="bge-reranker-v2-m3", query="a", documents=["b"]))
with client("pymilvus") as do:
    from pymilvus.grpc_gen import milvus_pb2, milvus_pb2_grpc
    from pymilvus import grpc_gen
    import grpc
    chn = grpc.insecure_channel("milvus.corp.example:19530")
    st = milvus_pb2_grpc.MilvusServiceStub(chn)
    do(R, "Search", lambda: st.Search(milvus_pb2.SearchRequest(collection_name="docs"), timeout=3))
    do(R, "Query", lambda: st.Query(milvus_pb2.QueryRequest(collection_name="docs", expr="id > 3"), timeout=3))
    do(R, "HasCollection", lambda: st.HasCollection(milvus_pb2.HasCollectionRequest(collection_name="docs"), timeout=3))
    do(R, "DescribeCollection", lambda: st.DescribeCollection(milvus_pb2.DescribeCollectionRequest(collection_name="docs"), timeout=3))
    do(R, "ShowCollections", lambda: st.ShowCollections(milvus_pb2.ShowCollectionsRequest(), timeout=3))
    do(R, "GetLoadState", lambda: st.GetLoadState(milvus_pb2.GetLoadStateRequest(collection_name="docs"), timeout=3))
    do(W, "Insert", lambda: st.Insert(milvus_pb2.InsertRequest(collection_name="docs"), timeout=3))
    do(W, "Upsert", lambda: st.Upsert(milvus_pb2.UpsertRequest(collection_name="docs"), timeout=3))
    do(D, "Delete", lambda: st.Delete(milvus_pb2.DeleteRequest(collection_name="docs", expr="id in [1]"), timeout=3))
    do(D, "DropCollection", lambda: st.DropCollection(milvus_pb2.DropCollectionRequest(collection_name="docs"), timeout=3))
    do(S, "CreateCollection", lambda: st.CreateCollection(milvus_pb2.CreateCollectionRequest(collection_name="docs"), timeout=3))
    do(S, "CreateIndex", lambda: st.CreateIndex(milvus_pb2.CreateIndexRequest(collection_name="docs"), timeout=3))
    do(P, "CreateCredential", lambda: st.CreateCredential(milvus_pb2.CreateCredentialRequest(username="eve"), timeout=3))
    do(P, "OperatePrivilege", lambda: st.OperatePrivilege(milvus_pb2.OperatePrivilegeRequest(), timeout=3))
    do(W, "Flush", lambda: st.Flush(milvus_pb2.FlushRequest(collection_names=["docs"]), timeout=3))
    do(R, "ShowPartitions", lambda: st.ShowPartitions(milvus_pb2.ShowPartitionsRequest(collection_name="docs"), timeout=3))
with client("mcp-python") as do:
    import asyncio
    from mcp import ClientSession
    try:
        from mcp.client.streamable_http import streamablehttp_client as shc
    except ImportError:
        from mcp.client.streamable_http import streamable_http_client as shc
    def session(f):
        async def go():
            async with shc("https://mcp.acme.example/mcp") as s:
                async with ClientSession(s[0], s[1]) as c:
                    if f is None:
                        return await c.initialize()
                    label = drive.sink.current; drive.sink.current = None
                    await c.initialize()
                    drive.sink.current = label
                    await f(c)
                    drive.sink.current = None
        asyncio.run(asyncio.wait_for(go(), 5))
    do(R, "initialize", session, None)
    do(R, "tools/list", session, lambda c: c.list_tools())
    do(R, "resources/list", session, lambda c: c.list_resources())
    do(R, "prompts/list", session, lambda c: c.list_prompts())
    do(R, "ping", session, lambda c: c.send_ping())
    do(R, "resources/read", session, lambda c: c.read_resource("file:///a"))
    do(R, "prompts/get", session, lambda c: c.get_prompt("p"))
    do(R, "tools/call search_issues", session, lambda c: c.call_tool("search_issues", {"query": "delete"}))
    do(R, "tools/call get_file_contents", session, lambda c: c.call_tool("get_file_contents", {"path": "a"}))
    do(D, "tools/call delete_issue", session, lambda c: c.call_tool("delete_issue", {"id": 1}))
    do(W, "tools/call create_page", session, lambda c: c.call_tool("create_page", {"title": "x"}))
