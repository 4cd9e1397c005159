. "$(dirname "$0")/../lib.sh"
K="$B/kubectl --server=https://k8s.example.com:6443 --token=REDACTED -n shop"
[ -x $B/kubectl ] || K="kubectl --server=https://k8s.example.com:6443 --token=REDACTED -n shop"
k() { c kubectl $K "$@"; }
k get pods; k get pods -A -o wide; k get pods web -o yaml; k get pods -w --request-timeout=2s; k get secrets; k get secret db -o yaml; k get nodes; k describe pod web; k logs web; k logs -f web --tail=3
k exec web -- ls /; k attach web; k port-forward pod/web 18999:80; k cp "$W/b.json" web:/tmp/b
cat > m.yaml <<Y
apiVersion: v1
kind: ConfigMap
metadata: {name: newcfg}
data: {a: b}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec: {replicas: 2, selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: "nginx:2"}]}}}
Y
k apply --validate=false -f m.yaml; k apply --validate=false --dry-run=server -f m.yaml; k apply --validate=false --server-side -f m.yaml; k diff -f m.yaml
k create namespace newns; k create secret generic newsec --from-literal=password=REDACTED; k create configmap newcm --from-literal=a=b; k create serviceaccount newsa
k create clusterrolebinding newadm --clusterrole=cluster-admin --user=sam; k create rolebinding newrb --role=view --user=sam; k create role newrole --verb=get --resource=pods; k create token deployer
k auth can-i delete pods; k auth can-i --list; k auth whoami
k delete pod web --wait=false; k delete deployment web --wait=false; k delete pods --all --wait=false; k delete secret db --wait=false
k scale deployment web --replicas=3; k rollout restart deployment web; k rollout status deployment web; k rollout undo deployment web; k rollout history deployment web; k set image deployment/web web=nginx:3
k set env deployment/web A=b; k patch deployment web -p '{"spec":{"replicas":2}}'; k label pod web a=b --overwrite; k annotate pod web a=b --overwrite; k expose deployment web --port=80; k run newpod --image=nginx
k top pods; k top nodes; k drain n1 --ignore-daemonsets --force; k cordon n1; k taint nodes n1 a=b:NoSchedule; k autoscale deployment web --max=5; k get events; k explain pods; k api-resources; k version; k cluster-info; k get --raw /healthz
k debug web --image=busybox -it=false; k certificate approve csr1; k replace -f m.yaml --validate=false; k proxy --help; k get deploy,svc; k wait --for=condition=Ready pod/web --timeout=2s; k evict web; k create job newjob --image=busybox; k create deployment newdep --image=nginx; k get rolebindings -A
