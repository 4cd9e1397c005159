. "$(dirname "$0")/../lib.sh"
export npm_config_registry=https://registry.npmjs.org/ NPM_CONFIG_CACHE=$C/npmcache
mkdir -p "$C/home" && echo "//registry.npmjs.org/:_authToken=npm_REDACTED" > "$C/home/.npmrc"
rm -rf pkg; mkdir -p pkg; cd pkg; echo '{"name":"@acme/shop","version":"2.0.0","license":"MIT","main":"i.js"}' > package.json; echo "1" > i.js
n() { c npm npm --no-update-notifier "$@"; }
n view left; n view left versions; n search left; n install left --no-save; n audit; n audit fix --package-lock-only; n whoami; n publish --access public; n publish --dry-run; n dist-tag ls left; n dist-tag add left@1.0.0 beta; n dist-tag rm left beta; n owner ls left; n owner add kim left; n owner rm kim left; n deprecate left@1.0.0 old; n unpublish left@0.9.0 --force; n token list; n token revoke k1; n access list packages sam; n access set status=private @acme/shop; n access grant read-only acme:dev @acme/shop; n team ls acme:dev; n team create acme:dev; n team destroy acme:dev; n team add acme:dev kim; n org ls acme; n org set acme kim developer; n org rm acme kim; n profile get; n ping; n pack left --pack-destination "$W"; n star left; n outdated; n hook ls; n docs left --browser=false; n fund; n logout; 
echo "//registry.npmjs.org/:_authToken=npm_REDACTED" > "$C/home/.npmrc"
c yarn $N/yarn/node_modules/.bin/yarn info left; c yarn $N/yarn/node_modules/.bin/yarn add left --no-lockfile; c yarn $N/yarn/node_modules/.bin/yarn publish --non-interactive --new-version 3.0.0; c yarn $N/yarn/node_modules/.bin/yarn audit; c yarn $N/yarn/node_modules/.bin/yarn tag add left@1.0.0 beta;  c yarn $N/yarn/node_modules/.bin/yarn owner list left
c pnpm $N/pnpm/node_modules/.bin/pnpm view left; c pnpm $N/pnpm/node_modules/.bin/pnpm add left; c pnpm $N/pnpm/node_modules/.bin/pnpm publish --no-git-checks; c pnpm $N/pnpm/node_modules/.bin/pnpm audit; c pnpm $N/pnpm/node_modules/.bin/pnpm outdated
cd ..; rm -rf pyp; mkdir pyp; cd pyp; mkdir acme_shop; echo > acme_shop/__init__.py
cat > pyproject.toml <<Y
[build-system]
requires = ["flit_core"]
build-backend = "flit_core.buildapi"
[project]
name = "acme_shop"
version = "1.0"
description = "x"
requires-python = ">=3.8"
[project.urls]
Home = "https://example.com"
Y
echo x > acme_shop/py.typed
mkdir -p dist; python3 - <<P
import zipfile,tarfile,io
m="Metadata-Version: 2.1\nName: acme_shop\nVersion: 1.0\nSummary: x\n"
with zipfile.ZipFile("dist/acme_shop-1.0-py3-none-any.whl","w") as z:
    z.writestr("acme_shop/__init__.py",""); z.writestr("acme_shop-1.0.dist-info/METADATA",m); z.writestr("acme_shop-1.0.dist-info/WHEEL","Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n"); z.writestr("acme_shop-1.0.dist-info/RECORD","acme_shop/__init__.py,,\nacme_shop-1.0.dist-info/METADATA,,\nacme_shop-1.0.dist-info/WHEEL,,\nacme_shop-1.0.dist-info/RECORD,,\n")
