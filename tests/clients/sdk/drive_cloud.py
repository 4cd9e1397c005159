"""AWS, Google Cloud and Azure by their Python SDKs."""
import drive
from drive import client

R, W, D, S, P, C, I, M, X, K, G = ("read_only", "data_write", "data_delete", "schema_change", "privilege_change",
    "credential_access", "infra_change", "model_change", "data_export", "code_change", "communication")

drive.start("py-cloud", [
    (r"https://login\.microsoftonline\.com/.*/token", {"access_token": "t", "expires_in": 3600, "token_type": "Bearer"}),
    (r"https://login\.microsoftonline\.com/.*openid-configuration", {"token_endpoint": "https://login.microsoftonline.com/t/oauth2/v2.0/token", "authorization_endpoint": "https://login.microsoftonline.com/t/oauth2/v2.0/authorize", "issuer": "https://login.microsoftonline.com/t/v2.0", "jwks_uri": "https://login.microsoftonline.com/k"}),
    (r"POST https://s3|POST https://[a-z0-9.-]*\.s3", "<r/>"),
    (r"https://\S*(s3|iam|sts|ec2|sns|rds|cloudformation)\S*amazonaws", "<r><UploadId>u-1</UploadId></r>"),
    (r"POST https://bigquery\S+/jobs", {"jobReference": {"jobId": "j1", "projectId": "acme-prod"}, "status": {"state": "DONE"}, "statistics": {}, "configuration": {"query": {}}}),
])

import boto3
from botocore.config import Config

