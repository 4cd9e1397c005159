. "$(dirname "$0")/../lib.sh"
export CLOUDSDK_CONFIG=$C/gcloud CLOUDSDK_AUTH_ACCESS_TOKEN=ya29.REDACTED CLOUDSDK_CORE_PROJECT=acme-prod CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK=1 CLOUDSDK_CORE_DISABLE_USAGE_REPORTING=true CLOUDSDK_CORE_DISABLE_PROMPTS=1
echo ya29.REDACTED > tok; export CLOUDSDK_AUTH_ACCESS_TOKEN_FILE=$W/tok; unset CLOUDSDK_AUTH_ACCESS_TOKEN
g() { c gcloud gcloud -q "$@"; }
Z="--zone us-central1-a"
g compute instances list; g compute instances create web-2 $Z; g compute instances delete web-1 $Z; g compute instances stop web-1 $Z; g compute firewall-rules list; g compute firewall-rules create open --allow tcp:22; g projects list; g projects get-iam-policy acme-prod; g projects add-iam-policy-binding acme-prod --member user:eve@example.com --role roles/owner
g iam service-accounts list; g iam service-accounts keys create "$W/k.json" --iam-account sa@acme-prod.iam.gserviceaccount.com; g iam service-accounts create sa; g secrets list; g secrets versions access latest --secret db; g secrets create s; g storage ls; g storage cp a.txt gs://reports/a.txt; g storage rm gs://reports/a.txt; g storage cat gs://reports/a.txt; g run services list; g run services delete s --region us-central1; g functions list; g sql instances list; g sql export sql inst gs://b/d --database d; g container clusters list; g container clusters get-credentials c $Z; g pubsub topics list; g pubsub topics publish t --message hi; g logging read 'severity>=ERROR' --limit 1; g services list; g services enable run.googleapis.com; g dns managed-zones list; g kms keys list --keyring k --location global; g builds list; g artifacts repositories list; g auth print-access-token
q() { c bq bq --headless "$@"; }
q ls; q query --nouse_legacy_sql 'select 1'; q query --nouse_legacy_sql 'delete from d.t where true'; q show d.t; q rm -f d.t; q mk d2; q extract d.t gs://b/t.csv; q head d.t; q load d.t gs://b/x.csv; q query --dry_run --nouse_legacy_sql 'select 1'
cat > "$C/boto" <<Y
[Boto]
ca_certificates_file = /etc/ssl/certs/ca-certificates.crt
[Credentials]
gs_oauth2_refresh_token = REDACTED
[GSUtil]
check_hashes = never
software_update_check_period = 0
default_project_id = acme-prod
[OAuth2]
client_id = x
client_secret = REDACTED
Y
export BOTO_CONFIG=$C/boto CLOUDSDK_CORE_PASS_CREDENTIALS_TO_GSUTIL=0
u() { c gsutil $B/gsutil "$@"; }
u ls; u ls gs://reports; u cp a.txt gs://reports/a.txt; u cat gs://reports/a.txt; u rm gs://reports/a.txt; u iam get gs://reports; u acl ch -u AllUsers:R gs://reports/a.txt; u mb gs://nb; u rb gs://nb; u mv gs://reports/a.txt gs://reports/b.txt; u iam ch allUsers:objectViewer gs://reports; u rsync d gs://reports/d; u stat gs://reports/a.txt; u setmeta -h x-goog-meta-a:b gs://reports/a.txt
