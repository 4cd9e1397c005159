// Drives SDKs of Node. Run by `node.py`, which holds the sink. Each client is loaded on its own: one that is not
// installed, or does not run on this Node, is said and left out.
import { createRequire } from "node:module";
import http from "node:http";
const require = createRequire(process.env.NODE_CLIENTS + "/");
const load = async (name) => { try { return require(name); } catch (e) { return await import(require.resolve(name)); } };
const R = "read_only", W = "data_write", D = "data_delete", S = "schema_change", P = "privilege_change",
  C = "credential_access", I = "infra_change", M = "model_change", X = "data_export", K = "code_change", G = "communication";
process.on("unhandledRejection", () => {}); process.on("uncaughtException", () => {});
const control = (q) => new Promise((done) => http.get("http://control.invalid/?" + new URLSearchParams(q), (r) => { r.resume(); r.on("end", done); }).on("error", done));
const client = async (name, drive) => {
  const act = async (label, operation, f) => {
    await control({ client: name, operation, class: label });
    let t;
    try { await Promise.race([(async () => f())(), new Promise((_, no) => { t = setTimeout(() => no(new Error("late")), 5000); })]); }
    catch (e) { if (process.env.SINK_DEBUG) console.error("  ", name, operation, String(e).slice(0, 160)); }
    clearTimeout(t);
    await control({});
  };
  try { await drive(act); } catch (e) { console.error("!!", name, String(e.stack || e).slice(0, 300)); }
};
const AWS = { region: "eu-central-1", maxAttempts: 1, credentials: { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY" } };

await client("@aws-sdk", async (act) => {
  const s3 = await load("@aws-sdk/client-s3"), dd = await load("@aws-sdk/client-dynamodb"), iam = await load("@aws-sdk/client-iam"), sm = await load("@aws-sdk/client-secrets-manager"), sqs = await load("@aws-sdk/client-sqs");
  const go = (m, K2) => { const c = new m[K2](AWS); return (label, n, a) => act(label, n, () => c.send(new m[n + "Command"](a))); };
  let f = go(s3, "S3Client"); const Bucket = "acme-reports";
  await f(R, "ListBuckets", {}); await f(R, "ListObjectsV2", { Bucket }); await f(R, "GetObject", { Bucket, Key: "a b.csv" }); await f(W, "PutObject", { Bucket, Key: "a b.csv", Body: "x" });
  await f(D, "DeleteObject", { Bucket, Key: "a" }); await f(D, "DeleteObjects", { Bucket, Delete: { Objects: [{ Key: "a" }] } }); await f(P, "PutBucketAcl", { Bucket, ACL: "public-read" });
  f = go(dd, "DynamoDBClient"); const TableName = "orders", Key = { pk: { S: "a" } };
  await f(R, "GetItem", { TableName, Key }); await f(R, "Query", { TableName, KeyConditionExpression: "pk=:p", ExpressionAttributeValues: { ":p": { S: "a" } } }); await f(W, "PutItem", { TableName, Item: Key }); await f(D, "DeleteItem", { TableName, Key });
  await f(W, "TransactWriteItems", { TransactItems: [{ Put: { TableName, Item: Key } }] }); await f(R, "DescribeTable", { TableName });
  f = go(iam, "IAMClient"); await f(R, "ListRoles", {}); await f(P, "CreateUser", { UserName: "eve" }); await f(R, "SimulatePrincipalPolicy", { PolicySourceArn: "arn:aws:iam::123456789012:user/a", ActionNames: ["s3:GetObject"] });
  f = go(sm, "SecretsManagerClient"); await f(C, "GetSecretValue", { SecretId: "prod/db" }); await f(D, "DeleteSecret", { SecretId: "prod/db" });
  f = go(sqs, "SQSClient"); const QueueUrl = "https://sqs.eu-central-1.amazonaws.com/123456789012/jobs"; await f(R, "GetQueueAttributes", { QueueUrl }); await f(W, "SendMessage", { QueueUrl, MessageBody: "x" });
});
await client("@google-cloud/storage", async (act) => {
  const { Storage } = await load("@google-cloud/storage");
  const { OAuth2Client } = require("google-auth-library"); const authClient = new OAuth2Client(); authClient.setCredentials({ access_token: "x", expiry_date: 4102444800000 });
  const s = new Storage({ projectId: "acme-prod", authClient, retryOptions: { autoRetry: false } }), b = s.bucket("acme-exports");
  await act(R, "getBuckets", () => s.getBuckets()); await act(R, "getFiles", () => b.getFiles({ prefix: "a" })); await act(R, "download", () => b.file("a.txt").download()); await act(W, "save", () => b.file("a.txt").save("hi", { resumable: false }));
  await act(D, "delete", () => b.file("a.txt").delete()); await act(P, "makePublic", () => b.file("a.txt").makePublic());
});
await client("@azure", async (act) => {
  const cred = { getToken: async () => ({ token: "x", expiresOnTimestamp: 4102444800000 }) }, retryOptions = { maxTries: 1, maxRetries: 0 };
  const { BlobServiceClient } = await load("@azure/storage-blob"); const c = new BlobServiceClient("https://acmedata.blob.core.windows.net", cred, { retryOptions }).getContainerClient("reports");
  await act(R, "blob.list", async () => { for await (const x of c.listBlobsFlat()) break; }); await act(R, "blob.download", () => c.getBlobClient("a.txt").download()); await act(W, "blob.upload", () => c.getBlockBlobClient("a.txt").upload("hi", 2)); await act(D, "blob.delete", () => c.deleteBlob("a.txt"));
  const { ResourceManagementClient } = await load("@azure/arm-resources"); const r = new ResourceManagementClient(cred, "11111111-2222-3333-4444-555555555555", { retryOptions });
  await act(R, "arm.list", () => r.resourceGroups.list().next()); await act(I, "arm.create", () => r.resourceGroups.createOrUpdate("rg", { location: "westeurope" })); await act(D, "arm.delete", () => r.resourceGroups.beginDelete("rg"));
  await act(R, "arm.validate", () => r.deployments.beginValidate("rg", "d", { properties: { mode: "Incremental", template: {} } })); await act(R, "arm.whatIf", () => r.deployments.beginWhatIf("rg", "d", { properties: { mode: "Incremental", template: {} } })); await act("data_export?", "arm.exportTemplate", () => r.resourceGroups.beginExportTemplate("rg", { resources: ["*"] }));
});
await client("@octokit/rest", async (act) => {
  const { Octokit } = await load("@octokit/rest"); const o = new Octokit({ auth: "x", request: { retries: 0 } }), a = { owner: "acme", repo: "web" };
  await act(R, "repos.get", () => o.repos.get(a)); await act(R, "issues.listForRepo", () => o.issues.listForRepo(a)); await act(R, "search.code", () => o.search.code({ q: "x" })); await act(R, "markdown.render", () => o.markdown.render({ text: "x" }));
  await act(W, "issues.create", () => o.issues.create({ ...a, title: "x" })); await act(K, "pulls.merge", () => o.pulls.merge({ ...a, pull_number: 9 })); await act(K, "git.updateRef", () => o.git.updateRef({ ...a, ref: "heads/main", sha: "0".repeat(40) }));
  await act(D, "repos.delete", () => o.repos.delete(a)); await act(C, "actions.createOrUpdateRepoSecret", () => o.actions.createOrUpdateRepoSecret({ ...a, secret_name: "A", encrypted_value: "eA==", key_id: "1" })); await act(P, "repos.addCollaborator", () => o.repos.addCollaborator({ ...a, username: "eve" }));
  await act(R, "graphql query", () => o.graphql("query { viewer { login } }")); await act(K, "graphql mergePullRequest", () => o.graphql('mutation { mergePullRequest(input: {pullRequestId: "x"}) { clientMutationId } }'));
  await act(I, "actions.createWorkflowDispatch", () => o.actions.createWorkflowDispatch({ ...a, workflow_id: "ci.yml", ref: "main" })); await act("data_export?!", "actions.downloadLogs", () => o.actions.downloadWorkflowRunLogs({ ...a, run_id: 1 }));
});
await client("@slack/web-api", async (act) => {
  const { WebClient } = await load("@slack/web-api"); const s = new WebClient("xoxb-x", { retryConfig: { retries: 0 } });
  await act(R, "auth.test", () => s.auth.test()); await act(R, "conversations.list", () => s.conversations.list()); await act(R, "conversations.replies", () => s.conversations.replies({ channel: "C1", ts: "1" })); await act(R, "users.list", () => s.users.list());
  await act(G, "chat.postMessage", () => s.chat.postMessage({ channel: "C1", text: "x" })); await act(W, "pins.add", () => s.pins.add({ channel: "C1", timestamp: "1" })); await act(D, "files.delete", () => s.files.delete({ file: "F1" })); await act(P, "usergroups.users.update", () => s.usergroups.users.update({ usergroup: "S1", users: "U1" }));
});
await client("openai-node", async (act) => {
  const { default: O } = await load("openai"); const o = new O({ apiKey: "sk-x", maxRetries: 0 });
  await act(R, "chat", () => o.chat.completions.create({ model: "gpt-4o", stream: true, messages: [{ role: "user", content: "hi" }] })); await act(R, "responses", () => o.responses.create({ model: "gpt-4o", input: "hi", tools: [{ type: "web_search" }] })); await act(R, "embeddings", () => o.embeddings.create({ model: "e", input: "hi" }));
  await act(R, "files.list", () => o.files.list()); await act(D, "files.delete", () => o.files.delete("file-1")); await act(W, "vectorStores.create", () => o.vectorStores.create({ name: "x" })); await act(W, "assistants.create", () => o.beta.assistants.create({ model: "gpt-4o" })); await act(W, "threads.create", () => o.beta.threads.create());
});
await client("@anthropic-ai/sdk", async (act) => {
  const { default: A } = await load("@anthropic-ai/sdk"); const a = new A({ apiKey: "x", maxRetries: 0 });
  await act(R, "messages", () => a.messages.create({ model: "claude-sonnet-4-5", max_tokens: 5, messages: [{ role: "user", content: "hi" }], tools: [{ name: "delete_file", input_schema: { type: "object" } }] })); await act(R, "countTokens", () => a.messages.countTokens({ model: "c", messages: [] })); await act(R, "models", () => a.models.list()); await act(D, "batches.delete", () => a.messages.batches.delete("b")); await act(W, "batches.cancel", () => a.messages.batches.cancel("b"));
});
await client("@modelcontextprotocol/sdk", async (act) => {
  const { Client } = await import(require.resolve("@modelcontextprotocol/sdk/client/index.js")), { StreamableHTTPClientTransport: T } = await import(require.resolve("@modelcontextprotocol/sdk/client/streamableHttp.js"));
  const c = new Client({ name: "agent", version: "1" });
  await act(R, "initialize", () => c.connect(new T(new URL("https://mcp.acme.example/mcp")))); await act(R, "tools/list", () => c.listTools()); await act(R, "tools/call list_pods", () => c.callTool({ name: "list_pods", arguments: { namespace: "prod" } })); await act(D, "tools/call delete_pod", () => c.callTool({ name: "delete_pod", arguments: { name: "web" } }));
  await act(G, "tools/call send_email", () => c.callTool({ name: "send_email", arguments: { to: "a" } })); await act(R, "resources/templates/list", () => c.listResourceTemplates()); await act(R, "completion/complete", () => c.complete({ ref: { type: "ref/prompt", name: "p" }, argument: { name: "a", value: "b" } })); await act(R, "ping", () => c.ping());
});
await client("graphql-request", async (act) => {
  const { GraphQLClient } = await load("graphql-request"); const g = new GraphQLClient("https://api.shop.example/graphql");
  await act(R, "query", () => g.request("query Q($id: ID!) { order(id: $id) { id } }", { id: "1" })); await act(W, "mutation", () => g.request("mutation { updateOrder(id: 1) { id } }")); await act(R, "batch queries", () => g.batchRequests([{ document: "{ a { id } }" }, { document: "{ b { id } }" }])); await act(D, "batch with mutation", () => g.batchRequests([{ document: "{ a { id } }" }, { document: "mutation { deleteOrder(id: 1) { id } }" }]));
});
await client("@apollo/client", async (act) => {
  const { ApolloClient, InMemoryCache, HttpLink, gql } = await load("@apollo/client/core"); const mk = (o) => new ApolloClient({ link: new HttpLink({ uri: "https://api.shop.example/graphql", ...o }), cache: new InMemoryCache() });
  await act(R, "query", () => mk({}).query({ query: gql`query Orders { orders { id } }` })); await act(R, "query by GET", () => mk({ useGETForQueries: true }).query({ query: gql`query Orders { orders { id } }` })); await act(W, "mutate", () => mk({}).mutate({ mutation: gql`mutation { addOrder { id } }` }));
});
await client("ethers", async (act) => {
  const { ethers } = await load("ethers"); const p = new ethers.JsonRpcProvider("https://mainnet.infura.io/v3/00000000000000000000000000000000", 1, { staticNetwork: true, batchMaxCount: 1 });
  await act(R, "eth_blockNumber", () => p.send("eth_blockNumber", [])); await act(R, "eth_call", () => p.send("eth_call", [{ to: "0x" + "1".repeat(40) }, "latest"])); await act(G, "eth_sendRawTransaction", () => p.send("eth_sendRawTransaction", ["0xab"])); await act(C, "eth_sign", () => p.send("personal_sign", ["0xab", "0x" + "1".repeat(40)])); await act(R, "eth_gasPrice", () => p.send("eth_gasPrice", []));
});
await client("node-vault", async (act) => {
  const v = (await load("node-vault"))({ endpoint: "http://vault.corp.example:8200", token: "x" });
  await act(C + "!", "read", () => v.read("secret/data/app")); await act(C, "write", () => v.write("secret/data/app", { data: { a: 1 } })); await act(R, "list", () => v.list("secret/metadata/app")); await act(D, "delete", () => v.delete("secret/data/app")); await act(R, "health", () => v.health()); await act(P, "addPolicy", () => v.addPolicy({ name: "a", rules: "path" }));
});
await client("consul-node", async (act) => {
  const m = await load("consul"); const c = new (m.default || m)({ host: "consul.corp.example" });
  await act(R, "kv.get", () => c.kv.get("a")); await act(W, "kv.set", () => c.kv.set("a", "b")); await act(D, "kv.del", () => c.kv.del("a")); await act(R, "health", () => c.health.service("web")); await act(I, "register", () => c.agent.service.register({ name: "web" }));
});
await client("etcd3-node", async (act) => {
  const { Etcd3 } = await load("etcd3"); const e = new Etcd3({ hosts: "http://etcd.corp.example:2379" });
  await act(R, "get", () => e.get("a").string()); await act(W, "put", () => e.put("a").value("b")); await act(D, "delete", () => e.delete().key("a")); await act(R, "prefix", () => e.getAll().prefix("a").strings());
});
await client("@elastic/elasticsearch", async (act) => {
  const { Client } = await load("@elastic/elasticsearch"); const e = new Client({ node: "https://es.corp.example:9200", auth: { apiKey: "x" }, maxRetries: 0, tls: { rejectUnauthorized: false } });
  await act(R, "search", () => e.search({ index: "logs", query: { match_all: {} } })); await act(R, "msearch", () => e.msearch({ searches: [{ index: "logs" }, { query: { match_all: {} } }] })); await act(W, "index", () => e.index({ index: "logs", document: { a: 1 } })); await act(W, "bulk", () => e.bulk({ operations: [{ index: { _index: "l" } }, { a: 1 }] })); await act(D, "deleteByQuery", () => e.deleteByQuery({ index: "logs", query: { match_all: {} } })); await act(D, "indices.delete", () => e.indices.delete({ index: "logs" })); await act(R, "esql", () => e.esql.query({ query: "FROM logs" }));
});
await client("@opensearch-project/opensearch", async (act) => {
  const { Client } = await load("@opensearch-project/opensearch"); const e = new Client({ node: "https://os.corp.example:9200", maxRetries: 0, ssl: { rejectUnauthorized: false } });
  await act(R, "search", () => e.search({ index: "logs", body: { query: { match_all: {} } } })); await act(W, "index", () => e.index({ index: "logs", body: { a: 1 } })); await act(D, "deleteByQuery", () => e.deleteByQuery({ index: "logs", body: {} })); await act(R, "count", () => e.count({ index: "logs" }));
});
await client("@qdrant/js-client-rest", async (act) => {
  const { QdrantClient } = await load("@qdrant/js-client-rest"); const q = new QdrantClient({ url: "http://qdrant.corp.example:6333", checkCompatibility: false });
  await act(R, "search", () => q.search("docs", { vector: [0.1], limit: 1 })); await act(R, "query", () => q.query("docs", { query: [0.1] })); await act(R, "scroll", () => q.scroll("docs", {})); await act(R, "recommend", () => q.recommend("docs", { positive: [1], limit: 1 })); await act(W, "upsert", () => q.upsert("docs", { points: [{ id: 1, vector: [0.1] }] })); await act(D, "delete", () => q.delete("docs", { points: [1] })); await act(S, "createCollection", () => q.createCollection("docs", { vectors: { size: 1, distance: "Dot" } })); await act(R, "getCollections", () => q.getCollections());
});
await client("@neondatabase/serverless", async (act) => {
  const { neon } = await load("@neondatabase/serverless"); const sql = neon("postgresql://u:p@ep-cool-1.eu-central-1.aws.neon.tech/shop");
  const run = (q) => () => sql.query(q);
  await act(R, "select", run("SELECT * FROM orders")); await act(W, "update", run("UPDATE orders SET a=1")); await act(D, "delete", run("DELETE FROM orders")); await act(D, "drop", run("DROP TABLE orders")); await act(R, "transaction reads", () => sql.transaction([sql`SELECT 1`, sql`SELECT 2`])); await act(D, "transaction with delete", () => sql.transaction([sql`SELECT 1`, sql`DELETE FROM orders`]));
});
await client("@planetscale/database", async (act) => {
  const { connect } = await load("@planetscale/database"); const c = connect({ host: "aws.connect.psdb.cloud", username: "u", password: "p" });
  await act(R, "select", () => c.execute("SELECT * FROM orders WHERE id=?", [1])); await act(W, "insert", () => c.execute("INSERT INTO orders VALUES (1)")); await act(D, "drop", () => c.execute("DROP TABLE orders"));
});
await client("@libsql/client", async (act) => {
  const { createClient } = await load("@libsql/client/http"); const c = createClient({ url: "https://shop-acme.turso.io", authToken: "x" });
  await act(R, "select", () => c.execute("SELECT * FROM users")); await act(D, "delete", () => c.execute({ sql: "DELETE FROM users WHERE id=?", args: [1] })); await act(W, "batch", () => c.batch(["INSERT INTO users VALUES (1)", "UPDATE users SET a=1"], "write")); await act(R, "batch reads", () => c.batch(["SELECT 1", "SELECT 2"], "read"));
});
await client("@supabase/supabase-js", async (act) => {
  const { createClient } = await load("@supabase/supabase-js"); const s = createClient("https://abcdefghijklmnop.supabase.co", "x", { realtime: { transport: class {} } });
  await act(R, "select", () => s.from("orders").select("*").eq("id", 1)); await act(W, "insert", () => s.from("orders").insert({ id: 1 })); await act(D, "delete", () => s.from("orders").delete().eq("id", 1)); await act(R, "count head", () => s.from("orders").select("*", { count: "exact", head: true })); await act(W, "functions.invoke", () => s.functions.invoke("send", { body: { a: 1 } })); await act(P, "admin.inviteUserByEmail", () => s.auth.admin.inviteUserByEmail("e@acme.example")); await act(R, "storage.list", () => s.storage.from("docs").list()); await act(C, "storage.createSignedUrl", () => s.storage.from("docs").createSignedUrl("a.txt", 60));
});
await client("@upstash/redis", async (act) => {
  const { Redis } = await load("@upstash/redis"); const r = new Redis({ url: "https://eu1-fit-1.upstash.io", token: "x", retry: false, enableTelemetry: false, enableAutoPipelining: false });
  await act(R, "get", () => r.get("a")); await act(R, "hgetall", () => r.hgetall("a")); await act(W, "set", () => r.set("a", 1)); await act(D, "del", () => r.del("a")); await act(W, "multi", () => r.multi().set("a", 1).incr("b").exec()); await act(R, "zrange", () => r.zrange("a", 0, 1));
});
await client("algoliasearch-js", async (act) => {
  const { algoliasearch } = await load("algoliasearch"); const a = algoliasearch("APPID12345", "x");
  await act(R, "search", () => a.search({ requests: [{ indexName: "docs", query: "a" }] })); await act(R, "searchForHits", () => a.searchSingleIndex({ indexName: "docs" })); await act(W, "saveObject", () => a.saveObject({ indexName: "docs", body: { a: 1 } })); await act(D, "deleteObject", () => a.deleteObject({ indexName: "docs", objectID: "1" })); await act(D, "deleteIndex", () => a.deleteIndex({ indexName: "docs" })); await act(R, "listIndices", () => a.listIndices());
});
await client("meilisearch-js", async (act) => {
  const m = await load("meilisearch"); const c = new (m.Meilisearch || m.MeiliSearch)({ host: "http://meili.corp.example:7700", apiKey: "x" });
  await act(R, "search", () => c.index("docs").search("a")); await act(W, "addDocuments", () => c.index("docs").addDocuments([{ id: 1 }])); await act(D, "deleteDocuments", () => c.index("docs").deleteDocuments([1])); await act(D, "deleteIndex", () => c.deleteIndex("docs")); await act(R, "stats", () => c.getStats());
});
await client("airtable-js", async (act) => {
  const A = await load("airtable"); const b = new A({ apiKey: "x", noRetryIfRateLimited: true }).base("app0123456789abcd");
  await act(R, "select", () => b("Tasks").select({ maxRecords: 2 }).firstPage()); await act(W, "create", () => b("Tasks").create({ Name: "x" })); await act(D, "destroy", () => b("Tasks").destroy(["rec0123456789abcd"])); await act(W, "replace", () => b("Tasks").replace("rec0123456789abcd", { Name: "y" }));
});
await client("@hubspot/api-client", async (act) => {
  const { Client } = await load("@hubspot/api-client"); const h = new Client({ accessToken: "x" });
  await act(R, "search", () => h.crm.deals.searchApi.doSearch({ query: "a", limit: 1, after: 0, sorts: [], properties: [], filterGroups: [] })); await act(R, "getPage", () => h.crm.deals.basicApi.getPage(2)); await act(W, "update", () => h.crm.deals.basicApi.update("1", { properties: { amount: "1" } })); await act(D, "archive", () => h.crm.deals.basicApi.archive("1"));
});
await client("stripe-node", async (act) => {
  const m = await load("stripe"); const s = new (m.default || m)("sk_test_x", { maxNetworkRetries: 0, telemetry: false });
  await act(R, "charges.list", () => s.charges.list({ limit: 1 })); await act(G, "transfers.create", () => s.transfers.create({ amount: 1, currency: "eur", destination: "acct_1" })); await act(R, "invoices.createPreview", () => s.invoices.createPreview({ customer: "cus_1" })); await act(W, "products.update", () => s.products.update("prod_1", { name: "x" })); await act(D, "plans.del", () => s.plans.del("plan_1"));
});
await client("twilio-node", async (act) => {
  const t = (await load("twilio"))("AC" + "0".repeat(32), "x");
  await act(G, "messages.create", () => t.messages.create({ to: "+4915550001", from: "+4915550002", body: "hi" })); await act(R, "calls.list", () => t.calls.list({ limit: 1 })); await act(D, "messages.remove", () => t.messages("SM" + "0".repeat(32)).remove());
});
await client("@sendgrid/mail", async (act) => { const s = await load("@sendgrid/mail"); s.setApiKey("SG.x"); await act(G, "send", () => s.send({ to: "a@b.example", from: "c@d.example", subject: "s", text: "t" })); });
await client("resend", async (act) => { const { Resend } = await load("resend"); const r = new Resend("re_x"); await act(G, "send", () => r.emails.send({ to: "a@b.example", from: "c@d.example", subject: "s", text: "t" })); await act(R, "domains.list", () => r.domains.list()); await act(C, "apiKeys.create", () => r.apiKeys.create({ name: "x" })); await act(D, "contacts.remove", () => r.contacts.remove({ id: "1", audienceId: "2" })); });
await client("@gitbeaker/rest", async (act) => {
  const { Gitlab } = await load("@gitbeaker/rest"); const g = new Gitlab({ host: "https://gitlab.corp.example", token: "x" });
  await act(R, "Projects.search", () => g.Projects.search("web")); await act(W, "Issues.create", () => g.Issues.create(5, "t")); await act(K, "RepositoryFiles.create", () => g.RepositoryFiles.create(5, "a/b.txt", "main", "x", "m")); await act(D, "Branches.remove", () => g.Branches.remove(5, "old")); await act(P, "ProjectMembers.edit", () => g.ProjectMembers.edit(5, 2, 50)); await act(R, "compare", () => g.Repositories.compare(5, "main", "dev"));
});
await client("jira.js", async (act) => {
  const { Version3Client } = await load("jira.js"); const j = new Version3Client({ host: "https://acme.atlassian.net", authentication: { basic: { email: "a@b.example", apiToken: "x" } } });
  await act(R, "search", () => j.issueSearch.searchForIssuesUsingJqlEnhancedSearchPost({ jql: "project=OPS" })); await act(R, "getIssue", () => j.issues.getIssue({ issueIdOrKey: "OPS-1" })); await act(W, "createIssue", () => j.issues.createIssue({ fields: { summary: "x" } })); await act(D, "deleteIssue", () => j.issues.deleteIssue({ issueIdOrKey: "OPS-1" })); await act(P, "addUserToGroup", () => j.groups.addUserToGroup({ groupname: "admins", accountId: "1" })); await act(R, "bulkFetch", () => j.issues.bulkFetchIssues({ issueIdsOrKeys: ["OPS-1"] }));
});
await client("@notionhq/client", async (act) => {
  const { Client } = await load("@notionhq/client"); const n = new Client({ auth: "x", retry: { maxRetries: 0 } }), id = "11111111222233334444555555555555";
  await act(R, "search", () => n.search({ query: "a" })); await act(R, "dataSources.query", () => (n.dataSources ? n.dataSources.query({ data_source_id: id }) : n.databases.query({ database_id: id }))); await act(W, "pages.update", () => n.pages.update({ page_id: id, archived: false })); await act(W, "pages.create", () => n.pages.create({ parent: { page_id: id }, properties: {} })); await act(D, "blocks.delete", () => n.blocks.delete({ block_id: id }));
});
await client("@linear/sdk", async (act) => {
  const { LinearClient } = await load("@linear/sdk"); const l = new LinearClient({ apiKey: "lin_x" });
  await act(R, "issues", () => l.issues({ first: 2 })); await act(W, "createIssue", () => l.createIssue({ teamId: "1", title: "x" })); await act(D, "deleteIssue", () => l.deleteIssue("1")); await act(R, "viewer", () => l.viewer); await act(W, "createComment", () => l.createComment({ issueId: "1", body: "x" }));
});
await client("dockerode", async (act) => {
  const Dk = await load("dockerode"); const d = new Dk({ host: "docker.corp.example", port: 2375, protocol: "http" });
  await act(R, "ps", () => d.listContainers({ all: true })); await act(I, "create", () => d.createContainer({ Image: "alpine" })); await act(I, "stop", () => d.getContainer("web").stop()); await act(D, "remove", () => d.getContainer("web").remove()); await act(I, "exec", () => d.getContainer("web").exec({ Cmd: ["id"] })); await act(I, "pull", () => d.pull("alpine:3")); await act(D, "prune", () => d.pruneImages()); await act(R, "top", () => d.getContainer("web").top());
});
await client("@kubernetes/client-node", async (act) => {
  const k = await load("@kubernetes/client-node"); const kc = new k.KubeConfig(); kc.loadFromOptions({ clusters: [{ name: "c", server: "https://k8s.corp.example:6443", skipTLSVerify: true }], users: [{ name: "u", token: "x" }], contexts: [{ name: "x", cluster: "c", user: "u" }], currentContext: "x" });
  const v = kc.makeApiClient(k.CoreV1Api), a = kc.makeApiClient(k.AppsV1Api);
  await act(R, "listPods", () => v.listNamespacedPod({ namespace: "prod" })); await act(C + "!", "readSecret", () => v.readNamespacedSecret({ namespace: "prod", name: "db" })); await act(D, "deletePod", () => v.deleteNamespacedPod({ namespace: "prod", name: "web" })); await act(I, "patch", () => a.patchNamespacedDeployment({ namespace: "prod", name: "web", body: [{ op: "replace", path: "/spec/replicas", value: 0 }] })); await act(W, "createNamespace", () => v.createNamespace({ body: { metadata: { name: "x" } } })); await act(I, "evict", () => v.createNamespacedPodEviction({ namespace: "prod", name: "web", body: { metadata: { name: "web" } } }));
});
await client("@clickhouse/client", async (act) => {
  const { createClient } = await load("@clickhouse/client"); const c = createClient({ url: "http://clickhouse.corp.example:8123" });
  await act(R, "query", () => c.query({ query: "SELECT * FROM orders", format: "JSONEachRow" })); await act(W, "insert", () => c.insert({ table: "orders", values: [{ id: 1 }], format: "JSONEachRow" })); await act(D, "command drop", () => c.command({ query: "DROP TABLE orders" })); await act(R, "ping", () => c.ping()); await act(D, "alter delete", () => c.command({ query: "ALTER TABLE orders DELETE WHERE id = 1" }));
});
await client("trino-client-js", async (act) => {
  const { Trino } = await load("trino-client"); const t = Trino.create({ server: "http://trino.corp.example:8080", catalog: "hive", schema: "shop" });
  await act(R, "select", async () => (await t.query("SELECT 1")).next()); await act(D, "drop", async () => (await t.query("DROP TABLE orders")).next());
});
await client("@discordjs/rest", async (act) => {
  const { REST } = await load("@discordjs/rest"); const r = new REST({ retries: 0 }).setToken("x");
  await act(R, "get channel", () => r.get("/channels/1")); await act(G, "send", () => r.post("/channels/1/messages", { body: { content: "hi" } })); await act(D, "bulk-delete", () => r.post("/channels/1/messages/bulk-delete", { body: { messages: ["1", "2"] } })); await act(P, "role", () => r.put("/guilds/1/members/2/roles/3"));
});
await client("grammy", async (act) => {
  const { Api } = await load("grammy"); const a = new Api("1:x");
  await act(R, "getMe", () => a.getMe()); await act(R, "getChat", () => a.getChat(1)); await act(G, "sendMessage", () => a.sendMessage(1, "hi")); await act(P, "promoteChatMember", () => a.promoteChatMember(1, 2, {}));
});
await client("mailgun.js", async (act) => {
  const M2 = await load("mailgun.js"), F = globalThis.FormData; const m = new (M2.default || M2)(F).client({ username: "api", key: "x" });
  await act(G, "create", () => m.messages.create("mg.acme.example", { to: "a@b.example", from: "c@d.example", text: "x", subject: "s" })); await act(R, "domains.list", () => m.domains.list()); await act(D, "domains.destroy", () => m.domains.destroy("mg.acme.example"));
});
await client("minio-js", async (act) => {
  const { Client } = await load("minio"); const m = new Client({ endPoint: "minio.corp.example", port: 9000, useSSL: false, region: "us-east-1", accessKey: "AKIAIOSFODNN7EXAMPLE", secretKey: "x" });
  await act(R, "listBuckets", () => m.listBuckets()); await act(W, "putObject", () => m.putObject("reports", "a.txt", "hi")); await act(D, "removeObject", () => m.removeObject("reports", "a.txt")); await act(R, "getObject", () => m.getObject("reports", "a.txt")); await act(D, "removeObjects", () => m.removeObjects("reports", ["a", "b"]));
});
await client("@google/genai", async (act) => {
  const { GoogleGenAI } = await load("@google/genai"); const g = new GoogleGenAI({ apiKey: "x" });
  await act(R, "generateContent", () => g.models.generateContent({ model: "gemini-2.0-flash", contents: "hi" })); await act(R, "stream", () => g.models.generateContentStream({ model: "gemini-2.0-flash", contents: "hi" })); await act(R, "embedContent", () => g.models.embedContent({ model: "e", contents: "hi" })); await act(D, "files.delete", () => g.files.delete({ name: "files/a" }));
  const v = new GoogleGenAI({ vertexai: true, apiKey: "x" }); await act(R, "vertex", () => v.models.generateContent({ model: "gemini-2.0-flash", contents: "hi" }));
});
await client("ollama-js", async (act) => { const { Ollama } = await load("ollama"); const o = new Ollama({ host: "http://ollama.corp.example:11434" }); await act(R, "chat", () => o.chat({ model: "a", messages: [] })); await act(R, "embed", () => o.embed({ model: "a", input: "x" })); await act(M, "pull", () => o.pull({ model: "a" })); await act(D, "delete", () => o.delete({ model: "a" })); await act(R, "show", () => o.show({ model: "a" })); });
await client("cohere-ai", async (act) => { const { CohereClientV2 } = await load("cohere-ai"); const c = new CohereClientV2({ token: "x" }); await act(R, "chat", () => c.chat({ model: "a", messages: [] }, { maxRetries: 0 })); await act(R, "rerank", () => c.rerank({ model: "a", query: "x", documents: ["y"] }, { maxRetries: 0 })); await act(D, "datasets.delete", () => c.datasets.delete("1", { maxRetries: 0 })); });
await client("@mistralai/mistralai", async (act) => { const { Mistral } = await import(require.resolve("@mistralai/mistralai")); const m = new Mistral({ apiKey: "x" }); await act(R, "chat", () => m.chat.complete({ model: "a", messages: [{ role: "user", content: "x" }] })); await act(R, "agents", () => m.agents.complete({ agentId: "a", messages: [{ role: "user", content: "x" }] })); await act(R, "ocr", () => m.ocr.process({ model: "a", document: { type: "document_url", documentUrl: "https://x.example/a.pdf" } })); });
await client("@huggingface/hub", async (act) => { const h = await import(require.resolve("@huggingface/hub")); const a = { repo: { type: "model", name: "acme/m" }, accessToken: "hf_x" }; await act(R, "listFiles", () => h.listFiles(a).next()); await act(M, "createRepo", () => h.createRepo(a)); await act(D, "deleteRepo", () => h.deleteRepo(a)); await act(R, "whoAmI", () => h.whoAmI(a)); });
await client("@pinecone-database/pinecone", async (act) => { const { Pinecone } = await load("@pinecone-database/pinecone"); const p = new Pinecone({ apiKey: "x" }), i = p.index("docs", "https://docs-1.svc.aped.pinecone.io"); await act(R, "query", () => i.query({ vector: [0.1], topK: 1 })); await act(W, "upsert", () => i.upsert([{ id: "a", values: [0.1] }])); await act(D, "deleteAll", () => i.deleteAll()); await act(R, "listIndexes", () => p.listIndexes()); await act(I, "createIndex", () => p.createIndex({ name: "d", dimension: 1, spec: { serverless: { cloud: "aws", region: "us-east-1" } } })); });
await client("chromadb-js", async (act) => { const { ChromaClient } = await load("chromadb"); const c = new ChromaClient({ host: "chroma.corp.example", port: 8000, ssl: false }); const col = await c.getCollection({ name: "docs" }).catch(() => null); await act(R, "listCollections", () => c.listCollections()); await act(R, "query", () => col.query({ queryEmbeddings: [[0.1]] })); await act(W, "add", () => col.add({ ids: ["a"], embeddings: [[0.1]] })); await act(D, "delete", () => col.delete({ ids: ["a"] })); await act(D, "deleteCollection", () => c.deleteCollection({ name: "docs" })); });
await client("weaviate-client-js", async (act) => { const w = await load("weaviate-client"); const c = await (w.default || w).connectToCustom({ httpHost: "weaviate.corp.example", httpPort: 8080, httpSecure: false, grpcHost: "weaviate.corp.example", grpcPort: 50051, grpcSecure: false, skipInitChecks: true }); await act(R, "exists", () => c.collections.exists("Doc")); await act(W, "insert", () => c.collections.get("Doc").data.insert({ a: 1 })); await act(D, "delete", () => c.collections.delete("Doc")); await act(R, "nearVector", () => c.collections.get("Doc").query.nearVector([0.1])); await act(R, "aggregate", () => c.collections.get("Doc").aggregate.overAll()); });
await client("auth0-node", async (act) => { const { ManagementClient } = await load("auth0"); const a = new ManagementClient({ domain: "acme.eu.auth0.com", token: "x", retry: { enabled: false } }); await act(R, "users.list", () => (a.users.list || a.users.getAll).call(a.users)); await act(D, "users.delete", () => a.users.delete("auth0|1")); await act(P, "roles.create", () => a.roles.create({ name: "r" })); });
await client("okta-node", async (act) => { const o = await load("@okta/okta-sdk-nodejs"); const c = new o.Client({ orgUrl: "https://acme.okta.com", token: "x" }); await act(R, "listUsers", async () => (await c.userApi.listUsers()).next()); await act(P, "activateUser", () => (c.userApi.activateUser ? c.userApi : c.userLifecycleApi).activateUser({ userId: "1" })); await act(P, "assignUserToGroup", () => c.groupApi.assignUserToGroup({ groupId: "1", userId: "2" })); await act(D, "deleteApplication", () => c.applicationApi.deleteApplication({ appId: "1" })); await act(P, "expirePassword", () => c.userApi.expirePassword({ userId: "1" })); });
await client("@influxdata/influxdb-client", async (act) => { const { InfluxDB, Point } = await load("@influxdata/influxdb-client"); const i = new InfluxDB({ url: "http://influx.corp.example:8086", token: "x" }); await act(R, "query", () => i.getQueryApi("acme").collectRows('from(bucket:"m") |> range(start:-1h)')); await act(W, "write", async () => { const w = i.getWriteApi("acme", "m"); w.writePoint(new Point("cpu").floatField("v", 1)); await w.close(); }); });
await client("@dapr/dapr", async (act) => { const { DaprClient } = await load("@dapr/dapr"); const d = new DaprClient({ daprHost: "dapr.corp.example", daprPort: "3500" }); await act(R, "state.get", () => d.state.get("store", "a")); await act(W, "state.save", () => d.state.save("store", [{ key: "a", value: 1 }])); await act(W, "publish", () => d.pubsub.publish("ps", "t", { a: 1 })); });
await client("@temporalio/client", async (act) => { const { Connection, Client } = await load("@temporalio/client"); const c = new Client({ connection: Connection.lazy({ address: "temporal.corp.example:7233" }), namespace: "prod" }); await act(W, "start", () => c.workflow.start("Order", { taskQueue: "q", workflowId: "o1" })); await act(W, "terminate", () => c.workflow.getHandle("o1").terminate()); await act(R, "describe", () => c.workflow.getHandle("o1").describe()); await act(R, "list", () => c.workflow.list()[Symbol.asyncIterator]().next()); await act(W, "signal", () => c.workflow.getHandle("o1").signal("go")); });
await client("posthog-node", async (act) => { const { PostHog } = await load("posthog-node"); const p = new PostHog("phc_x", { host: "https://eu.i.posthog.com", flushAt: 1 }); await act(R, "flags", () => p.getAllFlags("u1")); });
await client("nano", async (act) => { const n = (await load("nano"))("http://couch.corp.example:5984"), d = n.use("shop"); await act(R, "get", () => d.get("a")); await act(R, "find", () => d.find({ selector: {} })); await act(W, "insert", () => d.insert({ a: 1 })); await act(D, "destroy db", () => n.db.destroy("shop")); await act(R, "view", () => d.view("x", "y", { keys: ["a"] })); await act(W, "bulk", () => d.bulk({ docs: [{ a: 1 }] })); await act(R, "fetch", () => d.fetch({ keys: ["a"] })); });
await client("@pagerduty/pdjs", async (act) => { const { api } = await load("@pagerduty/pdjs"); const p = api({ token: "x" }); await act(R, "incidents", () => p.get("/incidents")); await act(W, "resolve", () => p.put("/incidents/P1", { data: { incident: { type: "incident", status: "resolved" } } })); await act(D, "delete schedule", () => p.delete("/schedules/P1")); });
await client("@microsoft/microsoft-graph-client", async (act) => { const { Client } = await load("@microsoft/microsoft-graph-client"); const g = Client.init({ authProvider: (d) => d(null, "x") }); await act(R, "me", () => g.api("/me").get()); await act(R, "messages", () => g.api("/me/messages").select("subject").top(3).get()); await act(G, "sendMail", () => g.api("/me/sendMail").post({ message: { subject: "x" } })); await act(P, "app role", () => g.api("/servicePrincipals/1/appRoleAssignedTo").post({ principalId: "1", resourceId: "2", appRoleId: "3" })); await act(D, "delete user", () => g.api("/users/1").delete()); await act(W, "event", () => g.api("/me/events").post({ subject: "x" })); await act(R, "batch", () => g.api("/$batch").post({ requests: [{ id: "1", method: "GET", url: "/me" }] })); });
await client("jayson", async (act) => { const j = await load("jayson"); const c = j.Client.https({ host: "node.corp.example", path: "/rpc" }); const call = (m, p) => () => new Promise((d) => c.request(m, p, d)); await act(R, "getblockcount", call("getblockcount", [])); await act(G, "sendtoaddress", call("sendtoaddress", ["x", 1])); await act(R, "listunspent", call("listunspent", [])); await act(W, "user.update", call("user.update", { id: 1 })); });
await client("soap-node", async (act) => { const s = await load("soap"); const c = await s.createClientAsync("http://crm.corp.example/services/Crm?wsdl"); await act(R, "GetCustomer", () => c.GetCustomerAsync({ id: "1" })); await act(D, "DeleteCustomer", () => c.DeleteCustomerAsync({ id: "1" })); });
process.exit(0);
