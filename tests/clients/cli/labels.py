"""What each captured call does, said by hand from the tools' and vendors' documentation, before any decoder is asked.

A rule is `host | METHOD | path and query | body | class`, regular expressions searched in order; the first that matches decides.
`skip` leaves a request out (it is no call of the tool, or fair readers would differ). A request that no rule names is a read when its
method is safe by RFC 9110 or RFC 4918, and is listed by `build.py --unruled` otherwise."""
import re

R = "read_only"
RULES = r"""
^gitlab | GET | /variables$ | | credential_access
^sns\. | POST | . | Action=ListTopics | read_only
telemetry | POST | . | | skip
datadoghq | POST | ^/api/v1/series | | skip
^sink | PRI | . | | skip
# --- git, LFS, Mercurial, Subversion
.* | POST | /git-upload-pack$ | | read_only
.* | POST | /git-receive-pack$ | ^0000$ | skip
.* | POST | /git-receive-pack$ | | code_change
.* | GET | /info/refs | | read_only
.* | POST | /info/lfs/objects/batch$ | "operation":"download" | read_only
.* | POST | /info/lfs/objects/batch$ | | code_change
.* | POST | /info/lfs/locks/verify$ | | read_only
.* | POST | /info/lfs/verify$ | | skip
.* | POST | /info/lfs/locks | | code_change
^git-lfs | PUT | /storage/ | | code_change
^hg\. | POST | cmd=(unbundle|pushkey) | | code_change
^hg\. | POST | cmd= | | read_only
# --- Kubernetes
^k8s | POST | /selfsubject(access|rules)?reviews | | read_only
^k8s | * | dryRun=All | | read_only
^k8s | GET | /(exec|attach|portforward|proxy)(\?|$) | | infra_change
^k8s | POST | /(exec|attach|portforward|proxy|eviction)(\?|$) | | infra_change
^k8s | GET | /secrets | | credential_access
^k8s | POST | /token$ | | credential_access
^k8s | DELETE | /secrets | | data_delete
^k8s | * | /(roles|rolebindings|clusterroles|clusterrolebindings|certificatesigningrequests)[/?] | | @privilege_change
^k8s | POST | /serviceaccounts\? | | privilege_change
^k8s | POST | /secrets | | credential_access
^k8s | DELETE | . | | data_delete
^k8s | POST,PUT,PATCH | . | | infra_change
# --- Docker engine, OCI registry
^docker | POST | /auth$ | | skip
^docker | POST | /wait(\?|$) | | read_only
^docker | GET | /(export|get)(\?|$)|/archive | | skip
^docker | POST | /(build|commit|images/.*/(push|tag))(\?|$) | | code_change
^docker | POST | /secrets/create | | credential_access
^docker | DELETE | . | | data_delete
^docker | POST | prune | | data_delete
^docker | POST,PUT | . | | infra_change
^registry\.example | DELETE | /manifests/|/blobs/sha | | data_delete
^registry\.example | POST,PUT,PATCH | /v2/ | | code_change
# --- GitHub, GitLab, Jenkins, Bugzilla
^(api|uploads)\.github|^ghe | POST | /graphql$ | mutation[^{]*\{\s*(deleteIssue) | data_delete
^(api|uploads)\.github|^ghe | POST | /graphql$ | mutation[^{]*\{\s*(createRepository|mergePullRequest|archiveRepository|addPullRequestReview|createPullRequest) | code_change
^(api|uploads)\.github|^ghe | POST | /graphql$ | mutation | data_write
^(api|uploads)\.github|^ghe | POST | /graphql$ | | read_only
^(api|uploads)\.github | * | /(collaborators|keys|gpg_keys|members|memberships|protection|hooks)(/|$|\?) | | @privilege_change
^(api|uploads)\.github | * | /secrets/ | | @credential_access
^(api|uploads)\.github | PUT,PATCH,POST,DELETE | /(actions|contents|releases|pulls|forks|git)(/|$|\?) | | code_change
^(api|uploads)\.github | DELETE | . | | data_delete
^(api|uploads)\.github | PATCH | ^/repos/acme/shop$ | visibility | privilege_change
^(api|uploads)\.github | POST,PUT,PATCH | . | | data_write
^gitlab | * | /(members|users|hooks|protected_branches)(/|$|\?) | | @privilege_change
^gitlab | * | /(variables|deploy_keys|personal_access_tokens|triggers)(/|$|\?) | | @credential_access
^gitlab | DELETE | . | | data_delete
^gitlab | POST,PUT | /(merge|pipeline|branches|files)(/|$|\?) | | code_change
^gitlab | POST,PUT | . | | data_write
^jenkins | POST | /doDelete | | data_delete
^jenkins | POST | . | | code_change
^bugs\.|^bugzilla | POST | xmlrpc | <methodName>Bug\.(search|get|comments|fields|history) | read_only
^bugs\.|^bugzilla | POST | xmlrpc | <methodName>User\.(login|logout) | skip
^bugs\.|^bugzilla | POST | xmlrpc | | data_write
sentry\.io$ | POST | /envelope/|/store/ | | skip
codecov\.io | POST | . | | data_write
# --- plain HTTP clients against a made-up service
login\.example|acme-erp | POST | oauth2/token|auth/login | | skip
acme-erp | POST | /search$ | | read_only
acme-erp | POST | /graphql$ | mutation | data_write
acme-erp | POST | /graphql$ | | read_only
acme-erp | POST | /query$ | select | read_only
acme-erp | DELETE | . | | data_delete
acme-erp | PATCH | /users/ | | privilege_change
^hook\.acme-erp | POST | . | | communication
acme-erp | POST,PUT,PATCH | . | | data_write
hooks\.slack\.com | POST | . | | communication
# --- models and agents, hubs, trackers of experiments
anthropic\.com$ | POST | /v1/messages | | read_only
(anthropic|chatgpt)\.com$|statsig|/otlp/ | POST | /(api/eval|api/event_logging|otlp)/ | | skip
openai\.com$ | POST | /(chat/completions|embeddings|responses)$ | | read_only
^mcp\. | POST | . | "method":"(initialize|notifications/initialized|tools/list|resources/list|prompts/list|resources/read|prompts/get|ping|logging/setLevel|completion/complete|resources/subscribe|resources/templates/list)" | read_only
^mcp\. | POST | . | "name":"(read_file|search_issues)" | read_only
^mcp\. | POST | . | "name":"delete_file" | data_delete
^mcp\. | POST | . | . | data_write
^mcp\. | DELETE | . | | skip
huggingface | POST | /preupload/ | | read_only
huggingface | POST | /api/repos/create | | code_change
huggingface | POST,DELETE | /(tag|branch)/ | | code_change
huggingface | POST | /commit/ | | code_change
huggingface | DELETE | /api/repos/delete | | data_delete
huggingface | POST | /paths-info/ | | read_only
huggingface | POST,PUT | . | | data_write
^mlflow | POST | /search$ | | read_only
^mlflow | POST | /delete$ | | data_delete
^mlflow | POST | . | | model_change
wandb|coreweave | POST | /otel/ | | skip
wandb|coreweave | POST | /graphql$ | mutation | data_write
wandb|coreweave | POST | /graphql$ | | read_only
# --- services
twilio | POST | /Keys | | credential_access
twilio | POST | /Messages | | communication
twilio | DELETE | . | | data_delete
heroku\.com$ | POST | /otel/ | | skip
heroku\.com$ | POST | /collaborators | | privilege_change
heroku\.com$ | GET | /config-vars | | credential_access
heroku\.com$ | PATCH | /config-vars | | infra_change
heroku\.com$ | POST | /log-sessions | | skip
heroku\.com$ | POST | /oauth/authorizations | | credential_access
heroku\.com$ | DELETE | . | | data_delete
heroku\.com$ | POST,PATCH,PUT | . | | infra_change
netlify\.com$ | GET | /env | | credential_access
netlify\.com$ | DELETE | . | | data_delete
netlify\.com$ | POST,PUT,PATCH | /(deploys|files|builds) | | code_change
netlify\.com$ | POST,PUT,PATCH | . | | infra_change
api\.cloudflare | POST | /d1/.*/query$ | "sql":"select | read_only
api\.cloudflare | POST | /d1/.*/query$ | drop | schema_change
api\.cloudflare | DELETE | . | | data_delete
api\.cloudflare | PUT | /values/ | | data_write
api\.cloudflare | POST,PUT,PATCH | /workers/ | | code_change
api\.cloudflare | POST,PUT,PATCH | . | | infra_change
sparrow\.cloudflare | POST | . | | skip
sentry\.io$ | DELETE | . | | data_delete
sentry\.io$ | POST,PUT | . | | data_write
bitwarden | POST | /identity/connect/token | | skip
bitwarden | POST | /identity/accounts/prelogin | | skip
snyk\.io$ | POST,PUT | /monitor | | data_write
snyk\.io$ | POST | /test | | read_only
snyk\.io$ | POST | /analytics|/experimental | | skip
contentful | DELETE | . | | data_delete
contentful | PUT,POST | . | | infra_change
neon\.tech | DELETE | . | | data_delete
neon\.tech | POST | /roles | | privilege_change
neon\.tech | POST,PATCH | . | | infra_change
algolia | POST | /(query|queries|browse|search|rules/search|synonyms/search|facets) | | read_only
algolia | * | /keys | | @credential_access
algolia | DELETE | . | | data_delete
algolia | POST,PUT | . | | data_write
datadoghq | POST | /api/v1/(events|downtime|monitor) | | data_write
datadoghq | DELETE | . | | data_delete
datadoghq | POST,PUT | . | | data_write
linode | POST | /profile/tokens | | credential_access
linode | DELETE | . | | data_delete
linode | POST,PUT | . | | infra_change
databricks\.com$ | * | /secrets/(put|get) | | credential_access
databricks\.com$ | POST | /token/create | | credential_access
databricks\.com$ | POST | /groups/(add-member|create|remove-member) | | privilege_change
databricks\.com$ | POST | /delete$ | | data_delete
databricks\.com$ | POST | /(clusters|jobs|pipelines)/ | | infra_change
databricks\.com$ | POST,PUT,PATCH | . | | data_write
snowflakecomputing | POST | /session/v1/login-request|/session/authenticator | | skip
snowflakecomputing | POST | /telemetry|/monitoring | | skip
snowflakecomputing | POST | /session\?delete | | skip
snowflakecomputing | POST | /queries/ | select | read_only
archive\.org$ | POST | . | | data_write
archive\.org$ | PUT | . | | data_write
archive\.org$ | DELETE | . | | data_delete
backblaze | POST | /b2_(list|get|authorize) | | read_only
(telegram|discord|ntfy|gotify|pushover|mattermost|rocket|office|mailgun|sendgrid|pagerduty|opsgenie|pushbullet|matrix|zulip|ifttt|nextcloud|hass|webex|chat\.google|googleapis|lametric|microsoft)|^cloud\.acme-erp | POST,PUT | /(login|tokens) | | skip
rocket | POST | /logout | | skip
matrix | POST | /logout | | skip
matrix | POST | /join | | communication
(telegram|discord|ntfy|gotify|pushover|mattermost|rocket|office|mailgun|sendgrid|pagerduty|opsgenie|pushbullet|matrix|zulip|ifttt|hass|webex|^chat\.google|lametric|^192\.0) | POST,PUT | . | | communication
surge\.sh | DELETE | . | | data_delete
mastodon | POST | /statuses$|/follow$ | | communication
mastodon | DELETE | . | | data_delete
blob\.core\.windows | DELETE | . | | data_delete
(blob|queue|table)\.core\.windows | PUT,POST | . | | data_write
login\.microsoftonline | POST | . | | skip
sns\.us-east-1 | POST | . | | communication
serverless|slscommunity | POST | . | | skip
modal\.com | POST | . | List|Get | read_only
# --- infrastructure tools
^state\. | LOCK,UNLOCK | . | | skip
^state\. | POST,PUT | . | | infra_change
^state\. | DELETE | . | | data_delete
^app\.terraform\.io | POST | /actions/(lock|unlock|force-unlock) | | infra_change
^app\.terraform\.io | POST,PATCH,DELETE | . | | infra_change
^archivist | PUT | . | | infra_change
^etcd | POST | /(v3/kv/range|v3/kv/txn_range)$|etcdserverpb\.(KV/Range|Cluster/MemberList|Maintenance/(Status|Hash|Alarm)|Lease/LeaseLeases|Auth/(UserGet|UserList|RoleGet|RoleList)|Watch/Watch) | | read_only
^etcd | POST | Auth/(RoleAdd|RoleGrant|RoleRevoke|RoleDelete|UserAdd|UserDelete|UserGrant|UserRevoke|AuthEnable|AuthDisable) | | privilege_change
^etcd | POST | Auth/(Authenticate|UserChangePassword) | | credential_access
^etcd | POST | Maintenance/Snapshot | | data_export
^etcd | POST | deleterange|DeleteRange|Compact | | data_delete
^etcd | POST | . | | data_write
^prometheus | POST | /admin/tsdb/delete_series | | data_delete
^prometheus | POST | /admin/tsdb/snapshot | | data_export
^prometheus | POST | /-/ | | infra_change
^prometheus | POST | /api/v1/(query|query_range|series|labels|query_exemplars|format_query) | | read_only
^alertmanager | POST | . | | infra_change
^alertmanager | DELETE | . | | data_delete
^influx | POST | /query | q=(show|select|SHOW|SELECT)|[?&]q=(show|select) | read_only
^influx | POST | /query\S*q=(show|select) | | read_only
^influx | POST | q=drop | | schema_change
^influx | POST | q=create\+user | | privilege_change
^influx | POST | /write | | data_write
^vault\. | GET,LIST | /sys/(health|seal-status|internal|mounts|auth|policies)|/metadata|/lookup-self | | read_only
^vault\. | LIST | . | | read_only
^vault\. | GET | list=true | | read_only
^vault\. | GET | /(secret|database|kv|pki|aws)/ | | credential_access
^vault\. | POST | /auth/\w+/login | | skip
^vault\. | PUT,POST | /sys/policies | | privilege_change
^vault\. | PUT,POST | /sys/seal | | infra_change
^vault\. | POST,PUT | /transit/encrypt | | read_only
^vault\. | POST,PUT | /(secret|kv)/ | | credential_access
^vault\. | DELETE | . | | data_delete
^consul | PUT | /kv/ | | data_write
^consul | DELETE | . | | data_delete
^consul | PUT | /acl/ | | credential_access
^consul | PUT | /txn | | data_write
^consul | PUT | . | | infra_change
^identity\.cloud | POST | /auth/tokens | | skip
^identity\.cloud | * | /roles|/users | | @privilege_change
^identity\.cloud | POST | (credentials) | | credential_access
^image\.cloud|^compute\.cloud|^volume\.cloud|^network\.cloud | DELETE | . | | data_delete
^compute\.cloud | POST | /action$ | os-getConsoleOutput | read_only
\.cloud\.example | POST,PUT,PATCH | ^/v[\d.]+/(servers|security-group|os-|volumes|networks) | | infra_change
^swift | POST | . | | privilege_change
^swift | PUT | . | | data_write
^swift | DELETE | . | | data_delete
^elastic\. | POST | /(_search|_count|_msearch|_mget|_sql|_analyze)(\?|$)|_validate | | read_only
^elastic\. | POST | /_refresh|/orders/_search/scroll | | skip
^elastic\. | POST | _delete_by_query | | data_delete
^elastic\. | DELETE | /_search/scroll | | read_only
^elastic\. | DELETE | . | | data_delete
^elastic\. | PUT,POST | _settings|_mapping|_close|_forcemerge|^/orders$ | | schema_change
^elastic\. | PUT | /_snapshot/ | | data_export
^elastic\. | POST | /_security/api_key | | credential_access
^elastic\. | POST,PUT | . | | data_write
^acme-v02 | POST | /acme/(acct|order|authz|chall|cert)/ | | skip
^acme-v02 | POST | /new-acct | | credential_access
^acme-v02 | POST | . | | credential_access
^torrent | POST | . | "method":\s*"(torrent-get|session-get|session-stats|free-space)" | read_only
^torrent | POST | . | "delete-local-data": | data_delete
^torrent | POST | . | | data_write
# --- package registries
^registry\. | POST | /-/npm/v1/security/(advisories/bulk|audits) | | read_only
^registry\. | PUT | ^/[^/]+$ | "users":\{ | data_write
^registry\. | PUT | /-rev/ | "maintainers":\[[^]]*\]\}$ | privilege_change
^registry\. | * | /-/(npm/v1/tokens|user/token) | | @credential_access
^registry\. | PUT,DELETE,POST | /-/(org|team|package/.*/(access|collaborators)) | | privilege_change
^registry\. | DELETE | \.tgz | | data_delete
^registry\. | PUT,DELETE | . | | code_change
pypi | POST | ^/legacy | | code_change
^api\.osv\.dev | POST | /v1/query | | read_only
^crates\.io | * | /owners | | @privilege_change
^crates\.io | DELETE,PUT | . | | code_change
^rubygems\.org | * | /owners | | @privilege_change
^rubygems\.org | GET | /api/v1/api_key | | credential_access
^rubygems\.org | POST,DELETE | . | | code_change
^nexus | PUT | . | | code_change
^galaxy | POST | /artifacts/collections | | code_change
^conan | GET | authenticate | | skip
^devpi | * | \+login | | skip
anaconda | GET,HEAD | . | | read_only
anaconda | POST,PUT,PATCH | . | | code_change
anaconda | DELETE | . | | data_delete
# --- AWS: X-Amz-Target (put before the body), then query actions, then REST routes
amazonaws\.com$ | POST | . | ^\S+\.(GetSecretValue|Decrypt|GetParameter|PutSecretValue|GetAuthorizationToken)\b | credential_access
amazonaws\.com$ | POST | . | ^\S+\.(Describe|List|Get|BatchGet|Query|Scan|FilterLogEvents|StartQuery|LookupEvents|ReceiveMessage)\b | read_only
amazonaws\.com$ | POST | . | ^\S+\.(Describe|List|Get|Search|BatchGet|Lookup|Filter)\w* | read_only
amazonaws\.com$ | POST | . | ^\S+\.Encrypt\b | data_write
amazonaws\.com$ | POST | . | ^\S+\.CreateExportTask | data_export
amazonaws\.com$ | POST | . | ^\S+\.(ExecuteStatement|StartQueryExecution) .*(select) | read_only
amazonaws\.com$ | POST | . | ^\S+\.(ExecuteStatement|StartQueryExecution) .*(unload) | data_export
amazonaws\.com$ | POST | . | ^\S+\.(ExecuteStatement|StartQueryExecution) .*(delete) | data_delete
amazonaws\.com$ | POST | . | ^\S+\.(ExecuteStatement|StartQueryExecution) .*(drop) | schema_change
amazonaws\.com$ | POST | . | ^\S+\.(Delete|Purge|ScheduleKeyDeletion) | data_delete
amazonaws\.com$ | POST | . | ^\S+\.(PutItem|PutRecord) | data_write
amazonaws\.com$ | POST | . | ^\S+\.SendMessage | communication
amazonaws\.com$ | POST | . | ^\S+\.CreateTrainingJob | model_change
amazonaws\.com$ | POST | . | ^\S+\.[A-Z] | infra_change
^lambda\. | POST | /invocations$ | | infra_change
^lambda\. | PUT | /code$ | | code_change
^lambda\. | POST | /policy$ | | privilege_change
^lambda\. | DELETE | . | | data_delete
^bedrock-runtime | POST | . | | read_only
^eks\. | POST | . | | infra_change
^config\. | POST | . | | read_only
^athena\. | POST | . | | skip
^email\. | POST | . | | communication
amazonaws\.com$ | POST | . | (^|&)Action=AssumeRole | credential_access
amazonaws\.com$ | POST | . | (^|&)Action=(Create|Delete)AccessKey | credential_access
amazonaws\.com$ | POST | . | (^|&)Action=(GetPasswordData) | credential_access
amazonaws\.com$ | POST | . | (^|&)Action=(Describe|List|Get|Simulate|Validate) | read_only
amazonaws\.com$ | POST | . | (^|&)Action=(AttachUserPolicy|CreateUser|DeleteUser) | privilege_change
amazonaws\.com$ | POST | . | (^|&)Action=(SendEmail|Publish) | communication
amazonaws\.com$ | POST | . | (^|&)Action=Delete | data_delete
amazonaws\.com$ | POST | . | (^|&)Action=StartExportTask | data_export
amazonaws\.com$ | POST | . | (^|&)Action=PutMetricData | data_write
amazonaws\.com$ | POST | . | (^|&)Action= | infra_change
# --- Google
oauth2\.googleapis|accounts\.google | POST | . | | skip
googleapis\.com$ | POST | :getIamPolicy|/entries:list|:testIamPermissions|:batchGet|:query|:search | | read_only
googleapis\.com$ | GET | :access | | credential_access
googleapis\.com$ | POST,PUT | :setIamPolicy|/iam|/acl | | privilege_change
googleapis\.com$ | POST | /serviceAccounts/.*/keys | | credential_access
googleapis\.com$ | POST | /serviceAccounts | | privilege_change
^secretmanager | POST | . | | credential_access
^bigquery | POST | /(jobs|queries) | "dryRun": true | read_only
^bigquery | POST | /(jobs|queries) | "query": "select | read_only
^bigquery | POST | /(jobs|queries) | "extract" | data_export
^bigquery | POST | /(jobs|queries) | "query": "delete | data_delete
^bigquery | POST | /(jobs|queries) | "load" | data_write
^bigquery | POST | /datasets$ | | schema_change
^sqladmin | POST | /export | | data_export
^pubsub | POST | :publish | | data_write
^(storage|www|bigquery)\. | DELETE | . | | data_delete
^(storage|www|bigquery)\. | PUT | . | | data_write
^(storage|www)\. | POST,PUT,PATCH | . | | data_write
^(compute|run|.*-run|container|serviceusage)\. | POST,PUT,PATCH,DELETE | . | | infra_change
# --- object stores, files, backups
dropboxapi | POST | /(list_folder|get_metadata|get_current_account|get_space_usage|list_shared_links|list_folder/continue|search_v2|download|list_revisions|get_temporary_link) | | read_only
dropboxapi | POST | /sharing/ | | privilege_change
dropboxapi | POST | delete | | data_delete
dropboxapi | POST | . | | data_write
^(s3|minio|.*\.s3)\b.* | PUT,DELETE | \?(acl|policy) | | privilege_change
^(s3|minio|.*\.s3)\b.* | POST | \?delete | | data_delete
^(s3|minio|.*\.s3)\b.* | PUT | \?(lifecycle|versioning) | | infra_change
^(s3|minio|.*\.s3)\b.* | POST | select-type|\?select | | read_only
^(s3|minio|.*\.s3)\b.* | DELETE | . | | data_delete
^(s3|minio|.*\.s3)\b.* | PUT,POST | . | | data_write
graph\.microsoft | DELETE | . | | data_delete
graph\.microsoft | PUT,POST,PATCH | . | | data_write
^backup | DELETE | /locks/ | | data_delete
^backup | POST | /keys/ | | credential_access
^backup | DELETE | . | | data_delete
^backup | POST | . | | data_write
^dav | MKCOL,PUT,COPY,MOVE,LOCK,UNLOCK,PROPPATCH | . | | data_write
^dav | DELETE | . | | data_delete
"""


def compile_rules(text):
    out = []
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        p = [x.strip() for x in re.split(r"\s\|(?=\s)", line)]
        host, methods, path, body, cls = p
        out.append((re.compile(host), None if methods == "*" else set(methods.split(",")), re.compile(path), re.compile(body) if body else None, cls))
    return out


SAFE = {"GET", "HEAD", "OPTIONS", "PROPFIND", "REPORT", "SEARCH", "LIST"}
def label(client, method, host, path, body, target, rules):
    """The class of the call, `skip`, or None when nobody has named it."""
    name = host.split(":")[0]
    for h, m, p, b, cls in rules:
        if h.search(name) and (m is None or method in m) and p.search(path) and (b is None or b.search(body)):
            if cls.startswith("@"):
                return R if method in SAFE else cls[1:]
            return cls
    return R if method in SAFE else None


def rules():
    return compile_rules(RULES)
