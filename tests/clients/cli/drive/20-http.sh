. "$(dirname "$0")/../lib.sh"
A=https://api.acme-erp.example.com
echo '{"name":"Ada","email":"ada@example.com"}' > b.json; echo "a,b" > f.csv
for t in 1; do
c curl curl -s $A/v1/orders?status=open
c curl curl -sI $A/v1/orders/7
c curl curl -s -X OPTIONS $A/v1/orders
c curl curl -s -XPOST -H 'content-type: application/json' -d @b.json $A/v1/customers
c curl curl -s -d 'name=Ada&email=ada@example.com' $A/v1/customers
c curl curl -s -F file=@f.csv -F note=x $A/v1/uploads
c curl curl -s -T f.csv $A/v1/files/f.csv
c curl curl -s -XDELETE $A/v1/customers/7
c curl curl -s -XPATCH -H 'content-type: application/merge-patch+json' -d '{"role":"admin"}' $A/v1/users/7
c curl curl -s --json '{"query":"blue shoes","limit":5}' $A/v1/products/search
c curl curl -s -G -d q=shoes $A/v1/products
c curl curl -s --http1.1 -H 'accept: text/event-stream' $A/v1/stream
c curl curl -s --json '{"query":"{ orders(first: 3) { nodes { id } } }"}' $A/graphql
c curl curl -s --json '{"query":"mutation { deleteOrder(id: 7) { ok } }"}' $A/graphql
c curl curl -s -u client:REDACTED -d grant_type=client_credentials https://login.example.com/oauth2/token
c curl curl -s --json '{"username":"sam","password":"REDACTED"}' $A/auth/login
c curl curl -s --json '{"text":"deploy done"}' https://hooks.slack.com/services/T0/B0/REDACTED
c curl curl -s --json '{"sql":"select 1"}' $A/v1/query
c wget wget -q -O- $A/v1/orders
c wget wget -q --spider $A/v1/orders
c wget wget -q -O- --post-data 'a=b' $A/v1/orders
c wget wget -q -O- --method=DELETE $A/v1/orders/7
c wget wget -q -O- --method=PUT --body-file=b.json --header 'Content-Type: application/json' $A/v1/orders/7
c httpie http --ignore-stdin GET $A/v1/orders status==open
c httpie http --ignore-stdin POST $A/v1/orders sku=1 qty:=2
c httpie http --ignore-stdin --form POST $A/v1/uploads file@f.csv
c httpie http --ignore-stdin PATCH $A/v1/orders/7 state=paid
c httpie http --ignore-stdin DELETE $A/v1/orders/7
c httpie http --ignore-stdin HEAD $A/v1/orders/7
c aria2 aria2c -q -d "$W" --allow-overwrite=true $A/files/a.iso
c axel axel -q -o "$W/axel.out" $A/files/a.iso
c lynx lynx -dump $A/docs
c w3m w3m -dump $A/docs
c elinks elinks -dump $A/docs
c lwp-request GET $A/docs
c lwp-request POST -c application/json $A/v1/orders
c lwp-request lwp-request -m DELETE $A/v1/orders/7
c nghttp nghttp -n $A/v1/orders
c nghttp nghttp -n -d b.json -H 'content-type: application/json' $A/v1/orders
c hey hey -n 2 -c 1 $A/health
c hey hey -n 1 -c 1 -m POST -T application/json -d '{"a":1}' $A/v1/orders
c ab ab -n 1 -c 1 http://api.acme-erp.example.com/health
c ab ab -n 1 -c 1 -p b.json -T application/json http://api.acme-erp.example.com/v1/orders
c lftp lftp -c "open https://files.acme-erp.example.com; ls; cat a.txt; quit"
c yt-dlp yt-dlp -q https://video.acme-erp.example.com/watch/1
done
cat > cad <<X
ls
get a.txt $W/cad.txt
mkcol docs
put b.json
copy a.txt b.txt
move b.txt c.txt
propget a.txt
lock a.txt
unlock a.txt
delete c.txt
rmcol docs
quit
X
rm -f cad.txt; IN=cad c cadaver cadaver http://dav.example.com/
c svn svn info https://svn.example.com/repo
