. "$(dirname "$0")/../lib.sh"
export GH_TOKEN=ghp_REDACTED GH_PROMPT_DISABLED=1 GIT_CONFIG_GLOBAL=$C/srv/gitconfig GH_REPO=acme/shop GIT_TERMINAL_PROMPT=0
h() { c gh gh "$@"; }
h auth status; h repo view acme/shop; h repo list acme; h repo create acme/newrepo --private; h repo delete acme/shop --confirm; h repo edit acme/shop --visibility public; h repo fork acme/shop --clone=false; h repo archive acme/shop --confirm; h repo deploy-key list; h repo rename newname --confirm
h issue list; h issue view 7; h issue create -t Fix -b body; h issue comment 7 -b hi; h issue close 7; h issue edit 7 --title x; h issue delete 7 --confirm; h issue lock 7; h issue status
h pr list; h pr view 7; h pr create -t Fix -b body --head fix --base main; h pr merge 7 --squash; h pr review 7 --approve; h pr close 7; h pr checks 7; h pr diff 7; h pr comment 7 -b hi; h pr ready 7; h pr status
h release list; h release view v2; h release create v2 -t v2 -n notes "$W/a.txt"; h release upload v2 "$W/b.json"; h release delete v2 --yes; h release download v2 -D "$W/dl" --clobber; h release edit v2 --draft
h run list; h run view 11; h run rerun 11; h run cancel 11; h run download 11; h workflow list; h workflow run ci.yml --ref main; h workflow disable ci.yml; h workflow view ci.yml
h secret list; h secret set TOKEN -b REDACTED; h secret delete TOKEN; h variable list; h gist create "$W/b.json"; h gist list; h gist delete 9; h ssh-key list; h gpg-key list; h label list; h label create bug2; h label delete bug2 --confirm; h search repos x; h search code x; h search issues x; h status
h api user; h api repos/acme/shop/branches/main/protection -X DELETE; h api graphql -f query='query { viewer { login } }'; h api repos/acme/shop/collaborators/eve -X PUT -f permission=admin; h api -X POST repos/acme/shop/hooks -f name=web -F active=true; h api repos/acme/shop/contents/README.md; h api -X PUT repos/acme/shop/contents/a.txt -f message=m -f content=eA==; h api --paginate orgs/acme/members; h api graphql -f query='mutation { addStar(input:{starrableId:"R_1"}) { starrable { id } } }'
export GITHUB_TOKEN=ghp_REDACTED GITHUB_USER=sam GITHUB_PASSWORD=
rm -rf hb; git init -q hb; cd hb; git remote add origin https://github.com/acme/shop.git; git commit -q --allow-empty -m x; git branch -M fix
c hub hub issue; c hub hub issue create -m Fix; c hub hub pr list; c hub hub release; c hub hub release create -m v2 v2; c hub hub api user; c hub hub ci-status; c hub hub delete -y acme/shop; c hub hub create acme/new; c hub hub fork --no-remote; c hub hub pull-request -m Fix -b main -h fix; c hub hub release delete v2; c hub hub gist create ../b.json
cd ..
echo ghp_REDACTED > "$C/home/.gist"; c gist gist b.json; c gist gist -l; c gist gist --delete 9; c gist gist -r 9
cat > gl.cfg <<Y
[global]
default = gl
ssl_verify = true
[gl]
url = https://gitlab.example.com
private_token = glpat-REDACTED
api_version = 4
Y
l() { c python-gitlab $B/gitlab -c gl.cfg "$@"; }
l project list; l project get --id 1; l project create --name x; l project delete --id 1; l project-issue list --project-id 1; l project-issue create --project-id 1 --title x; l project-merge-request merge --project-id 1 --iid 1; l project-variable list --project-id 1; l project-variable create --project-id 1 --key K --value REDACTED; l project-member create --project-id 1 --user-id 2 --access-level 50; l project-branch delete --project-id 1 --name old; l project-pipeline create --project-id 1 --ref main; l project-key create --project-id 1 --title t --key "ssh-ed25519 AAAA"; l user list; l user create --email a@b.c --username x --name x --password REDACTED; l current-user get; l project-file get --project-id 1 --file-path a --ref main;l project-hook create --project-id 1 --url https://x.example;l user-personal-access-token create --user-id 1 --name n --scopes api; l project-protected-branch delete --project-id 1 --name main; l project-trigger list --project-id 1
export BB=x; c rbtools $B/rbt api-get --server https://reviews.example.com --api-token REDACTED review-requests/; c rbtools $B/rbt status --server https://reviews.example.com --api-token REDACTED
cat > ci.yml <<Y
Y
cat > jj.ini <<Y
[jenkins]
user=sam
password=REDACTED
url=https://jenkins.example.com/
query_plugins_info=False
Y
cat > job.yml <<Y
- job: {name: build, builders: [{shell: 'echo hi'}]}
Y
c jenkins-jobs $B/jenkins-jobs --conf jj.ini update job.yml; c jenkins-jobs $B/jenkins-jobs --conf jj.ini delete build; c jenkins-jobs $B/jenkins-jobs --conf jj.ini list; c jenkins-jobs $B/jenkins-jobs --conf jj.ini get-plugins-info
c curl-jenkins curl -s -u sam:REDACTED -XPOST https://jenkins.example.com/job/build/buildWithParameters?ENV=prod; c curl-jenkins curl -s -u sam:REDACTED 'https://jenkins.example.com/api/json?tree=jobs[name]'; c curl-jenkins curl -s -u sam:REDACTED --data-urlencode 'script=println 1' https://jenkins.example.com/scriptText
cat > "$C/home/.bugzrc" <<Y
[default]
base = https://bugzilla.example.com/xmlrpc.cgi
key = REDACTED
Y
c bugz bugz search crash; c bugz bugz get 7; c bugz bugz modify 7 -s RESOLVED -r FIXED; c bugz bugz post --batch --product P --component C --title t --description d --prodversion 1
c codecov $B/codecovcli --url https://api.codecov.io do-upload -t REDACTED --slug acme/shop --git-service github -C 1082f45cc7d6bc1c901de3e86266adcb0beaeb7d -f b.json --disable-search; c codecov $B/codecovcli create-commit -t REDACTED --slug acme/shop --git-service github -C 1082f45cc7d6bc1c901de3e86266adcb0beaeb7d