P
export TWINE_USERNAME=__token__ TWINE_PASSWORD=pypi-REDACTED
c twine $B/twine upload --non-interactive dist/*
c twine $B/twine upload --non-interactive --repository-url https://pypi.acme.example.com/legacy/ --skip-existing dist/*
c uv $T/uvenv/bin/uv publish --token pypi-REDACTED dist/*
c uv $T/uvenv/bin/uv pip install --no-cache --target "$W/t1" left --native-tls
c poetry $B/poetry publish -u __token__ -p pypi-REDACTED -n
FLIT_USERNAME=__token__ FLIT_PASSWORD=pypi-REDACTED c flit $B/flit publish --no-use-vcs
c hatch $B/hatch publish -n -u __token__ -a pypi-REDACTED dist/*
P=$T/uvenv/bin/pip; export -n PIP_FIND_LINKS
PIP_FIND_LINKS= c pip $P install --no-cache-dir --target "$W/t2" left; PIP_FIND_LINKS= c pip $P download --no-cache-dir -d "$W/t3" left; PIP_FIND_LINKS= c pip $P index versions left
echo "left==1.0" > r.txt; c pip-audit $B/pip-audit -r r.txt --no-deps --disable-pip; c pip-audit $B/pip-audit -r r.txt --no-deps --disable-pip -s osv
c devpi $B/devpi use https://devpi.example.com/sam/dev; c devpi $B/devpi login sam --password REDACTED
c conda $B/binstar -t REDACTED whoami; c conda $B/binstar -t REDACTED upload dist/*.whl; c conda $B/binstar -t REDACTED show acme/shop; c conda $B/binstar -t REDACTED search left; c conda $B/binstar -t REDACTED remove -f acme/shop
c conan $B/conan remote add acme https://conan.example.com; c conan $B/conan search zlib -r acme; c conan $B/conan remote login acme sam -p REDACTED;  c conan $B/conan list 'zlib/*' -r acme; c conan $B/conan remove 'zlib/*' -c -r acme
cd ..; rm -rf cr; cargo new -q --lib cr --name acme-shop --vcs none 2>/dev/null; cd cr; sed -i 's/edition.*/edition="2021"\nlicense="MIT"\ndescription="x"/' Cargo.toml
export CARGO_HOME=$C/cargo CARGO_REGISTRY_TOKEN=REDACTED RUSTUP_HOME=${RUSTUP_HOME:-/root/.rustup}; CG=$(rustup which cargo 2>/dev/null || command -v cargo)
c cargo $CG search left; c cargo $CG publish --no-verify --allow-dirty; c cargo $CG publish --dry-run --no-verify --allow-dirty; c cargo $CG yank left@1.0.0; c cargo $CG yank --undo left@1.0.0; c cargo $CG owner --list left; c cargo $CG owner --add sam left; c cargo $CG owner --remove sam left; c cargo $CG info left; c cargo $CG add left; c cargo $CG fetch
cd ..; export -n CARGO_HOME
mkdir -p gm; cd gm; echo "Gem::Specification.new{|s| s.name='acme';s.version='1.0';s.summary='x';s.author='s';s.license='MIT';s.homepage='https://x.example';s.files=[]}" > a.gemspec; gem build -q a.gemspec >/dev/null 2>&1
mkdir -p "$C/home/.gem" "$C/home/.local/share/gem"; for d in .gem .local/share/gem; do echo ":rubygems_api_key: rubygems_REDACTED" > "$C/home/$d/credentials"; chmod 600 "$C/home/$d/credentials"; done
c gem gem push acme-1.0.gem; c gem gem yank acme -v 1.0; c gem gem owner acme; c gem gem owner -a kim@example.com acme; c gem gem owner -r kim@example.com acme; c gem gem search left; c gem gem install --no-document -i "$W/gi" left; c gem gem list -r left; c gem gem info -r left; c gem gem signin
cd ..; mkdir -p ph; cd ph; export COMPOSER_ALLOW_SUPERUSER=1 COMPOSER_HOME=$C/composer
c composer composer require --no-interaction acme/left; c composer composer search left; c composer composer show -a acme/left; c composer composer audit
cd ..; mkdir -p gom; cd gom; echo -e "module acme\ngo 1.19" > go.mod; export GOPATH=$C/go GOFLAGS=-mod=mod GONOSUMDB= GOCACHE=$C/gocache
c go go list -m -versions github.com/acme/left; c go go get github.com/acme/left@v1.0.0; c go go mod download github.com/acme/left@v1.0.0
cd ..; mkdir -p mv; cd mv; echo hello > a.jar
cat > s.xml <<Y
<settings><localRepository>$C/m2</localRepository><servers><server><id>acme</id><username>sam</username><password>REDACTED</password></server></servers></settings>
Y
cp -rn /root/.m2/repository "$C/m2" 2>/dev/null
LIMIT=60 c mvn mvn -q -B -s s.xml deploy:deploy-file -Durl=https://nexus.example.com/repository/releases -DrepositoryId=acme -Dfile=a.jar -DgroupId=acme -DartifactId=shop -Dversion=1.0 -Dpackaging=jar
LIMIT=60 c mvn mvn -q -B -s s.xml dependency:get -Dartifact=acme:left:1.0
cd ..
cat > "$C/home/.dput.cf" <<Y
[acme]
fqdn = upload.debian.example.com
method = http
incoming = /debian
allow_unsigned_uploads = 1
Y
c osc osc -A https://api.opensuse.example.com --config "$C/oscrc" ls
c R R -s -e 'options(repos="https://cran.example.com"); try(available.packages()); try(install.packages("left", lib=tempdir()))'
c ansible-galaxy $B/ansible-galaxy collection install acme.left; c ansible-galaxy $B/ansible-galaxy role search left; c ansible-galaxy $B/ansible-galaxy role install acme.left
mkdir -p col; cd col; tar czf acme-left-1.0.0.tar.gz ../b.json; c ansible-galaxy $B/ansible-galaxy collection publish --token REDACTED --no-wait acme-left-1.0.0.tar.gz; cd ..
c pre-commit git ls-remote https://github.com/pre-commit/x.git
