//! What developers' tools send to servers that people host themselves, and what it is: `METHOD HOST/PATH [BODY] CLASS`.
//! The requests are written from the tools' documented APIs. `form:` and `lines:` say what a body is; `|` ends a line.

use super::*;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn classes_are_right(table: &str) {
    let mut wrong = Vec::new();
    for row in table.lines().map(str::trim).filter(|row| !row.is_empty()) {
        let (method, rest) = row.split_once(' ').unwrap();
        let (rest, expected) = rest.rsplit_once(' ').unwrap();
        let (url, body) = rest.split_once(' ').unwrap_or((rest, ""));
        let (host, path) = url.split_at(url.find('/').unwrap());
        let (kind, body) = match (body.strip_prefix("form:"), body.strip_prefix("lines:")) {
            (Some(form), _) => ("application/x-www-form-urlencoded", form.to_owned()),
            (_, Some(lines)) => ("application/x-ndjson", lines.replace('|', "\n")),
            _ => ("application/json", body.to_owned()),
        };
        let headers: &[(&str, &str)] = if body.is_empty() { &[] } else { &[("content-type", kind)] };
        let call = call(method, host, path, headers);
        let found = match decode(&call, Body::Read(body.as_bytes())) {
            Decoded::Known(members) => {
                members.iter().map(|member| member.action.class).max().unwrap().as_str()
            }
            Decoded::Undecodable(_) => "undecodable",
            Decoded::NeedsBody | Decoded::Contradiction(_) => "none",
        };
        if found != expected {
            wrong.push(format!("{row}: found {found}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn search_stores_are_read_by_post_and_changed_by_their_verbs() {
    classes_are_right(
        r#"
        POST es:9200/logs-*/_search {"query":{"match_all":{}}} read_only
        GET es:9200/_search {"size":0} read_only
        POST es:9200/_msearch lines:{}|{"query":{}}| read_only
        POST es:9200/a/_count {} read_only
        POST es:9200/a/_mget {"ids":["1"]} read_only
        GET es:9200/_cat/indices?v read_only
        POST es:9200/a/_pit?keep_alive=1m read_only
        DELETE es:9200/_pit {"id":"x"} read_only
        POST es:9200/_search/scroll {"scroll_id":"x"} read_only
        DELETE es:9200/_search/scroll {"scroll_id":"x"} read_only
        POST es:9200/_security/user/_has_privileges {} read_only
        PUT es:9200/a/_doc/1 {"x":1} data_write
        POST es:9200/a/_update/1 {"doc":{}} data_write
        POST es:9200/_bulk lines:{"index":{"_index":"a"}}|{"x":1}| data_write
        POST es:9200/a/_bulk lines:{"delete":{"_id":"1"}}| data_delete
        POST es:9200/a/_delete_by_query {"query":{}} data_delete
        DELETE es:9200/a data_delete
        PUT es:9200/a/_mapping {"properties":{}} schema_change
        PUT es:9200/_security/role/x {} privilege_change
        POST es:9200/_security/api_key {"name":"x"} credential_access
        PUT es:9200/_snapshot/r/s {} data_export
        PUT es:9200/_cluster/settings {"persistent":{}} infra_change
        POST solr:8983/solr/c/select form:q=*:* read_only
        POST solr:8983/solr/c/update {"delete":{"id":"1"}} data_write
        GET solr:8983/solr/admin/collections?action=DELETE&name=c data_delete
        GET solr:8983/solr/admin/collections?action=CLUSTERSTATUS read_only
        POST couch:5984/db/_find {"selector":{}} read_only
        POST couch:5984/db/_all_docs {"keys":[]} read_only
        POST couch:5984/db/_bulk_docs {"docs":[{"_id":"1"}]} data_write
        POST couch:5984/db/_bulk_docs {"docs":[{"_id":"1","_deleted":true}]} data_delete
        PUT couch:5984/db/_security {"admins":{}} privilege_change
        POST meili:7700/indexes/m/search {"q":"x"} read_only
        POST meili:7700/multi-search {"queries":[]} read_only
        POST meili:7700/indexes/m/documents [{"id":1}] data_write
        POST ts:8108/multi_search {"searches":[]} read_only
        POST x-dsn.algolia.net/1/indexes/*/queries {"requests":[]} read_only
        POST x.algolia.net/1/indexes/i/query {"params":"q"} read_only
        POST x.algolia.net/1/indexes/i/batch {"requests":[{"action":"addObject"}]} data_write
        POST x.algolia.net/1/indexes/i/batch {"requests":[{"action":"deleteObject"}]} data_delete
        POST x.algolia.net/1/keys {"acl":["search"]} credential_access
        "#,
    );
}

#[test]
fn vector_stores_are_read_by_post() {
    classes_are_right(
        r#"
        POST q:6333/collections/c/points/search {"vector":[]} read_only
        POST q:6333/collections/c/points/query {} read_only
        POST q:6333/collections/c/points/scroll {} read_only
        PUT q:6333/collections/c/points {"points":[]} data_write
        POST q:6333/collections/c/points/delete {"points":[1]} data_delete
        POST w:8080/v1/objects {"class":"A"} data_write
        POST w:8080/v1/batch/objects {"objects":[]} data_write
        DELETE w:8080/v1/schema/A data_delete
        POST c:8000/api/v2/tenants/t/databases/d/collections/7/query {"query_embeddings":[]} read_only
        POST c:8000/api/v1/collections/7/get {} read_only
        POST c:8000/api/v1/collections/7/upsert {"ids":[]} data_write
        POST c:8000/api/v1/collections/7/delete {"ids":["a"]} data_delete
        POST m:19530/v2/vectordb/entities/search {"collectionName":"c"} read_only
        POST m:19530/v2/vectordb/entities/delete {"collectionName":"c"} data_delete
        POST m:19530/v2/vectordb/collections/drop {"collectionName":"c"} data_delete
        POST i-1.svc.us-east1-gcp.pinecone.io/query {"topK":1} read_only
        POST i-1.svc.us-east1-gcp.pinecone.io/vectors/upsert {"vectors":[]} data_write
        POST i-1.svc.us-east1-gcp.pinecone.io/vectors/delete {"deleteAll":true} data_delete
        "#,
    );
}

#[test]
fn secret_managers_and_registries_of_services_have_their_classes() {
    classes_are_right(
        r#"
        GET v:8200/v1/sys/health read_only
        GET v:8200/v1/auth/token/lookup-self read_only
        PUT v:8200/v1/auth/approle/login {"role_id":"x"} read_only
        GET v:8200/v1/secret/data/app/db credential_access
        POST v:8200/v1/secret/data/app/db {"data":{}} credential_access
        LIST v:8200/v1/secret/metadata/app read_only
        PUT v:8200/v1/sys/policies/acl/admin {"policy":"x"} privilege_change
        POST v:8200/v1/sys/auth/github {"type":"github"} privilege_change
        POST v:8200/v1/auth/token/create {"policies":["root"]} credential_access
        GET v:8200/v1/database/creds/app credential_access
        GET v:8200/v1/team-a/data/db credential_access
        GET vault.internal/v1/team-a/db credential_access
        GET vault.internal/v1/team-a/roles read_only
        GET app.internal/v1/team-a/data/db read_only
        GET v:8200/v1/sys/mounts read_only
        POST v:8200/v1/team-a/roles/x {"ttl":1} privilege_change
        PUT v:8200/v1/sys/seal infra_change
        PUT v:8200/v1/sys/capabilities-self {"paths":["x"]} read_only
        GET c:8500/v1/kv/app/config read_only
        PUT c:8500/v1/kv/app/config data_write
        DELETE c:8500/v1/kv/app?recurse data_delete
        PUT c:8500/v1/acl/policy {"Name":"x"} privilege_change
        PUT c:8500/v1/acl/token {"Policies":[]} credential_access
        PUT c:8500/v1/agent/service/register {"Name":"x"} infra_change
        GET c:8500/v1/health/service/web?passing=1 read_only
        POST n:4646/v1/job/web {"Job":{}} infra_change
        POST n:4646/v1/job/web/plan {"Job":{}} read_only
        POST e:2379/v3/kv/range {"key":"Zm9v"} read_only
        POST e:2379/v3/kv/put {"key":"Zm9v"} data_write
        POST e:2379/v3/kv/deleterange {"key":"Zm9v"} data_delete
        POST e:2379/v3/auth/role/grant {"name":"r"} privilege_change
        GET op:8080/v1/vaults/v/items/i credential_access
        "#,
    );
}

#[test]
fn publishing_a_package_changes_code_and_asking_about_one_does_not() {
    classes_are_right(
        r#"
        GET registry.npmjs.org/left-pad read_only
        POST registry.npmjs.org/-/npm/v1/security/advisories/bulk {"left-pad":["1.0.0"]} read_only
        PUT registry.npmjs.org/left-pad {"name":"left-pad"} code_change
        PUT registry.npmjs.org/-/package/left-pad/dist-tags/latest "1.0.0" code_change
        POST registry.npmjs.org/-/npm/v1/tokens {"password":"x"} credential_access
        POST upload.pypi.org/legacy/ code_change
        GET pypi.org/simple/requests/ read_only
        GET pypi.org/simple/secrets/ read_only
        GET registry.npmjs.org/delete read_only
        GET proxy.golang.org/github.com/a/export/@v/list read_only
        PUT crates.io/api/v1/crates/new code_change
        DELETE crates.io/api/v1/crates/serde/1.0.0/yank code_change
        PUT crates.io/api/v1/crates/serde/owners {"users":["x"]} privilege_change
        POST rubygems.org/api/v1/gems code_change
        PUT www.nuget.org/api/v2/package code_change
        PUT nexus:8081/repository/maven-releases/a/b/1/b-1.jar code_change
        POST a.jfrog.io/artifactory/api/search/aql read_only
        PUT a.jfrog.io/artifactory/libs/a/b-1.jar code_change
        POST a.jfrog.io/access/api/v1/tokens form:scope=x credential_access
        POST hub.docker.com/v2/users/login {"username":"x"} read_only
        DELETE hub.docker.com/v2/repositories/a/b/tags/v1/ data_delete
        POST harbor.internal/api/v2.0/robots {"name":"x"} credential_access
        POST museum:8080/api/charts code_change
        "#,
    );
}

#[test]
fn build_servers_and_forges_have_their_classes() {
    classes_are_right(
        r#"
        GET app.terraform.io/api/v2/organizations/o/workspaces/w read_only
        POST app.terraform.io/api/v2/runs {"data":{}} infra_change
        POST app.terraform.io/api/v2/runs/run-1/actions/apply {} infra_change
        POST app.terraform.io/api/v2/workspaces/ws-1/vars {"data":{}} credential_access
        POST j:8080/job/a/job/b/build infra_change
        POST j:8080/jenkins/scriptText form:script=x infra_change
        POST j:8080/createItem?name=x code_change
        GET j:8080/job/a/lastBuild/api/json read_only
        POST gitlab.com/api/v4/projects/1/merge_requests {"title":"x"} code_change
        PUT gitlab.com/api/v4/projects/1/merge_requests/2/merge {} code_change
        POST gl.internal/api/v4/projects/a%2Fb/members {"user_id":1} privilege_change
        GET gl.internal/api/v4/projects/1/variables credential_access
        POST gl.internal/api/v4/projects/1/issues {"title":"x"} data_write
        POST gl.internal/api/v4/projects/1/ci/lint {"content":"x"} read_only
        GET gl.internal/api/v4/projects/1/repository/tree read_only
        POST gitea:3000/api/v1/repos/a/b/pulls/1/merge {"Do":"merge"} code_change
        PUT gitea:3000/api/v1/repos/a/b/collaborators/eve {"permission":"admin"} privilege_change
        POST gitea:3000/api/v1/markdown {"Text":"x"} read_only
        POST api.bitbucket.org/2.0/repositories/w/r/pullrequests {"title":"x"} code_change
        POST gerrit:8080/a/changes/1/submit {} code_change
        POST argocd:443/api/v1/session {"username":"x"} read_only
        POST argocd:443/api/v1/applications/web/sync {"prune":true} infra_change
        POST argocd:443/api/v1/projects/p/roles/r/token {} credential_access
        POST circleci.com/api/v2/project/gh/o/r/pipeline {"branch":"main"} infra_change
        "#,
    );
}

#[test]
fn identity_providers_are_asked_and_changed() {
    classes_are_right(
        r#"
        POST kc:8080/realms/r/protocol/openid-connect/token form:grant_type=password read_only
        POST kc:8080/admin/realms/r/users {"username":"x"} privilege_change
        POST kc:8080/auth/admin/realms/r/users/1/role-mappings/realm [] privilege_change
        PUT kc:8080/admin/realms/r/users/1/reset-password {"value":"x"} credential_access
        GET kc:8080/admin/realms/r/users?search=x read_only
        GET kc:8080/admin/realms/r/clients/1/client-secret credential_access
        POST t.eu.auth0.com/oauth/token {"grant_type":"client_credentials"} read_only
        POST t.eu.auth0.com/api/v2/users/1/roles {"roles":["x"]} privilege_change
        POST t.eu.auth0.com/api/v2/jobs/users-exports {} data_export
        POST idp.internal/scim/v2/Users {"userName":"x"} privilege_change
        POST idp.internal/scim/v2/Users/.search {"filter":"x"} read_only
        PATCH idp.internal/scim/v2/Groups/1 {"Operations":[]} privilege_change
        "#,
    );
}

#[test]
fn monitoring_is_queried_by_post_and_told_by_write() {
    classes_are_right(
        r#"
        POST prom:9090/api/v1/query_range form:query=up read_only
        GET prom:9090/api/v1/query?query=sum(rate(x[5m])) read_only
        POST prom:9090/api/v1/query form:query=delete+from+t data_delete
        POST prom:9090/api/v1/labels {"name":"x"} data_write
        POST prom:9090/api/v1/series form:match[]=up read_only
        POST prom:9090/api/v1/admin/tsdb/delete_series data_delete
        POST prom:9090/api/v1/write data_write
        POST am:9093/api/v2/silences {"matchers":[]} infra_change
        POST loki:3100/loki/api/v1/query_range form:query=%7Bapp%3D%22x%22%7D read_only
        POST otel:4318/v1/traces {"resourceSpans":[]} read_only
        POST g:3000/api/dashboards/db {"dashboard":{}} data_write
        GET g:3000/api/search?query=x read_only
        POST g:3000/api/serviceaccounts/1/tokens {"name":"x"} credential_access
        POST g:3000/api/datasources {"name":"x"} infra_change
        POST influx:8086/api/v2/write?bucket=b data_write
        POST influx:8086/api/v2/delete?bucket=b {"start":"x"} data_delete
        POST api.datadoghq.com/api/v2/series {"series":[]} read_only
        POST o1.ingest.sentry.io/api/1/envelope/ read_only
        "#,
    );
}

#[test]
fn trackers_wikis_and_chat_have_their_classes() {
    classes_are_right(
        r#"
        POST a.atlassian.net/rest/api/3/search/jql {"jql":"x"} read_only
        POST jira.internal/rest/api/2/search {"jql":"x"} read_only
        POST jira.internal/rest/api/2/issue {"fields":{}} data_write
        POST jira.internal/rest/api/2/issue/A-1/transitions {"transition":{}} data_write
        DELETE jira.internal/rest/api/2/issue/A-1 data_delete
        POST a.atlassian.net/wiki/api/v2/pages {"title":"x"} data_write
        POST wiki.internal/w/api.php form:action=query&titles=X read_only
        POST wiki.internal/w/api.php form:action=edit&title=X data_write
        POST wiki.internal/w/api.php form:action=delete&title=X data_delete
        POST wiki.internal/w/api.php form:action=userrights&user=x privilege_change
        POST mm.internal/api/v4/posts {"channel_id":"x"} communication
        POST mm.internal/api/v4/users/login {"login_id":"x"} read_only
        POST mm.internal/api/v4/channels/search {"term":"x"} read_only
        PUT matrix.org/_matrix/client/v3/rooms/!a/send/m.room.message/1 {"body":"x"} communication
        GET matrix.org/_matrix/client/v3/sync read_only
        POST rc.internal/api/v1/chat.postMessage {"text":"x"} communication
        POST ha:8123/api/services/light/turn_on {"entity_id":"x"} infra_change
        POST ha:8123/api/services/notify/phone {"message":"x"} communication
        POST phab.internal/api/maniphest.search form:a=b read_only
        "#,
    );
}

#[test]
fn model_hubs_and_pipelines_have_their_classes() {
    classes_are_right(
        r#"
        POST mlflow:5000/api/2.0/mlflow/runs/search {"experiment_ids":["1"]} read_only
        POST mlflow:5000/api/2.0/mlflow/runs/log-metric {"run_id":"x"} data_write
        POST mlflow:5000/api/2.0/mlflow/model-versions/transition-stage {"stage":"Production"} model_change
        POST huggingface.co/api/models/a/b/commit/main code_change
        POST huggingface.co/api/models/a/b/preupload/main {"files":[]} read_only
        POST huggingface.co/api/repos/create {"name":"x"} code_change
        GET huggingface.co/a/secrets/resolve/main/config.json read_only
        DELETE huggingface.co/api/repos/delete {"name":"x"} data_delete
        POST o:11434/api/chat {"model":"x"} read_only
        POST o:11434/api/generate {"model":"x"} read_only
        POST o:11434/api/pull {"model":"x"} model_change
        POST chat.internal/api/chat {"message":"x"} data_write
        DELETE o:11434/api/delete {"model":"x"} model_change
        POST vllm:8000/v1/chat/completions {"model":"x"} read_only
        POST vllm:8000/v1/embeddings {"model":"x"} read_only
        POST triton:8000/v2/models/m/infer {"inputs":[]} read_only
        POST triton:8000/v2/repository/models/m/load {} model_change
        POST airflow:8080/api/v1/dags/d/dagRuns {"conf":{}} infra_change
        POST airflow:8080/api/v1/dags/~/dagRuns/list {} read_only
        POST prefect:4200/api/flow_runs/filter {} read_only
        POST prefect:4200/api/deployments/1/create_flow_run {} infra_change
        PUT lab:8888/api/contents/a.ipynb {"type":"notebook"} code_change
        POST ray:8265/api/jobs/ {"entrypoint":"x"} infra_change
        "#,
    );
}

#[test]
fn queues_and_machines_have_their_classes() {
    classes_are_right(
        r#"
        POST kr:8082/topics/t {"records":[]} data_write
        DELETE kr:8082/v3/clusters/c/topics/t data_delete
        POST sr:8081/subjects/s/versions {"schema":"x"} schema_change
        POST sr:8081/compatibility/subjects/s/versions/latest {"schema":"x"} read_only
        POST kc:8083/connectors {"name":"x"} infra_change
        PUT kc:8083/connector-plugins/X/config/validate {"a":"b"} read_only
        POST r:15672/api/exchanges/%2F/amq.default/publish {"payload":"x"} data_write
        PUT r:15672/api/permissions/%2F/guest {"write":".*"} privilege_change
        DELETE r:15672/api/queues/%2F/q data_delete
        PUT h:9870/webhdfs/v1/a/b?op=SETPERMISSION&permission=777 privilege_change
        DELETE h:9870/webhdfs/v1/a/b?op=DELETE&recursive=true data_delete
        GET h:9870/webhdfs/v1/a/b?op=LISTSTATUS read_only
        POST p:8006/api2/json/access/ticket form:username=x read_only
        POST p:8006/api2/json/nodes/n/qemu/100/status/stop infra_change
        DELETE p:8006/api2/json/nodes/n/qemu/100 data_delete
        POST os:5000/v3/auth/tokens {"auth":{}} read_only
        POST awx.internal/api/v2/job_templates/7/launch/ {"extra_vars":{}} infra_change
        POST vc.internal/api/session read_only
        POST mb:3000/api/dataset {"database":1} data_write
        "#,
    );
}
