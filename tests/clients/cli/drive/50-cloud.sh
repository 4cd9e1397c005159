. "$(dirname "$0")/../lib.sh"
export AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY AWS_DEFAULT_REGION=us-east-1 AWS_PAGER= AWS_EC2_METADATA_DISABLED=true
echo hello > a.txt; mkdir -p d; echo hello > d/a.txt; R=arn:aws:iam::123456789012:role/app
a() { c awscli $B/aws "$@"; }
a sts get-caller-identity; a sts assume-role --role-arn $R --role-session-name s; a s3 ls; a s3 ls s3://reports; a s3 cp a.txt s3://reports/a.txt; a s3 cp s3://reports/a.txt "$W/a2.txt"; a s3 cp s3://reports/a.txt s3://archive/a.txt; a s3 mv s3://reports/a.txt s3://reports/b.txt; a s3 rm s3://reports/a.txt; a s3 rm --recursive s3://reports/; a s3 sync d s3://reports/d; a s3 mb s3://newbucket; a s3 rb s3://newbucket
a s3api get-bucket-policy --bucket reports; a s3api put-bucket-acl --bucket reports --acl public-read; a s3api put-bucket-policy --bucket reports --policy '{}'; a s3api delete-objects --bucket reports --delete '{"Objects":[{"Key":"a.txt"}]}'; a s3api head-object --bucket reports --key a.txt; a s3api list-object-versions --bucket reports; a s3api put-bucket-versioning --bucket reports --versioning-configuration Status=Suspended;a s3api select-object-content --bucket reports --key a.csv --expression 'select * from s3object' --expression-type SQL --input-serialization '{"CSV":{}}' --output-serialization '{"CSV":{}}' o
a ec2 describe-instances; a ec2 run-instances --image-id ami-1 --instance-type t3.micro; a ec2 terminate-instances --instance-ids i-1; a ec2 authorize-security-group-ingress --group-id sg-1 --protocol tcp --port 22 --cidr 0.0.0.0/0; a ec2 create-tags --resources i-1 --tags Key=a,Value=b; a ec2 describe-regions; a ec2 get-password-data --instance-id i-1
a iam list-users; a iam create-user --user-name x; a iam create-access-key --user-name x; a iam attach-user-policy --user-name x --policy-arn arn:aws:iam::aws:policy/AdministratorAccess; a iam get-role --role-name app; a iam delete-user --user-name x; a iam simulate-principal-policy --policy-source-arn $R --action-names s3:Get
a dynamodb list-tables; a dynamodb scan --table-name t; a dynamodb put-item --table-name t --item '{"id":{"S":"1"}}'; a dynamodb delete-item --table-name t --key '{"id":{"S":"1"}}'; a dynamodb query --table-name t --key-condition-expression 'id = :i' --expression-attribute-values '{":i":{"S":"1"}}'; a dynamodb delete-table --table-name t; a dynamodb batch-get-item --request-items '{"t":{"Keys":[{"id":{"S":"1"}}]}}'; a dynamodb execute-statement --statement "select * from t"; a dynamodb execute-statement --statement "delete from t where id='1'"
a lambda list-functions; a lambda invoke --function-name f "$W/o"; a lambda update-function-code --function-name f --s3-bucket b --s3-key k; a lambda add-permission --function-name f --statement-id s --action lambda:InvokeFunction --principal '*'; a lambda get-function --function-name f; a lambda delete-function --function-name f
a secretsmanager list-secrets; a secretsmanager get-secret-value --secret-id db; a secretsmanager put-secret-value --secret-id db --secret-string REDACTED; a secretsmanager describe-secret --secret-id db; a ssm get-parameter --name /db/password --with-decryption; a ssm send-command --document-name AWS-RunShellScript --targets Key=tag:a,Values=b; a ssm describe-instance-information
a logs describe-log-groups; a logs filter-log-events --log-group-name g; a logs delete-log-group --log-group-name g; a logs start-query --log-group-name g --start-time 1 --end-time 2 --query-string 'fields @message'; a logs create-export-task --log-group-name g --from 1 --to 2 --destination b
a cloudformation describe-stacks; a cloudformation create-stack --stack-name s --template-body '{}'; a cloudformation delete-stack --stack-name s; a cloudformation validate-template --template-body '{}'; a rds describe-db-instances; a rds delete-db-instance --db-instance-identifier d --skip-final-snapshot; a rds start-export-task --export-task-identifier e --source-arn a --s3-bucket-name b --iam-role-arn $R --kms-key-id k
a kms list-keys; a kms decrypt --ciphertext-blob ZW5j; a kms encrypt --key-id k --plaintext aGVsbG8=; a kms schedule-key-deletion --key-id k; a sqs list-queues; a sqs send-message --queue-url https://sqs.us-east-1.amazonaws.com/123456789012/q --message-body hi; a sqs receive-message --queue-url https://sqs.us-east-1.amazonaws.com/123456789012/q; a sqs purge-queue --queue-url https://sqs.us-east-1.amazonaws.com/123456789012/q; a sns publish --topic-arn arn:aws:sns:us-east-1:123456789012:t --message hi; a sns list-topics
a ecr get-login-password; a ecr describe-repositories; a eks describe-cluster --name c; a eks list-clusters; a eks update-nodegroup-config --cluster-name c --nodegroup-name n --scaling-config desiredSize=2; a ecs list-services; a ecs update-service --service s --desired-count 0; a cloudwatch get-metric-statistics --namespace n --metric-name m --start-time 2026-01-01T00:00:00Z --end-time 2026-01-02T00:00:00Z --period 60 --statistics Sum; a cloudwatch put-metric-data --namespace n --metric-name m --value 1; a cloudtrail lookup-events; a cloudtrail stop-logging --name t; a athena start-query-execution --query-string 'select 1'; a athena start-query-execution --query-string 'drop table t'; a redshift-data execute-statement --sql 'unload (x) to y' --database d; a bedrock-runtime invoke-model --model-id m --body '{}' --cli-binary-format raw-in-base64-out "$W/o"; a sagemaker create-training-job --training-job-name t --algorithm-specification TrainingImage=x,TrainingInputMode=File --role-arn $R --output-data-config S3OutputPath=s3://b --resource-config InstanceType=m,InstanceCount=1,VolumeSizeInGB=1 --stopping-condition MaxRuntimeInSeconds=60; a route53 list-hosted-zones; a ses send-email --from a@example.com --destination ToAddresses=b@example.com --message 'Subject={Data=x},Body={Text={Data=y}}'; a organizations list-accounts; a glue get-tables --database-name d; a kinesis put-record --stream-name s --data aGk= --partition-key p; a stepfunctions start-execution --state-machine-arn arn:aws:states:us-east-1:123456789012:stateMachine:s; a codecommit list-repositories; a apigateway get-rest-apis; a configservice describe-config-rules; a sesv2 list-email-identities; a autoscaling describe-auto-scaling-groups;a elbv2 describe-load-balancers; a elasticache describe-cache-clusters
s() { c s3cmd s3cmd --no-progress --access_key=AKIAIOSFODNN7EXAMPLE --secret_key=REDACTED "$@"; }
s ls; s ls s3://reports; s put a.txt s3://reports/a.txt; s get --force s3://reports/a.txt "$W/x.txt"; s del s3://reports/a.txt; s mb s3://nb; s rb s3://nb; s cp s3://reports/a.txt s3://reports/b.txt; s setacl --acl-public s3://reports/a.txt; s info s3://reports/a.txt; s sync d s3://reports/d/; s setpolicy b.json s3://reports; s du s3://reports; s delpolicy s3://reports; s expire --expiry-days=1 s3://reports; s multipart s3://reports
c s4cmd s4cmd ls s3://reports; c s4cmd s4cmd put -f a.txt s3://reports/a.txt; c s4cmd s4cmd del s3://reports/a.txt
export RCLONE_CONFIG=$C/rclone.conf
cat > "$C/rclone.conf" <<Y
[s3]
type = s3
provider = AWS
env_auth = true
region = us-east-1
[minio]
type = s3
provider = Minio
access_key_id = AKIAIOSFODNN7EXAMPLE
secret_access_key = REDACTED
endpoint = https://minio.example.com
[dav]
type = webdav
url = http://dav.example.com
vendor = other
[web]
type = http
url = https://files.acme-erp.example.com
[b2]
type = b2
account = x
key = REDACTED
[drop]
type = dropbox
token = {"access_token":"REDACTED","token_type":"bearer","expiry":"0001-01-01T00:00:00Z"}
[drive]
type = drive
token = {"access_token":"ya29.REDACTED","token_type":"Bearer","refresh_token":"x","expiry":"2036-01-01T00:00:00Z"}
[one]
type = onedrive
drive_id = d1
drive_type = business
token = {"access_token":"REDACTED","token_type":"Bearer","refresh_token":"x","expiry":"2036-01-01T00:00:00Z"}
[az]
type = azureblob
account = acme
key = UkVEQUNURUQ=
[gcs]
type = google cloud storage
token = {"access_token":"ya29.REDACTED","token_type":"Bearer","refresh_token":"x","expiry":"2036-01-01T00:00:00Z"}
Y
r() { c rclone rclone --retries 1 --low-level-retries 1 "$@"; }
for b in s3:reports minio:reports dav: drop: drive: one: az:reports gcs:reports; do r lsf $b; r copyto a.txt $b/new.txt; r deletefile $b/a.txt; r cat $b/a.txt; r mkdir $b/nd; r purge $b/d; done
r moveto s3:reports/a.txt s3:reports/b.txt; r link drop:a.txt; r about drive:; r lsf web:; r cat web:a.txt; r sync d minio:reports/d; r delete minio:reports; r rmdir minio:nd; r lsf b2:reports; r link minio:reports/a.txt
export RESTIC_PASSWORD=REDACTED RESTIC_REPOSITORY=rest:http://backup.example.com/shop RESTIC_CACHE_DIR=$C/rescache
t() { c restic restic -q "$@"; }
t init; t backup d; t snapshots; t check; t forget --keep-last 1 --prune latest; t key list; t restore latest --target "$W/rst"; t unlock
RESTIC_REPOSITORY=s3:https://minio.example.com/bk c restic restic -q init
