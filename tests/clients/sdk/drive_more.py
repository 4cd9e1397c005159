"""More services by their Python SDKs: a second round, labelled and driven before anything was tuned to it."""
import drive
from drive import client
from drive_answers import ANSWERS

R, W, D, S, P, C, I, M, X, K, G = ("read_only", "data_write", "data_delete", "schema_change", "privilege_change",
    "credential_access", "infra_change", "model_change", "data_export", "code_change", "communication")

drive.start("py-more", ANSWERS + [
    (r"tableau\S+/auth/signin", '<tsResponse xmlns="http://tableau.com/api"><credentials token="t"><site id="s1" contentUrl=""/><user id="u1"/></credentials></tsResponse>'),
    (r"tableau", '<tsResponse xmlns="http://tableau.com/api"/>'),
    (r"api\.hetzner\.cloud/v1/servers/1$", {"server": {"id": 1, "name": "web"}}),
    (r"api\.hetzner\.cloud", {"servers": [], "meta": {"pagination": {"page": 1, "per_page": 1, "previous_page": None, "next_page": None, "last_page": 1, "total_entries": 0}}}),
    (r"api\.linode\.com\S+instances/1$", {"id": 1, "label": "web"}),
    (r"zulip\S+server_settings", {"zulip_version": "9.0", "zulip_feature_level": 300, "result": "success"}),
    (r"redmine", {"issues": [], "issue": {"id": 1}, "total_count": 0, "offset": 0, "limit": 25}),
])
ca = drive.sink.authority.ca

with client("asana") as do:
    import asana
    cf = asana.Configuration(); cf.access_token = "x"; cf.ssl_ca_cert = ca; cf.return_page_iterator = False
    a = asana.ApiClient(cf)
    do(R, "tasks.get", lambda: asana.TasksApi(a).get_task("1", {}))
    do(R, "tasks.search", lambda: asana.TasksApi(a).search_tasks_for_workspace("1", {"text": "delete"}))
    do(W, "tasks.create", lambda: asana.TasksApi(a).create_task({"data": {"name": "x"}}, {}))
    do(D, "tasks.delete", lambda: asana.TasksApi(a).delete_task("1"))
    do(W, "stories.create", lambda: asana.StoriesApi(a).create_story_for_task({"data": {"text": "x"}}, "1", {}))
    do(P, "team.addUser", lambda: asana.TeamsApi(a).add_user_for_team({"data": {"user": "me"}}, "1", {}))
with client("py-trello") as do:
    from trello import TrelloClient
    t = TrelloClient("k", token="x")
    do(R, "boards", lambda: t.list_boards())
    do(R, "search", lambda: t.search("delete"))
    do(W, "add_board", lambda: t.add_board("x"))
    do(D, "delete card", lambda: t.fetch_json("/cards/1", http_method="DELETE"))
with client("pydo") as do:
    from pydo import Client
    d = Client("x")
    do(R, "droplets.list", d.droplets.list)
    do(I, "droplets.create", d.droplets.create, body={"name": "x", "region": "fra1", "size": "s-1vcpu-1gb", "image": "ubuntu-24-04-x64"})
    do(D, "droplets.destroy", d.droplets.destroy, 1)
    do(I, "action.reboot", d.droplet_actions.post, 1, body={"type": "reboot"})
    do(C, "ssh_keys.create", d.ssh_keys.create, body={"name": "x", "public_key": "ssh-ed25519 A"})
    do(C + "!", "kubeconfig", d.kubernetes.get_kubeconfig, "c1")
with client("dropbox") as do:
    import dropbox
    dropbox.session.TRUSTED_CERT_FILE = ca if hasattr(dropbox.session, "TRUSTED_CERT_FILE") else None
    import requests
    s = requests.Session(); s.verify = ca
    b = dropbox.Dropbox("x", session=None, max_retries_on_error=0, ca_certs=ca)
    do(R, "list_folder", lambda: b.files_list_folder(""))
    do(R, "search", lambda: b.files_search_v2("x"))
    do(R, "get_metadata", lambda: b.files_get_metadata("/a"))
    do(R, "download", lambda: b.files_download("/a"))
    do(W, "upload", lambda: b.files_upload(b"x", "/a"))
    do(D, "delete", lambda: b.files_delete_v2("/a"))
    do(P, "share", lambda: b.sharing_create_shared_link_with_settings("/a"))
    do(R, "account", lambda: b.users_get_current_account())