cfg = Config(retries={"total_max_attempts": 1})
with client("boto3") as do:
    c = lambda n: boto3.client(n, config=cfg)
    s3 = c("s3")
    b = dict(Bucket="acme-reports")
    do(R, "s3.list_buckets", s3.list_buckets)
    do(R, "s3.list_objects_v2", s3.list_objects_v2, **b, Prefix="2026/")
    do(R, "s3.get_object", s3.get_object, **b, Key="2026/10/summary.csv")
    do(R, "s3.head_object", s3.head_object, **b, Key="2026/10/summary.csv")
    do(W, "s3.put_object", s3.put_object, **b, Key="2026/10/summary.csv", Body=b"a,b\n1,2\n")
    do(W, "s3.copy_object", s3.copy_object, **b, Key="copy.csv", CopySource="acme-reports/2026/10/summary.csv")
    do(D, "s3.delete_object", s3.delete_object, **b, Key="2026/10/summary.csv")
    do(D, "s3.delete_objects", s3.delete_objects, **b, Delete={"Objects": [{"Key": "a"}, {"Key": "b"}]})
    do(P, "s3.put_bucket_policy", s3.put_bucket_policy, **b, Policy='{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::acme-reports/*"}]}')
    do(W, "s3.create_multipart_upload", s3.create_multipart_upload, **b, Key="big.bin")
    do(R, "s3.select", s3.select_object_content, **b, Key="x.csv", ExpressionType="SQL", Expression="SELECT * FROM s3object s", InputSerialization={"CSV": {}}, OutputSerialization={"JSON": {}})
    d = c("dynamodb")
    do(R, "dynamodb.query", d.query, TableName="orders", KeyConditionExpression="pk = :p", ExpressionAttributeValues={":p": {"S": "o#1"}})
    do(R, "dynamodb.get_item", d.get_item, TableName="orders", Key={"pk": {"S": "o#1"}})
    do(R, "dynamodb.scan", d.scan, TableName="orders", Limit=5)
    do(R, "dynamodb.batch_get_item", d.batch_get_item, RequestItems={"orders": {"Keys": [{"pk": {"S": "o#1"}}]}})
    do(W, "dynamodb.put_item", d.put_item, TableName="orders", Item={"pk": {"S": "o#2"}})
    do(D, "dynamodb.delete_table", d.delete_table, TableName="orders")
    do(D, "dynamodb.batch_write_item", d.batch_write_item, RequestItems={"orders": [{"DeleteRequest": {"Key": {"pk": {"S": "o#1"}}}}]})
    do(W, "dynamodb.execute_statement", d.execute_statement, Statement="UPDATE orders SET status='paid' WHERE pk='o#1'")
    do(R, "dynamodb.execute_statement select", d.execute_statement, Statement="SELECT * FROM orders WHERE pk='o#1'")
    q = c("sqs")
    do(R, "sqs.receive_message", q.receive_message, QueueUrl="https://sqs.eu-central-1.amazonaws.com/123456789012/jobs")
    do(R, "sqs.list_queues", q.list_queues)
    do(W, "sqs.send_message", q.send_message, QueueUrl="https://sqs.eu-central-1.amazonaws.com/123456789012/jobs", MessageBody="hello")
    do(D, "sqs.purge_queue", q.purge_queue, QueueUrl="https://sqs.eu-central-1.amazonaws.com/123456789012/jobs")
    i = c("iam")
    do(R, "iam.list_users", i.list_users)
    do(R, "iam.get_role", i.get_role, RoleName="deploy")
    do(P, "iam.attach_role_policy", i.attach_role_policy, RoleName="deploy", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    do(C, "iam.create_access_key", i.create_access_key, UserName="ci")
    do(R, "sts.get_caller_identity", c("sts").get_caller_identity)
    sm = c("secretsmanager")
    do(C, "secretsmanager.get_secret_value", sm.get_secret_value, SecretId="prod/db")
    do(R, "secretsmanager.list_secrets", sm.list_secrets)
    do(R, "secretsmanager.describe_secret", sm.describe_secret, SecretId="prod/db")
    l = c("lambda")
    do(R, "lambda.list_functions", l.list_functions)
    do(K, "lambda.update_function_code", l.update_function_code, FunctionName="billing", S3Bucket="acme-code", S3Key="k.zip")
    do(W, "lambda.invoke", l.invoke, FunctionName="billing", Payload=b'{"a":1}')
    e = c("ec2")
    do(R, "ec2.describe_instances", e.describe_instances, Filters=[{"Name": "tag:env", "Values": ["prod"]}])
    do(I, "ec2.terminate_instances", e.terminate_instances, InstanceIds=["i-0123456789abcdef0"])
    do(I, "ec2.authorize_security_group_ingress", e.authorize_security_group_ingress, GroupId="sg-1", CidrIp="0.0.0.0/0", IpProtocol="tcp", FromPort=22, ToPort=22)
    lg = c("logs")
    do(R, "logs.filter_log_events", lg.filter_log_events, logGroupName="/aws/lambda/billing", filterPattern="ERROR")
    do(R, "logs.start_query", lg.start_query, logGroupName="/aws/lambda/billing", startTime=1, endTime=2, queryString="fields @message")
    do(R, "cloudwatch.get_metric_data", c("cloudwatch").get_metric_data, MetricDataQueries=[], StartTime=1, EndTime=2)
    do(R, "ssm.get_parameters_by_path", c("ssm").get_parameters_by_path, Path="/app")
    do(W, "ssm.put_parameter", c("ssm").put_parameter, Name="/app/flag", Value="on", Type="String", Overwrite=True)
    do(G, "sns.publish", c("sns").publish, TopicArn="arn:aws:sns:eu-central-1:123456789012:alerts", Message="hi")
    do(G, "ses.send_email", c("sesv2").send_email, FromEmailAddress="a@acme.example", Destination={"ToAddresses": ["b@acme.example"]}, Content={"Simple": {"Subject": {"Data": "s"}, "Body": {"Text": {"Data": "t"}}}})
    br = c("bedrock-runtime")
    do(R, "bedrock.converse", br.converse, modelId="anthropic.claude-3-haiku-20240307-v1:0", messages=[{"role": "user", "content": [{"text": "hi"}]}])
    at = c("athena")
    do(R, "athena.start_query select", at.start_query_execution, QueryString="SELECT region, count(*) FROM sales GROUP BY region", WorkGroup="primary")
    do(D, "athena.start_query drop", at.start_query_execution, QueryString="DROP TABLE sales", WorkGroup="primary")
    do(I, "cloudformation.delete_stack", c("cloudformation").delete_stack, StackName="prod")
    do(R, "cloudformation.describe_stacks", c("cloudformation").describe_stacks, StackName="prod")

from google.oauth2.credentials import Credentials
cred = Credentials("ya29.REDACTED")
with client("google-cloud-storage") as do:
    from google.cloud import storage
    s = storage.Client(project="acme-prod", credentials=cred)
    bk = s.bucket("acme-exports")
    do(R, "list_buckets", lambda: list(s.list_buckets()))
    do(R, "list_blobs", lambda: list(s.list_blobs("acme-exports", prefix="2026/")))
    do(R, "download", bk.blob("2026/a b.csv").download_as_bytes)
    do(W, "upload", bk.blob("2026/a b.csv").upload_from_string, "x,y\n", content_type="text/csv", retry=None)
    do(D, "delete", bk.blob("2026/a b.csv").delete)
    do(W, "copy", bk.copy_blob, bk.blob("a"), bk, "b")
    do(I, "create_bucket", s.create_bucket, "acme-new")
    do(R, "get_iam_policy", bk.get_iam_policy)
    from google.api_core.iam import Policy
    pol = Policy(); pol["roles/storage.objectViewer"] = ["allUsers"]
    do(P, "set_iam_policy", bk.set_iam_policy, pol)
    do(P, "make_public", bk.blob("a").make_public)
    def resumable():
        import io
        bl = bk.blob("big.bin", chunk_size=262144)
        bl.upload_from_file(io.BytesIO(b"z" * 3000), size=None)
    do(W, "resumable", resumable)
with client("google-cloud-bigquery") as do:
    from google.cloud import bigquery
    q = bigquery.Client(project="acme-prod", credentials=cred)
    do(R, "query select", lambda: q.query("SELECT name, COUNT(*) c FROM `acme-prod.sales.orders` GROUP BY name", retry=None, job_retry=None))
    do(D, "query drop", lambda: q.query("DROP TABLE `acme-prod.sales.orders`", retry=None, job_retry=None))
    do(W, "query insert", lambda: q.query("INSERT INTO sales.orders (id) VALUES (1)", retry=None, job_retry=None))
    do(R, "query_and_wait", lambda: q.query_and_wait("SELECT 1", retry=None, job_retry=None))
    do(R, "dry run", lambda: q.query("SELECT * FROM sales.orders", job_config=bigquery.QueryJobConfig(dry_run=True), retry=None, job_retry=None))
    do(X, "extract", lambda: q.extract_table("acme-prod.sales.orders", "gs://acme-exports/o-*.csv", retry=None))
    do(R, "list_datasets", lambda: list(q.list_datasets()))
    do(R, "get_table", lambda: q.get_table("acme-prod.sales.orders"))
    do(R, "list_rows", lambda: list(q.list_rows("acme-prod.sales.orders", selected_fields=[bigquery.SchemaField("id", "INT64")], max_results=5)))
    do(D, "delete_table", lambda: q.delete_table("acme-prod.sales.orders", retry=None))
    do(W, "insert_rows_json", lambda: q.insert_rows_json("acme-prod.sales.orders", [{"id": 1}], retry=None))
    do(S, "create_table", lambda: q.create_table(bigquery.Table("acme-prod.sales.new", [bigquery.SchemaField("id", "INT64")]), retry=None))
with client("google-api-python-client") as do:
    from googleapiclient.discovery import build
    import httplib2
    from google_auth_httplib2 import AuthorizedHttp
    b = lambda n, v: build(n, v, http=AuthorizedHttp(cred, httplib2.Http(ca_certs=drive.sink.authority.ca)), static_discovery=True)
    do(R, "drive.files.list", lambda: b("drive", "v3").files().list(q="name contains 'plan'", pageSize=5).execute())
    do(P, "drive.permissions.create", lambda: b("drive", "v3").permissions().create(fileId="1abc", body={"type": "anyone", "role": "reader"}).execute())
    do(D, "drive.files.delete", lambda: b("drive", "v3").files().delete(fileId="1abc").execute())
    do(X + "!", "drive.files.export", lambda: b("drive", "v3").files().export(fileId="1abc", mimeType="text/csv").execute())
    do(R, "gmail.messages.list", lambda: b("gmail", "v1").users().messages().list(userId="me", q="from:bob").execute())
    do(G, "gmail.messages.send", lambda: b("gmail", "v1").users().messages().send(userId="me", body={"raw": "RnJvbTogYQ=="}).execute())
    do(R, "sheets.values.get", lambda: b("sheets", "v4").spreadsheets().values().get(spreadsheetId="1s", range="A1:B2").execute())
    do(W, "sheets.values.update", lambda: b("sheets", "v4").spreadsheets().values().update(spreadsheetId="1s", range="A1", valueInputOption="RAW", body={"values": [[1]]}).execute())
    do(R, "sheets.getByDataFilter", lambda: b("sheets", "v4").spreadsheets().getByDataFilter(spreadsheetId="1s", body={"dataFilters": [{"a1Range": "A1:B2"}]}).execute())
    do(R, "compute.instances.list", lambda: b("compute", "v1").instances().list(project="acme-prod", zone="europe-west3-a").execute())
    do(I, "compute.instances.stop", lambda: b("compute", "v1").instances().stop(project="acme-prod", zone="europe-west3-a", instance="web-1").execute())
    do(P, "resourcemanager.setIamPolicy", lambda: b("cloudresourcemanager", "v1").projects().setIamPolicy(resource="acme-prod", body={"policy": {"bindings": [{"role": "roles/owner", "members": ["user:eve@acme.example"]}]}}).execute())
    do(R, "resourcemanager.getIamPolicy", lambda: b("cloudresourcemanager", "v1").projects().getIamPolicy(resource="acme-prod", body={}).execute())
    do(C, "iam.serviceAccounts.keys.create", lambda: b("iam", "v1").projects().serviceAccounts().keys().create(name="projects/acme-prod/serviceAccounts/ci@acme-prod.iam.gserviceaccount.com", body={}).execute())
    do(W, "calendar.events.insert", lambda: b("calendar", "v3").events().insert(calendarId="primary", body={"summary": "sync", "start": {"dateTime": "2026-01-01T10:00:00Z"}, "end": {"dateTime": "2026-01-01T11:00:00Z"}}).execute())
    do(R, "calendar.freebusy.query", lambda: b("calendar", "v3").freebusy().query(body={"timeMin": "2026-01-01T10:00:00Z", "timeMax": "2026-01-02T10:00:00Z", "items": [{"id": "primary"}]}).execute())
with client("google-cloud-pubsub") as do:
    from google.cloud import pubsub_v1
    pub = pubsub_v1.PublisherClient(credentials=cred); sub = pubsub_v1.SubscriberClient(credentials=cred)
    t = "projects/acme-prod/topics/orders"; u = "projects/acme-prod/subscriptions/orders-sub"
    do(W, "publish", lambda: pub.publish(t, b"hello").result(4))
    do(R, "list_topics", lambda: list(pub.list_topics(project="projects/acme-prod", timeout=4, retry=None)))
    do(I, "create_topic", lambda: pub.create_topic(name=t, timeout=4, retry=None))
    do(D, "delete_subscription", lambda: sub.delete_subscription(subscription=u, timeout=4, retry=None))
    do(R, "pull", lambda: sub.pull(subscription=u, max_messages=3, timeout=4, retry=None))
    do(R, "get_subscription", lambda: sub.get_subscription(subscription=u, timeout=4, retry=None))
    do(W, "acknowledge", lambda: sub.acknowledge(subscription=u, ack_ids=["a"], timeout=4, retry=None))
with client("google-cloud-firestore") as do:
    from google.cloud import firestore
    f = firestore.Client(project="acme-prod", credentials=cred)
    do(R, "get", lambda: f.document("users/alice").get(timeout=4, retry=None))
    do(R, "query", lambda: list(f.collection("users").where("age", ">", 3).stream(timeout=4, retry=None)))
    do(W, "set", lambda: f.document("users/alice").set({"a": 1}, timeout=4, retry=None))
    do(D, "delete", lambda: f.document("users/alice").delete(timeout=4, retry=None))
    do(R, "count", lambda: f.collection("users").count().get(timeout=4, retry=None))
with client("google-cloud-secret-manager") as do:
    from google.cloud import secretmanager
    m = secretmanager.SecretManagerServiceClient(credentials=cred)
    n = "projects/acme-prod/secrets/db"
    do(C, "access_secret_version", lambda: m.access_secret_version(name=n + "/versions/latest", timeout=4, retry=None))
    do(R, "list_secrets", lambda: list(m.list_secrets(parent="projects/acme-prod", timeout=4, retry=None)))
    do(C, "add_secret_version", lambda: m.add_secret_version(parent=n, payload={"data": b"x"}, timeout=4, retry=None))
    do(D, "delete_secret", lambda: m.delete_secret(name=n, timeout=4, retry=None))
    do(P, "set_iam_policy", lambda: m.set_iam_policy(request={"resource": n, "policy": {"bindings": [{"role": "roles/owner", "members": ["allUsers"]}]}}, timeout=4, retry=None))

from azure.core.credentials import AccessToken
class Cred:
    def get_token(self, *a, **k): return AccessToken("REDACTED", 4102444800)
    def get_token_info(self, *a, **k):
        from azure.core.credentials import AccessTokenInfo
        return AccessTokenInfo("REDACTED", 4102444800)
az = Cred(); sub = "11111111-2222-3333-4444-555555555555"
with client("azure-mgmt") as do:
    from azure.mgmt.resource.resources import ResourceManagementClient
    from azure.mgmt.compute import ComputeManagementClient
    from azure.mgmt.storage import StorageManagementClient
    kw = dict(retry_total=0)
    r = ResourceManagementClient(az, sub, **kw); v = ComputeManagementClient(az, sub, **kw); st = StorageManagementClient(az, sub, **kw)
    do(R, "resource_groups.list", lambda: list(r.resource_groups.list()))
    do(I, "resource_groups.create", r.resource_groups.create_or_update, "rg-ai", {"location": "westeurope"})
    do(D, "resource_groups.delete", r.resource_groups.begin_delete, "rg-ai")
    do(R, "vms.list", lambda: list(v.virtual_machines.list("rg-ai")))
    do(I, "vms.deallocate", v.virtual_machines.begin_deallocate, "rg-ai", "vm1")
    do(I, "vms.run_command", v.virtual_machines.begin_run_command, "rg-ai", "vm1", {"commandId": "RunShellScript", "script": ["id"]})
    do(C, "storage.list_keys", st.storage_accounts.list_keys, "rg-ai", "acmedata")
    do(C, "storage.regenerate_key", st.storage_accounts.regenerate_key, "rg-ai", "acmedata", {"keyName": "key1"})
    do(R, "storage.list", lambda: list(st.storage_accounts.list()))
    do(R, "storage.check_name", st.storage_accounts.check_name_availability, {"name": "acmedata", "type": "Microsoft.Storage/storageAccounts"})
with client("azure-storage-blob") as do:
    from azure.storage.blob import BlobServiceClient
    bs = BlobServiceClient("https://acmedata.blob.core.windows.net", az, retry_total=0)
    cc = bs.get_container_client("reports")
    do(R, "list_containers", lambda: list(bs.list_containers()))
    do(R, "list_blobs", lambda: list(cc.list_blobs()))
    do(R, "download", lambda: cc.download_blob("a.csv").readall())
    do(W, "upload", lambda: cc.upload_blob("a.csv", b"x,y", overwrite=True))
    do(D, "delete_blob", lambda: cc.delete_blob("a.csv"))
    do(D, "delete_container", cc.delete_container)
    do(W, "create_container", cc.create_container)
    do(W, "set_metadata", lambda: cc.get_blob_client("a.csv").set_blob_metadata({"a": "b"}))
    do(P, "set_access_policy", lambda: cc.set_container_access_policy(signed_identifiers={}, public_access="container"))
    do(R, "get_properties", lambda: cc.get_blob_client("a.csv").get_blob_properties())
    do(D, "delete_blobs", lambda: cc.delete_blobs("a.csv", "b.csv"))
    import datetime
    do(C, "user_delegation_key", lambda: bs.get_user_delegation_key(datetime.datetime(2026, 1, 1), datetime.datetime(2026, 1, 2)))
with client("azure-keyvault-secrets") as do:
    from azure.keyvault.secrets import SecretClient
    k = SecretClient("https://acme-kv.vault.azure.net", az, retry_total=0)
    drive.sink.answers.insert(0, (drive._sink.re.compile(r"vault\.azure\.net"), lambda u, h, b: (200, [("content-type", "application/json")], b"{}") if any(n.lower() == "authorization" for n, _ in h) else (401, [("www-authenticate", 'Bearer authorization="https://login.microsoftonline.com/t", resource="https://vault.azure.net"')], b"{}")))
    do(C + "!", "get_secret", k.get_secret, "db-password")
    do(C, "set_secret", k.set_secret, "db-password", "hunter2")
    do(R, "list", lambda: list(k.list_properties_of_secrets()))
    do(D, "begin_delete", k.begin_delete_secret, "db-password")
    do(C, "backup", k.backup_secret, "db-password")
with client("azure-cosmos") as do:
    from azure.cosmos import CosmosClient
    drive.sink.answers.insert(0, (drive._sink.re.compile(r"GET https://acme\.documents\.azure\.com:?4?4?3?/$"), {"writableLocations": [{"name": "w", "databaseAccountEndpoint": "https://acme.documents.azure.com/"}], "readableLocations": [{"name": "w", "databaseAccountEndpoint": "https://acme.documents.azure.com/"}], "enableMultipleWriteLocations": False, "userConsistencyPolicy": {"defaultConsistencyLevel": "Session"}}))
    drive.sink.answers.insert(0, (drive._sink.re.compile(r"/colls/items$"), {"_rid": "abc=", "partitionKey": {"paths": ["/pk"], "kind": "Hash", "version": 2}}))
    cl = CosmosClient("https://acme.documents.azure.com:443/", "MDEyMzQ1Njc4OWFiY2RlZg==")
    ct = cl.get_database_client("shop").get_container_client("items")
    do(R, "query_items", lambda: list(ct.query_items("SELECT * FROM c WHERE c.price > 3", partition_key="a")))
    do(R, "read_item", lambda: ct.read_item("1", "a"))
    do(W, "upsert_item", lambda: ct.upsert_item({"id": "1", "pk": "a"}))
    do(D, "delete_item", lambda: ct.delete_item("1", "a"))
    do(W, "create_database", lambda: cl.create_database("new"))
