. "$(dirname "$0")/../lib.sh"
export ANTHROPIC_API_KEY=sk-ant-REDACTED OPENAI_API_KEY=sk-REDACTED GEMINI_API_KEY=AIzaREDACTED DISABLE_AUTOUPDATER=1 IS_SANDBOX=1
mkdir -p ag; cd ag
LIMIT=40 c claude-code $N/claude/node_modules/.bin/claude -p "say ok"
LIMIT=40 c codex $N/codex/node_modules/.bin/codex exec --skip-git-repo-check "say ok"
LIMIT=40 c gemini-cli $N/gemini/node_modules/.bin/gemini -p "say ok"
c llm $B/llm -m gpt-4o-mini hi; c llm $B/llm embed -m 3-small -c hi; c llm $B/llm openai models
M=$N/mcpi/node_modules/.bin/mcp-inspector; m() { LIMIT=40 c mcp-inspector $M --cli https://mcp.example.com/mcp --transport http "$@"; }
m --method tools/list; m --method tools/call --tool-name read_file --tool-arg path=a; m --method tools/call --tool-name delete_file --tool-arg path=a; m --method tools/call --tool-name create_issue --tool-arg query=x; m --method resources/list; m --method prompts/list; m --method tools/call --tool-name search_issues --tool-arg query=x
for p in '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"x","version":"1"}}}' '{"jsonrpc":"2.0","method":"notifications/initialized"}' '{"jsonrpc":"2.0","id":2,"method":"ping"}' '{"jsonrpc":"2.0","id":3,"method":"logging/setLevel","params":{"level":"info"}}' '{"jsonrpc":"2.0","id":4,"method":"completion/complete","params":{"ref":{"type":"ref/prompt","name":"p"},"argument":{"name":"a","value":"b"}}}' '{"jsonrpc":"2.0","id":5,"method":"resources/subscribe","params":{"uri":"file:///a"}}'; do c curl-mcp curl -s -H 'accept: application/json, text/event-stream' --json "$p" https://mcp.example.com/mcp; done
c curl-mcp curl -s -XDELETE -H 'Mcp-Session-Id: s1' https://mcp.example.com/mcp
cd ..
export HF_TOKEN=hf_REDACTED HF_HUB_DISABLE_TELEMETRY=0 HF_HOME=$C/hf HF_HUB_DISABLE_XET=1
f() { c hf $B/hf "$@"; }
f auth whoami; f download sam/shop config.json; f upload sam/shop b.json; f repo create shop -y; f repo tag create sam/shop v1; f repo tag list sam/shop; f repo tag delete sam/shop v1 -y; f repo-files delete sam/shop b.json; f jobs ps; f auth list; f repo delete sam/shop; f upload sam/shop . . --include 'b.json' --repo-type dataset
export MLFLOW_TRACKING_URI=https://mlflow.example.com MLFLOW_HTTP_REQUEST_MAX_RETRIES=0
l() { c mlflow $B/mlflow "$@"; }
l experiments search; l experiments create -n e; l experiments delete -x 1; l experiments rename -x 1 --new-name z; l runs list --experiment-id 1; l runs describe --run-id 1; l runs delete --run-id 1; l artifacts list -r 1; l experiments get -x 1
export WANDB_API_KEY=0123456789012345678901234567890123456789 WANDB_SILENT=true WANDB_DIR=$C/wb
LIMIT=30 c wandb $B/wandb login --relogin 0123456789012345678901234567890123456789; LIMIT=30 c wandb $B/wandb artifact ls sam/shop; LIMIT=30 c wandb $B/wandb artifact put --name sam/shop/x b.json; LIMIT=30 c wandb $B/wandb sweep --project shop --entity sam play.yml; LIMIT=30 c wandb $B/wandb pull run1 -p shop -e sam
export KAGGLE_USERNAME=sam KAGGLE_KEY=REDACTED; k() { c kaggle $B/kaggle "$@"; }
k competitions list; k datasets list; k datasets files sam/shop; k kernels list; k models list; k competitions submit -f b.json -m x titanic; k datasets create -p "$W/d"; k datasets download sam/shop; k config view
rm -rf dv; mkdir dv; cd dv; git init -q; c dvc $B/dvc init -q; echo hello > data; c dvc $B/dvc add -q data; c dvc $B/dvc remote add -d s s3://dvc-acme/store; AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE AWS_SECRET_ACCESS_KEY=REDACTED c dvc $B/dvc push -q;  AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE AWS_SECRET_ACCESS_KEY=REDACTED c dvc $B/dvc status -c; c dvc $B/dvc remote add -d -f w webdav://dav.example.com/; c dvc $B/dvc push -q; cd ..
MODAL_TOKEN_ID=ak-REDACTED MODAL_TOKEN_SECRET=as-REDACTED c modal $B/modal app list; MODAL_TOKEN_ID=ak-REDACTED MODAL_TOKEN_SECRET=as-REDACTED c modal $B/modal secret create s K=V; MODAL_TOKEN_ID=ak-REDACTED MODAL_TOKEN_SECRET=as-REDACTED c modal $B/modal volume delete v -y
