. "$(dirname "$0")/../lib.sh"
export GIT_CONFIG_GLOBAL=$C/srv/gitconfig GIT_TERMINAL_PROMPT=0 GIT_SSL_CAINFO=/etc/ssl/certs/ca-certificates.crt
rm -rf shop shop2 big
U=https://git.example.com/acme/shop.git
c git git ls-remote $U
c git git clone -q $U shop
c git git clone -q --depth 1 https://sam:REDACTED@github.com/acme/shop.git shop2
cd shop
c git git fetch -q --all
c git git -c protocol.version=0 ls-remote $U
c git git -c protocol.version=0 fetch -q origin
c git git -c protocol.version=1 clone -q $U ../shop3; rm -rf ../shop3
git checkout -q -b feature; echo x > x; git add x; git commit -qm x
c git git push -q origin feature
git tag v2; c git git push -q origin v2
echo y > y; git add y; git commit -q --amend -m xy
c git git push -q --force origin feature
c git git push -q origin HEAD:main --force
c git git push -q origin :old
c git git push -q --delete origin v2
c git git push --dry-run -q origin feature:new
c git git -c protocol.version=2 fetch -q origin main
c git git push -q https://gitlab.com/acme/shop.git feature:f2
c git git fetch -q https://bitbucket.org/acme/shop.git main
c git git ls-remote https://dev.azure.com/acme/p/_git/shop.git
head -c 300000 /dev/urandom > blob; git add blob; git commit -qm big
c git git -c http.postBuffer=65536 push -q origin feature
cd ..; c git git clone -q --mirror $U m.git; rm -rf m.git shop shop2
rm -rf big; git init -q big; cd big; git remote add origin https://github.com/acme/lfs.git
git config lfs.url https://git-lfs.example.com/acme/shop.git/info/lfs
c git-lfs git lfs install --local
git lfs track '*.bin' > /dev/null; echo big file > big.bin; git add .; git commit -qm big
c git-lfs git lfs push --all origin main
c git-lfs git lfs lock big.bin
c git-lfs git lfs locks
c git-lfs git lfs unlock --id 1
c git-lfs git lfs unlock --id 1 --force
rm -rf .git/lfs/objects; c git-lfs git lfs fetch origin main
cd ..
rm -rf h1; c hg hg clone -q http://hg.example.com/ h1; cd h1; echo b > b; hg add -q b; hg commit -qu sam -m b
c hg hg pull -q; c hg hg incoming; c hg hg outgoing; c hg hg identify http://hg.example.com/
c hg hg push -q; hg bookmark b1; c hg hg push -q -B b1; cd ..; rm -rf h1
c svn svn ls https://svn.example.com/repo
c svn svn mkdir --non-interactive -m d https://svn.example.com/repo/d
c svn svn delete --non-interactive -m d https://svn.example.com/repo/d
