. "$(dirname "$0")/../lib.sh"
export DOCKER_HOST=tcp://docker.example.com:2375 DOCKER_BUILDKIT=0
d() { c docker docker "$@"; }
echo FROM scratch > Dockerfile
d ps -a; d images; d info; d version; d inspect web; d logs web; d top web; d stats --no-stream web; d search nginx; d pull nginx; d run -d --name web2 -v /:/host --privileged nginx; d create nginx; d start web; d stop web; d kill web; d restart web; d pause web; d rename web w2; d rm -f web; d rmi nginx; d exec web id; d exec -d web id; d cp web:/etc/passwd "$W/p"; d cp b.json web:/tmp/; d commit web img; d tag nginx r/x; d push registry.example.com/nginx; d build -q -f Dockerfile .; d system prune -f; d image prune -f; d volume ls; d volume create v; d volume rm v; d network ls; d network create n; d network rm n; d network connect n web; d login -u sam -p REDACTED registry.example.com; d system df; d events --since 1m --until 0m; d save nginx -o "$W/n.tar"; d diff web; d export web -o "$W/e.tar"; d update --memory 1g web; d swarm init; d service ls; d service create --name s nginx; d secret ls; d secret create s b.json; d node ls; d plugin ls; d history nginx; d wait web; d port web; d container prune -f
export -n DOCKER_HOST; rm -rf oci; mkdir -p oci
P="--tls-verify=true"
cat > policy.json <<Y
{"default":[{"type":"insecureAcceptAnything"}]}
Y
head -c 100 /dev/urandom > layer; tar czf layer.tgz layer; L=$(sha256sum layer.tgz | cut -d' ' -f1); DI=$(gzip -dc layer.tgz | sha256sum | cut -d' ' -f1)
mkdir -p oci/blobs/sha256; cp layer.tgz oci/blobs/sha256/$L
printf '{"architecture":"amd64","os":"linux","config":{},"rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}' $DI > cfg; G=$(sha256sum cfg | cut -d' ' -f1); cp cfg oci/blobs/sha256/$G
printf '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:%s","size":%d},"layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","digest":"sha256:%s","size":%d}]}' $G $(stat -c%s cfg) $L $(stat -c%s layer.tgz) > man; M=$(sha256sum man | cut -d' ' -f1); cp man oci/blobs/sha256/$M
echo '{"imageLayoutVersion":"1.0.0"}' > oci/oci-layout
printf '{"schemaVersion":2,"manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"sha256:%s","size":%d,"annotations":{"org.opencontainers.image.ref.name":"v1"}}]}' $M $(stat -c%s man) > oci/index.json
s() { c skopeo skopeo --insecure-policy "$@"; }
s copy oci:oci:v1 docker://registry.example.com/acme/web:v1
s copy oci:oci:v1 docker://registry.example.com/acme/api:v1
s inspect docker://registry.example.com/acme/web:v1; s list-tags docker://registry.example.com/acme/web; s copy docker://registry.example.com/acme/web:v1 oci:oci2:v1; s copy docker://registry.example.com/acme/web:v1 docker://registry.example.com/acme/web:prod; s delete docker://registry.example.com/acme/api:v1; s login -u sam -p REDACTED registry.example.com
c buildah buildah --storage-driver vfs --root "$C/st" --runroot "$C/rr" pull --policy always --signature-policy policy.json registry.example.com/acme/web:v1
c buildah buildah --storage-driver vfs --root "$C/st" --runroot "$C/rr" push --signature-policy policy.json registry.example.com/acme/web:v1 docker://registry.example.com/acme/web:b
c podman podman --storage-driver vfs --root "$C/st" --runroot "$C/rr" pull -q --signature-policy policy.json registry.example.com/acme/web:prod
c podman podman --storage-driver vfs --root "$C/st" --runroot "$C/rr" push -q registry.example.com/acme/web:prod docker://registry.example.com/acme/web:p2
c podman podman --storage-driver vfs --root "$C/st" --runroot "$C/rr" search registry.example.com/web
c podman podman --storage-driver vfs --root "$C/st" --runroot "$C/rr" manifest inspect registry.example.com/acme/web:prod
rm -rf oci oci2