with client("plaid-python") as do:
    import plaid
    from plaid.api import plaid_api
    cf = plaid.Configuration(host="https://production.plaid.com", api_key={"clientId": "a", "secret": "b"}); cf.ssl_ca_cert = ca
    p = plaid_api.PlaidApi(plaid.ApiClient(cf))
    from plaid.model.accounts_get_request import AccountsGetRequest
    from plaid.model.item_remove_request import ItemRemoveRequest
    from plaid.model.transactions_sync_request import TransactionsSyncRequest
    from plaid.model.item_public_token_exchange_request import ItemPublicTokenExchangeRequest
    do(R, "accounts.get", lambda: p.accounts_get(AccountsGetRequest(access_token="x")))
    do(R, "transactions.sync", lambda: p.transactions_sync(TransactionsSyncRequest(access_token="x")))
    do(D, "item.remove", lambda: p.item_remove(ItemRemoveRequest(access_token="x")))
    do(C, "public_token.exchange", lambda: p.item_public_token_exchange(ItemPublicTokenExchangeRequest(public_token="x")))
with client("hcloud") as do:
    from hcloud import Client as HC
    h = HC("x")
    do(R, "servers", lambda: h.servers.get_all())
    do(D, "delete", lambda: h.servers.delete(h.servers.get_by_id(1)))
    do(I, "power_off", lambda: h.servers.power_off(h.servers.get_by_id(1)))
    do(I, "firewall", lambda: h.firewalls.create("x"))
    do(C, "reset_password", lambda: h.servers.reset_password(h.servers.get_by_id(1)))
with client("linode_api4") as do:
    import linode_api4 as la
    l = la.LinodeClient("x", ca_path=ca)
    do(R, "instances", lambda: l.get("/linode/instances"))
    do(I, "reboot", lambda: l.post("/linode/instances/1/reboot"))
    do(D, "delete", lambda: l.delete("/linode/instances/1"))
    do(C, "token", lambda: l.post("/profile/tokens", data={"label": "x"}))
with client("cloudflare-py") as do:
    from cloudflare import Cloudflare
    c = Cloudflare(api_token="x", max_retries=0)
    do(R, "zones", lambda: c.zones.list())
    do(I, "dns.create", lambda: c.dns.records.create(zone_id="z", name="a", type="A", content="1.2.3.4", ttl=1))
    do(D, "dns.delete", lambda: c.dns.records.delete("r", zone_id="z"))
    do(W, "purge", lambda: c.cache.purge(zone_id="z", purge_everything=True))
    do(R, "kv.get", lambda: c.kv.namespaces.values.get("k", account_id="a", namespace_id="n"))
    do(W, "kv.put", lambda: c.kv.namespaces.values.update("k", account_id="a", namespace_id="n", value=b"v", metadata="{}"))
    do(R, "ai.run", lambda: c.ai.run("@cf/meta/llama-3-8b-instruct", account_id="a", prompt="hi"))
    do(R, "d1 select", lambda: c.d1.database.query("d", account_id="a", sql="SELECT * FROM t"))
    do(D, "d1 drop", lambda: c.d1.database.query("d", account_id="a", sql="DROP TABLE t"))
with client("zulip") as do:
    import zulip
    z = zulip.Client(email="b@corp.example", api_key="x", site="https://zulip.corp.example", cert_bundle=ca)
    z.retry_on_errors = False
    do(R, "messages", lambda: z.get_messages({"anchor": "newest", "num_before": 5, "num_after": 0, "narrow": []}))
    do(G, "send", lambda: z.send_message({"type": "stream", "to": "ops", "topic": "x", "content": "hi"}))
    do(D, "delete", lambda: z.delete_message(1))
    do(R, "users", lambda: z.get_users())
    do(P, "create_user", lambda: z.create_user({"email": "e@corp.example", "password": "x", "full_name": "E"}))
