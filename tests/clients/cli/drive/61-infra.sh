. "$(dirname "$0")/../lib.sh"
rm -rf tf; mkdir -p tf; cd tf
cat > main.tf <<Y
terraform {
  backend "http" {
    address = "https://state.example.com/state/shop"
    lock_address = "https://state.example.com/state/shop/lock"
    unlock_address = "https://state.example.com/state/shop/lock"
    username = "sam"
    password = "REDACTED"
  }
}
resource "terraform_data" "a" { input = "x" }
output "o" { value = 1 }
Y
export TF_IN_AUTOMATION=1 CHECKPOINT_DISABLE=1 TF_CLI_CONFIG_FILE=$C/tfrc
echo 'credentials "app.terraform.io" { token = "REDACTED" }' > "$C/tfrc"
c terraform terraform init -input=false -no-color; c terraform terraform plan -input=false -no-color; c terraform terraform apply -auto-approve -input=false -no-color; c terraform terraform state list; c terraform terraform output; c terraform terraform state rm terraform_data.a; c terraform terraform force-unlock -force x; c terraform terraform destroy -auto-approve -no-color; c terraform terraform show
cd ..; rm -rf tf2; mkdir tf2; cd tf2
cat > main.tf <<Y
terraform {
  cloud {
    organization = "acme"
    workspaces { name = "prod" }
  }
}
output "o" { value = 1 }
Y
c terraform terraform init -input=false -no-color; c terraform terraform plan -input=false -no-color; c terraform terraform apply -auto-approve -no-color; c terraform terraform state list; c terraform terraform workspace list; c terraform terraform workspace show; c terraform terraform force-unlock -force x
sed -i 's/prod/newone/' main.tf; rm -rf .terraform; c terraform terraform init -input=false -no-color
cd ..
export ETCDCTL_API=3; e() { c etcdctl etcdctl --endpoints=https://etcd.example.com:443 --cacert=$C/bundle.pem "$@"; }
e put k v; e get k; e get --prefix k; e del k; e lease grant 60; e role add r; e user add u:REDACTED; e role grant-permission r readwrite k; e member list; e endpoint status; e compact 2; e snapshot save "$W/snap"; e alarm list
for v in 3; do for a in "/v3/kv/range -d {\"key\":\"aw==\"}" "/v3/kv/put -d {\"key\":\"aw==\",\"value\":\"dg==\"}" "/v3/kv/deleterange -d {\"key\":\"aw==\"}"; do c etcd-gateway curl -s http://etcd.example.com$a; done; done
P=http://prometheus.example.com:9090
c promtool promtool query instant $P up; c promtool promtool query range --start=1772366400 --end=1772366460 $P up; c promtool promtool query labels $P job; c promtool promtool query series --match=up $P; c promtool promtool check healthy --url $P; c promtool promtool debug metrics $P
c amtool amtool --alertmanager.url=http://alertmanager.example.com:9093 alert query; c amtool amtool --alertmanager.url=http://alertmanager.example.com:9093 silence add alertname=x -c maintenance -a sam; c amtool amtool --alertmanager.url=http://alertmanager.example.com:9093 silence query; c amtool amtool --alertmanager.url=http://alertmanager.example.com:9093 silence expire 1; c amtool amtool --alertmanager.url=http://alertmanager.example.com:9093 alert add x a=b; c amtool amtool --alertmanager.url=http://alertmanager.example.com:9093 config show
c curl-prom curl -s -XPOST $P/api/v1/admin/tsdb/snapshot; c curl-prom curl -s -XPOST "$P/api/v1/admin/tsdb/delete_series?match[]=up"; c curl-prom curl -s -XPOST $P/-/reload; c curl-prom curl -s -d 'query=up' $P/api/v1/query
c influx influx -host influx.example.com -port 8086 -execute 'show databases'; c influx influx -host influx.example.com -port 8086 -database d -execute 'select * from cpu limit 1'; c influx influx -host influx.example.com -port 8086 -database d -execute 'drop measurement cpu'; c influx influx -host influx.example.com -port 8086 -database d -execute 'insert cpu v=1'; c influx influx -host influx.example.com -port 8086 -execute 'create user x with password '"'REDACTED'"' with all privileges'
v() { c vault-cli $B/vault-cli --url https://vault.example.com --token REDACTED --base-path secret/ "$@"; }
v get db; v list; v set db password=REDACTED; v delete db; v get-all; v lookup-token; v mv a b --force
for a in "-XGET /v1/sys/health" "-XPOST /v1/auth/approle/login" "-XGET /v1/secret/data/db" "-XLIST /v1/secret/metadata" "-XPUT /v1/sys/policies/acl/admin" "-XPOST /v1/transit/encrypt/k" "-XPUT /v1/sys/seal" "-XGET /v1/database/creds/app"; do set -- $a; c curl-vault curl -s -H 'X-Vault-Token: REDACTED' $1 https://vault.example.com$2; done
for a in "GET /v1/kv/app?recurse=true" "PUT /v1/kv/app/x" "DELETE /v1/kv/app/x" "GET /v1/catalog/services" "PUT /v1/agent/service/register" "PUT /v1/acl/token" "GET /v1/health/service/web" "PUT /v1/session/create" "PUT /v1/txn"; do set -- $a; c curl-consul curl -s -X$1 -d '{}' http://consul.example.com:8500$2; done
cat > play.yml <<Y
- hosts: localhost
  connection: local
  gather_facts: false
  tasks:
  - {uri: {url: "https://api.acme-erp.example.com/v1/servers", validate_certs: true}, ignore_errors: true}
  - {uri: {url: "https://api.acme-erp.example.com/v1/servers/7", method: DELETE}, ignore_errors: true}
  - {uri: {url: "https://api.acme-erp.example.com/v1/servers", method: POST, body_format: json, body: {name: web}}, ignore_errors: true}
  - {get_url: {url: "https://files.acme-erp.example.com/a.txt", dest: "/tmp/clicap/w/gu"}, ignore_errors: true}
Y
LIMIT=60 c ansible $B/ansible-playbook -i localhost, play.yml
export OS_AUTH_URL=https://identity.cloud.example.com/v3 OS_USERNAME=sam OS_PASSWORD=REDACTED OS_PROJECT_NAME=shop OS_USER_DOMAIN_NAME=Default OS_PROJECT_DOMAIN_NAME=Default OS_IDENTITY_API_VERSION=3 OS_CACERT=/etc/ssl/certs/ca-certificates.crt
o() { c openstack openstack "$@"; }
o server list; o server show web-1; o server create --image i1 --flavor f1 --network i1 w; o server delete web-1; o server stop web-1; o server reboot web-1; o project list; o user list; o role add --user sam --project shop admin; o user create x; o user set --password REDACTED sam; o application credential create ac; o image list; o image delete i1; o network list; o security group list; o security group rule create --protocol tcp --dst-port 22 i1; o volume list; o volume delete i1; o container list; o container create c1; o object create c1 a.txt; o object delete c1 a.txt; o token issue; o keypair list; o flavor list; o catalog list; o quota show; o console log show web-1; o ec2 credentials create
w() { c swift swift --os-cacert /etc/ssl/certs/ca-certificates.crt "$@"; }
w list; w list c1; w upload c1 a.txt; w download c1 a.txt -o "$W/sw"; w delete c1 a.txt; w stat; w post c1 -r '.r:*'
cat > curator.yml <<Y
elasticsearch: {client: {hosts: "https://elastic.example.com:443"}}
logging: {loglevel: ERROR}
Y
c curator $B/curator_cli --config curator.yml show-indices; c curator $B/curator_cli --config curator.yml delete-indices --filter_list '{"filtertype":"pattern","kind":"prefix","value":"ord"}'; c curator $B/curator_cli --config curator.yml close --filter_list '{"filtertype":"none"}'; c curator $B/curator_cli --config curator.yml forcemerge --max_num_segments 1 --filter_list '{"filtertype":"none"}'
E1="https://elastic.example.com/orders"; D=$N/elasticdump/node_modules/.bin/elasticdump
c elasticdump $D --input=$E1 --output="$W/o.json" --type=data --quiet; c elasticdump $D --input=$E1 --output="$W/m.json" --type=mapping --quiet; echo '{"_index":"orders","_id":"1","_source":{"n":1}}' > in.json; c elasticdump $D --input=in.json --output=$E1 --type=data --quiet; c elasticdump $D --input=m.json --output=$E1 --type=mapping --quiet
c es-loader $B/elasticsearch_loader --es-host https://elastic.example.com:443 --index orders json --json-lines in.json
for a in "GET /_cat/indices?v" "GET /orders/_search?q=n:1" "POST /orders/_search" "POST /orders/_count" "POST /orders/_delete_by_query" "POST /_bulk" "PUT /orders/_settings" "DELETE /orders" "POST /_reindex" "POST /_sql?format=txt" "POST /_msearch" "POST /orders/_doc" "POST /orders/_update/1" "PUT /_snapshot/b/s" "POST /_security/api_key" "POST /orders/_refresh" "POST /orders/_search/scroll" "POST /_analyze" "POST /orders/_validate/query" "POST /_mget"; do set -- $a; b='{"query":{"match_all":{}}}'; case $2 in /_bulk|/_msearch) b=$'{"index":{"_index":"orders"}}\n{"n":1}\n';; /_sql*) b='{"query":"select * from orders"}';; esac; c curl-es curl -s -X$1 -H 'content-type: application/json' -d "$b" https://elastic.example.com$2; done
echo "accept: y" > /dev/null
c certbot certbot register --non-interactive --agree-tos -m sam@example.com --config-dir "$C/cb" --work-dir "$C/cb" --logs-dir "$C/cb"; c certbot certbot certonly --non-interactive --standalone --http-01-port 18099 -d www.example.org --config-dir "$C/cb" --work-dir "$C/cb" --logs-dir "$C/cb"; c certbot certbot update_account --non-interactive -m kim@example.com --config-dir "$C/cb" --work-dir "$C/cb" --logs-dir "$C/cb"
c transmission-remote transmission-remote http://torrent.example.com:9091/transmission/rpc -l; c transmission-remote transmission-remote http://torrent.example.com:9091/transmission/rpc -t 1 --remove-and-delete; c transmission-remote transmission-remote http://torrent.example.com:9091/transmission/rpc -a magnet:?xt=urn:btih:1082f45cc7d6bc1c901de3e86266adcb0beaeb7d; c transmission-remote transmission-remote http://torrent.example.com:9091/transmission/rpc -si
cat > m2h.json <<Y
{"info":{"name":"c","schema":"https://schema.getpostman.com/json/collection/v2.1.0/collection.json"},"item":[{"name":"a","request":{"method":"GET","url":"https://api.acme-erp.example.com/v1/invoices"}},{"name":"b","request":{"method":"POST","url":"https://api.acme-erp.example.com/v1/invoices","header":[{"key":"Content-Type","value":"application/json"}],"body":{"mode":"raw","raw":"{\"amount\":5}"}}},{"name":"d","request":{"method":"DELETE","url":"https://api.acme-erp.example.com/v1/invoices/7"}},{"name":"g","request":{"method":"POST","url":"https://api.acme-erp.example.com/graphql","body":{"mode":"graphql","graphql":{"query":"query { me { id } }","variables":"{}"}}}}]}
Y
c newman $N/newman/node_modules/.bin/newman run m2h.json; c autocannon $N/autocannon/node_modules/.bin/autocannon -a 1 -c 1 https://api.acme-erp.example.com/health
