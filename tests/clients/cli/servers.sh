#!/usr/bin/env bash
# servers.sh : real servers on loopback for the protocols that are not worth faking (git, OCI, Mercurial, WebDAV, restic, etcd, Prometheus).
C=${CLICAP:-/tmp/clicap}; H=$(cd "$(dirname "$0")" && pwd); A=127.9.9.9
S=$C/srv; mkdir -p "$S"; run() { "$@" > "$S/$(basename "$1").$RANDOM.log" 2>&1 & echo $! >> "$C/pids"; }
export GIT_CONFIG_GLOBAL=$S/gitconfig HOME=$S
git config --file "$S/gitconfig" user.name Sam; git config --file "$S/gitconfig" user.email sam@example.com; git config --file "$S/gitconfig" http.receivepack true
git config --file "$S/gitconfig" safe.directory '*'; git config --file "$S/gitconfig" init.defaultBranch main
mkdir -p "$S/git/acme"
if [ ! -d "$S/git/acme/shop.git" ]; then
  git init -q --bare "$S/git/acme/shop.git"; git -C "$S/git/acme/shop.git" config http.receivepack true
  git init -q "$S/w"; (cd "$S/w"; echo hello > README; git add .; git commit -qm first; git branch old; git tag v1; git push -q --all "$S/git/acme/shop.git"; git push -q --tags "$S/git/acme/shop.git"); rm -rf "$S/w"
fi
run python3 "$H/gitd.py" "$S/git" 7001
cat > "$S/registry.yml" <<Y
version: 0.1
storage: {filesystem: {rootdirectory: $S/registry}, delete: {enabled: true}}
http: {addr: 127.0.0.1:7002}
Y
run docker-registry serve "$S/registry.yml"
if [ ! -d "$S/hg" ]; then hg init "$S/hg"; (cd "$S/hg"; echo a > a; hg add -q a; hg commit -q -u sam -m first); fi
printf '[web]\nallow_push=*\npush_ssl=false\n' > "$S/hg/.hg/hgrc"
(cd "$S/hg"; run hg serve -p 7003 -a 127.0.0.1)
mkdir -p "$S/dav" "$S/restic"; echo hello > "$S/dav/a.txt"
run rclone serve webdav "$S/dav" --addr 127.0.0.1:7004
run rclone serve restic "$S/restic" --addr 127.0.0.1:7005
run etcd --data-dir "$S/etcd" --listen-client-urls http://127.0.0.1:7006 --advertise-client-urls http://127.0.0.1:7006 --listen-peer-urls http://127.0.0.1:7007 --initial-advertise-peer-urls http://127.0.0.1:7007 --initial-cluster default=http://127.0.0.1:7007
echo 'global: {}' > "$S/prom.yml"; run prometheus --config.file "$S/prom.yml" --storage.tsdb.path "$S/prom" --web.listen-address 127.0.0.1:7008 --web.enable-admin-api --web.enable-lifecycle