with client("python-redmine") as do:
    from redminelib import Redmine
    r = Redmine("https://redmine.corp.example", key="x", requests={"verify": ca})
    do(R, "issues", lambda: list(r.issue.filter(project_id="web", limit=1)))
    do(W, "create", lambda: r.issue.create(project_id="web", subject="x"))
    do(D, "delete", lambda: r.issue.delete(1))
    do(P, "membership", lambda: r.project_membership.create(project_id="web", user_id=1, role_ids=[1]))
with client("zenpy") as do:
    from zenpy import Zenpy
    from zenpy.lib.api_objects import Ticket
    zp = Zenpy(subdomain="acme", email="a@b.example", token="x")
    do(R, "search", lambda: list(zp.search(query="delete", type="ticket")))
    do(W, "create", lambda: zp.tickets.create(Ticket(subject="x", description="y")))
    do(D, "delete", lambda: zp.tickets.delete(Ticket(id=1)))
    do(R, "users", lambda: list(zp.users()))
with client("replicate") as do:
    import replicate
    rp = replicate.Client(api_token="x")
    do(R, "models.get", lambda: rp.models.get("acme/m"))
    do(W, "predictions.create", lambda: rp.predictions.create(version="v1", input={"prompt": "x"}))
    do(M, "trainings.create", lambda: rp.trainings.create(version="acme/m:v1", input={}, destination="acme/n"))
    do(W, "predictions.cancel", lambda: rp.predictions.cancel("p1"))
with client("together") as do:
    from together import Together
    tg = Together(api_key="x")
    do(R, "chat", lambda: tg.chat.completions.create(model="m", messages=[{"role": "user", "content": "hi"}]))
    do(R, "embeddings", lambda: tg.embeddings.create(model="m", input="hi"))
    do(R, "models", lambda: tg.models.list())
    do(M, "fine_tuning", lambda: tg.fine_tuning.create(model="m", training_file="f"))
with client("groq") as do:
    from groq import Groq
    gq = Groq(api_key="x", max_retries=0)
    do(R, "chat", lambda: gq.chat.completions.create(model="m", messages=[{"role": "user", "content": "hi"}]))
    do(R, "transcriptions", lambda: gq.audio.transcriptions.create(model="whisper", file=("a.wav", b"R")))
    do(R, "models", lambda: gq.models.list())
with client("voyageai") as do:
    import voyageai
    vo = voyageai.Client(api_key="x", max_retries=0)
    do(R, "embed", lambda: vo.embed(["hi"], model="voyage-3"))
    do(R, "rerank", lambda: vo.rerank("q", ["d"], model="rerank-2"))
with client("tavily") as do:
    from tavily import TavilyClient
    tv = TavilyClient("x")
    do(R, "search", lambda: tv.search("delete all"))
    do(R, "extract", lambda: tv.extract(["https://x.example"]))
    do(R, "crawl", lambda: tv.crawl("https://x.example"))
with client("exa") as do:
    from exa_py import Exa
    ex = Exa("x")
    do(R, "search", lambda: ex.search("x"))
    do(R, "contents", lambda: ex.get_contents(["https://x.example"]))
    do(R, "find_similar", lambda: ex.find_similar("https://x.example"))
    do(R, "answer", lambda: ex.answer("x"))
with client("firecrawl") as do:
    import firecrawl
    fc = (getattr(firecrawl, "Firecrawl", None) or firecrawl.FirecrawlApp)(api_key="x")
    do(R, "scrape", lambda: (fc.scrape if hasattr(fc, "scrape") else fc.scrape_url)("https://x.example"))
    do(R, "search", lambda: fc.search("x"))
    do(R, "map", lambda: (fc.map if hasattr(fc, "map") else fc.map_url)("https://x.example"))
with client("elevenlabs") as do:
    from elevenlabs.client import ElevenLabs
    el = ElevenLabs(api_key="x")
    do(R, "voices", lambda: el.voices.get_all())
    do(R, "tts", lambda: list(el.text_to_speech.convert("v1", text="hi")))
    do(D, "voices.delete", lambda: el.voices.delete("v1"))
with client("lakefs-sdk") as do:
    import lakefs_sdk
    cf = lakefs_sdk.Configuration(host="https://lakefs.corp.example/api/v1", username="a", password="b"); cf.ssl_ca_cert = ca
    ap = lakefs_sdk.ApiClient(cf)
    do(R, "repos", lambda: lakefs_sdk.RepositoriesApi(ap).list_repositories())
    do(R, "objects", lambda: lakefs_sdk.ObjectsApi(ap).list_objects("r", "main"))
    do(W, "commit", lambda: lakefs_sdk.CommitsApi(ap).commit("r", "main", lakefs_sdk.CommitCreation(message="x")))
    do(W, "merge", lambda: lakefs_sdk.RefsApi(ap).merge_into_branch("r", "dev", "main"))
    do(D, "delete_repo", lambda: lakefs_sdk.RepositoriesApi(ap).delete_repository("r"))
with client("turbopuffer") as do:
    import turbopuffer
    tp = turbopuffer.Turbopuffer(api_key="x", region="aws-eu-central-1", max_retries=0).namespace("docs")
    do(R, "query", lambda: tp.query(rank_by=("vector", "ANN", [0.1]), top_k=1))
    do(W, "write", lambda: tp.write(upsert_rows=[{"id": 1, "vector": [0.1]}], distance_metric="cosine_distance"))
    do(D, "delete_all", lambda: tp.delete_all())
with client("marqo") as do:
    import marqo
    mq = marqo.Client("http://marqo.corp.example:8882")
    do(R, "search", lambda: mq.index("docs").search("x"))
    do(W, "add", lambda: mq.index("docs").add_documents([{"_id": "1", "t": "x"}], tensor_fields=["t"]))
    do(D, "delete", lambda: mq.index("docs").delete_documents(["1"]))
    do(D, "delete index", lambda: mq.delete_index("docs"))
    do(R, "get", lambda: mq.index("docs").get_document("1"))
with client("spotipy") as do:
    import spotipy
    sp = spotipy.Spotify(auth="x", retries=0)
    do(R, "search", lambda: sp.search("x"))
    do(W, "playlist", lambda: sp.user_playlist_create("me", "x"))
    do(W, "play", lambda: sp.start_playback())
with client("tweepy") as do:
    import tweepy
    tw = tweepy.Client("x", consumer_key="a", consumer_secret="b", access_token="c", access_token_secret="d")
    do(R, "search", lambda: tw.search_recent_tweets("x"))
    do(G, "create_tweet", lambda: tw.create_tweet(text="hi"))
    do(D, "delete_tweet", lambda: tw.delete_tweet(1))
    do(W, "like", lambda: tw.like(1))
with client("tableauserverclient") as do:
    import tableauserverclient as TSC
    ts = TSC.Server("https://tableau.corp.example", http_options={"verify": ca}); ts.version = "3.20"
    ts.auth.sign_in(TSC.PersonalAccessTokenAuth("n", "x", "site"))
    do(R, "workbooks", lambda: ts.workbooks.get())
    do(D, "workbooks.delete", lambda: ts.workbooks.delete("w1"))
    do(P, "users.add", lambda: ts.users.add(TSC.UserItem("eve", "SiteAdministratorCreator")))
with client("resend-py") as do:
    import resend
    resend.api_key = "x"
    do(G, "send", lambda: resend.Emails.send({"from": "a@b.example", "to": ["c@d.example"], "subject": "s", "html": "h"}))
    do(R, "domains", lambda: resend.Domains.list())
    do(C, "api_keys", lambda: resend.ApiKeys.create({"name": "x"}))
