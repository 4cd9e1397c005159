"""Services that people work in, by their Python SDKs."""
import drive
from drive import client
from drive_answers import ANSWERS

R, W, D, S, P, C, I, M, X, K, G = ("read_only", "data_write", "data_delete", "schema_change", "privilege_change",
    "credential_access", "infra_change", "model_change", "data_export", "code_change", "communication")

repo = {"id": 1, "name": "web", "full_name": "acme/web", "url": "https://api.github.com/repos/acme/web", "default_branch": "main", "owner": {"login": "acme", "url": "https://api.github.com/users/acme"}}
drive.start("py-saas", ANSWERS + [
    (r"api\.github\.com/repos/acme/web(\?|$)", repo),
    (r"api\.github\.com/repos/acme/web/issues/7$", {"number": 7, "url": "https://api.github.com/repos/acme/web/issues/7", "title": "t"}),
    (r"api\.github\.com/repos/acme/web/pulls/9$", {"number": 9, "url": "https://api.github.com/repos/acme/web/pulls/9", "title": "t"}),
    (r"api\.github\.com/\S*(issues|pulls|branches|search|hooks)", []),
    (r"gitlab\S+/projects/5(\?|$)", {"id": 5, "name": "web"}),
    (r"gitlab\S+/(issues|merge_requests)/\d", {"iid": 1, "id": 1, "project_id": 5}),
    (r"GET https://gitlab", []),
    (r"jira\S+/serverInfo", {"versionNumbers": [9, 4, 0], "version": "9.4.0", "deploymentType": "Server"}),
    (r"jira\S+/issue/OPS-1(\?|$)", {"id": "1", "key": "OPS-1", "self": "https://jira.corp.example/rest/api/2/issue/1", "fields": {"summary": "s"}}),
    (r"POST http://erp\S+/xmlrpc", "<?xml version='1.0'?><methodResponse><params><param><value><int>1</int></value></param></params></methodResponse>"),
    (r"discord\.com/api/v10/users/@me", {"id": "1", "username": "b", "discriminator": "0", "avatar": None, "public_flags": 0, "flags": 0, "bot": True}),
    (r"api\.telegram\.org", {"ok": True, "result": {"id": 1, "is_bot": True, "first_name": "b", "username": "b", "message_id": 1, "date": 1, "chat": {"id": 1, "type": "private"}}}),
])

with client("slack_sdk") as do:
    from slack_sdk import WebClient
    s = WebClient("xoxb-x")
    do(R, "auth.test", s.auth_test)
    do(R, "conversations.list", s.conversations_list)
    do(R, "conversations.history", s.conversations_history, channel="C1")
    do(R, "users.info", s.users_info, user="U1")
    do(R, "search.messages", s.search_messages, query="delete")
    do(G, "chat.postMessage", s.chat_postMessage, channel="C1", text="hello")
    do(G, "chat.update", s.chat_update, channel="C1", ts="1.2", text="x")
    do(D, "chat.delete", s.chat_delete, channel="C1", ts="1.2")
    do(P, "conversations.invite", s.conversations_invite, channel="C1", users="U1")
    do(W, "reactions.add", s.reactions_add, channel="C1", name="ok", timestamp="1.2")
    do(R, "files.list", s.files_list)
    do(W, "files.getUploadURLExternal", s.files_getUploadURLExternal, filename="a", length=3)
    do(G, "webhook", lambda: __import__("slack_sdk.webhook").webhook.WebhookClient("https://hooks.slack.com/services/T0/B0/x").send(text="hi"))
with client("stripe-python") as do:
    import stripe
    stripe.ca_bundle_path = drive.sink.authority.ca
    st = stripe.StripeClient("sk_test_x", max_network_retries=0)
    v = getattr(st, "v1", st)
    do(R, "customers.list", v.customers.list, {"limit": 3})
    do(R, "customers.search", v.customers.search, {"query": "email:'a@b.example'"})
    do(W, "customers.create", v.customers.create, {"email": "a@b.example"})
    do(G, "refunds.create", v.refunds.create, {"charge": "ch_1"})
    do(G, "payment_intents.create", v.payment_intents.create, {"amount": 100, "currency": "eur"})
    do(D, "customers.delete", v.customers.delete, "cus_1")
    do(R, "balance", v.balance.retrieve)
    do(W, "subscriptions.cancel", v.subscriptions.cancel, "sub_1")
    do(G, "payouts.create", v.payouts.create, {"amount": 100, "currency": "eur"})
with client("twilio-python") as do:
    from twilio.rest import Client as Twilio
    t = Twilio("AC" + "0" * 32, "x")
    do(R, "messages.list", lambda: t.messages.list(limit=2))
    do(G, "messages.create", lambda: t.messages.create(to="+4915550001", from_="+4915550002", body="hi"))
    do(G, "calls.create", lambda: t.calls.create(to="+4915550001", from_="+4915550002", twiml="<Response/>"))
    do(R, "lookup", lambda: t.lookups.v2.phone_numbers("+4915550001").fetch())
    do(D, "recordings.delete", lambda: t.recordings("RE" + "0" * 32).delete())
    do(G, "verify", lambda: t.verify.v2.services("VA" + "0" * 32).verifications.create(to="+4915550001", channel="sms"))
    do(C, "keys.create", lambda: t.new_keys.create())
with client("sendgrid-python") as do:
    from sendgrid import SendGridAPIClient
    from sendgrid.helpers.mail import Mail
    g = SendGridAPIClient("SG.x")
    do(G, "mail.send", lambda: g.send(Mail("a@b.example", "c@d.example", "s", "t")))
    do(R, "templates.get", lambda: g.client.templates.get())
    do(D, "bounces.delete", lambda: g.client.suppression.bounces.delete(request_body={"delete_all": True}))
    do(C, "api_keys.post", lambda: g.client.api_keys.post(request_body={"name": "x", "scopes": ["mail.send"]}))
    do(R, "stats", lambda: g.client.stats.get(query_params={"start_date": "2026-01-01"}))
    do(W, "contacts.put", lambda: g.client.marketing.contacts.put(request_body={"contacts": [{"email": "a@b.example"}]}))
    do(R, "contacts.search", lambda: g.client.marketing.contacts.search.post(request_body={"query": "email LIKE 'a%'"}))
with client("PyGithub") as do:
    from github import Github, Auth
    gh = Github(auth=Auth.Token("x"), retry=None, seconds_between_requests=0, seconds_between_writes=0)
    r = gh.get_repo("acme/web")
    do(R, "get_repo", gh.get_repo, "acme/web")
    do(R, "search_issues", lambda: list(gh.search_issues("bug repo:acme/web")))
    do(R, "get_issues", lambda: list(r.get_issues(state="open")))
    do(R, "get_contents", lambda: r.get_contents("README.md"))
    do(W, "create_issue", lambda: r.create_issue("t", "b"))
    do(K, "create_file", lambda: r.create_file("a.txt", "m", "x"))
    do(K, "merge", lambda: r.get_pull(9).merge())
    do(D, "repo.delete", r.delete)
    do(P, "add_collaborator", lambda: r.add_to_collaborators("eve", "admin"))
    do(W, "comment", lambda: r.get_issue(7).create_comment("hi"))
    do(I, "create_hook", lambda: r.create_hook("web", {"url": "https://x.example"}))
    do(I, "create_variable", lambda: r.create_variable("A", "b"))
    do(R, "rate_limit", gh.get_rate_limit)
    do(K, "dispatch", lambda: r.create_repository_dispatch("deploy"))
with client("python-gitlab") as do:
    import gitlab
    gl = gitlab.Gitlab("https://gitlab.corp.example", private_token="x", retry_transient_errors=False)
    do(R, "projects.list", lambda: gl.projects.list(search="web", get_all=False))
    p = gl.projects.get(5, lazy=True)
    do(R, "issues.list", lambda: p.issues.list(get_all=False))
    do(R, "file raw", lambda: p.files.raw("README.md", ref="main"))
    do(W, "issues.create", lambda: p.issues.create({"title": "t"}))
    do(K, "commits.create", lambda: p.commits.create({"branch": "main", "commit_message": "m", "actions": [{"action": "create", "file_path": "a", "content": "b"}]}))
    do(K, "mr.merge", lambda: p.mergerequests.get(1, lazy=True).merge())
    do(P, "members.create", lambda: p.members.create({"user_id": 2, "access_level": 40}))
    do(D, "project.delete", p.delete)
    do(C, "variables.create", lambda: p.variables.create({"key": "A", "value": "b"}))
    do(K, "pipelines.create", lambda: p.pipelines.create({"ref": "main"}))
    do(C, "access_tokens", lambda: p.access_tokens.create({"name": "x", "scopes": ["api"], "expires_at": "2027-01-01"}))
    do(R, "lint", lambda: p.ci_lint.create({"content": "a: b"}))
with client("jira-python") as do:
    from jira import JIRA
    j = JIRA("https://jira.corp.example", basic_auth=("a", "b"), max_retries=0, get_server_info=True, options={"verify": drive.sink.authority.ca, "check_update": False})
    do(R, "search", lambda: j.search_issues("project = OPS AND text ~ 'delete'"))
    do(R, "issue", lambda: j.issue("OPS-1"))
    do(W, "create_issue", lambda: j.create_issue(project="OPS", summary="s", issuetype={"name": "Task"}))
    do(W, "comment", lambda: j.add_comment("OPS-1", "hi"))
    do(W, "transition", lambda: j.transition_issue("OPS-1", "31"))
    do(D, "delete", lambda: j.issue("OPS-1").delete())
    do(R, "projects", j.projects)
    do(W, "assign", lambda: j._session.put("https://jira.corp.example/rest/api/2/issue/OPS-1/assignee", json={"name": "bob"}))
with client("atlassian-python-api") as do:
    from atlassian import Confluence, Jira
    cf = Confluence("https://wiki.corp.example", token="x", verify_ssl=drive.sink.authority.ca)
    do(R, "cql", lambda: cf.cql("text ~ 'runbook'"))
    do(R, "get_page", lambda: cf.get_page_by_id("1"))
    do(W, "create_page", lambda: cf.create_page("OPS", "t", "<p/>"))
    do(D, "remove_page", lambda: cf.remove_page("1"))
    do(X, "export", lambda: cf.get_page_as_pdf("1"))
    do(R, "children", lambda: list(cf.get_page_child_by_type("1")))
    jc = Jira("https://acme.atlassian.net", username="a", password="b", cloud=True, verify_ssl=drive.sink.authority.ca)
    do(R, "jql", lambda: jc.jql("project = OPS"))
    do(R, "enhanced_jql", lambda: jc.enhanced_jql("project = OPS"))
    do(W, "issue_create", lambda: jc.issue_create({"summary": "x"}))
    do(P, "add_user_to_group", lambda: jc.add_user_to_group("bob", "admins"))
with client("notion-client-py") as do:
    from notion_client import Client as Notion
    n = Notion(auth="x")
    do(R, "search", n.search, query="plan")
    do(R, "databases.query", lambda: (n.databases.query if hasattr(n.databases, "query") else n.data_sources.query)("11111111222233334444555555555555", filter={}))
    do(R, "pages.retrieve", n.pages.retrieve, "11111111222233334444555555555555")
    do(W, "pages.create", n.pages.create, parent={"page_id": "1"}, properties={})
    do(W, "blocks.children.append", n.blocks.children.append, "11111111222233334444555555555555", children=[])
    do(D, "blocks.delete", n.blocks.delete, "11111111222233334444555555555555")
    do(R, "users.list", n.users.list)
    do(W, "comments.create", n.comments.create, parent={"page_id": "1"}, rich_text=[])
with client("gql") as do:
    from gql import gql, Client as Gql
    from gql.transport.requests import RequestsHTTPTransport
    lin = Gql(transport=RequestsHTTPTransport("https://api.linear.app/graphql", headers={"Authorization": "x"}, retries=0))
    do(R, "issues", lambda: lin.execute(gql('query Issues { issues(first: 5, filter: {title: {contains: "delete"}}) { nodes { id title } } }')))
    do(W, "issueCreate", lambda: lin.execute(gql('mutation { issueCreate(input: {title: "t", teamId: "1"}) { success } }')))
    do(D, "issueDelete", lambda: lin.execute(gql('mutation D($id: String!) { issueDelete(id: $id) { success } }'), variable_values={"id": "1"}))
    do(R, "introspection", lambda: lin.execute(gql("{ __schema { queryType { name } } }")))
with client("scim-requests") as do:
    import requests
    h = {"Content-Type": "application/scim+json", "Authorization": "Bearer x"}; u = "https://idp.corp.example/scim/v2/"
    do(R, "users", lambda: requests.get(u + "Users", params={"filter": 'userName eq "bob"'}, headers=h))
    do(R, "search", lambda: requests.post(u + "Users/.search", json={"schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"], "filter": "a pr"}, headers=h))
    do(P, "create", lambda: requests.post(u + "Users", json={"userName": "eve"}, headers=h))
    do(P, "group add", lambda: requests.patch(u + "Groups/1", json={"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [{"op": "add", "path": "members", "value": [{"value": "1"}]}]}, headers=h))
    do(D, "delete", lambda: requests.delete(u + "Users/1", headers=h))
with client("msgraph-httpx") as do:
    import httpx
    x = httpx.Client(headers={"Authorization": "Bearer x"}); u = "https://graph.microsoft.com/v1.0"
    do(R, "users", lambda: x.get(u + "/users?$filter=startswith(displayName,'a')", headers={"ConsistencyLevel": "eventual"}))
    do(R, "messages", lambda: x.get(u + "/me/messages?$top=5"))
    do(G, "sendMail", lambda: x.post(u + "/me/sendMail", json={"message": {"subject": "s", "toRecipients": []}}))
    do(P, "group member add", lambda: x.post(u + "/groups/1/members/$ref", json={"@odata.id": "https://graph.microsoft.com/v1.0/directoryObjects/2"}))
    do(C, "addPassword", lambda: x.post(u + "/applications/1/addPassword", json={"passwordCredential": {"displayName": "x"}}))
    do(R, "search", lambda: x.post(u + "/search/query", json={"requests": [{"entityTypes": ["message"], "query": {"queryString": "x"}}]}))
    do(R, "getByIds", lambda: x.post(u + "/directoryObjects/getByIds", json={"ids": ["1"]}))
    do(R, "checkMemberGroups", lambda: x.post(u + "/me/checkMemberGroups", json={"groupIds": ["1"]}))
    do(R, "batch reads", lambda: x.post(u + "/$batch", json={"requests": [{"id": "1", "method": "GET", "url": "/me"}, {"id": "2", "method": "GET", "url": "/me/messages"}]}))
    do(D, "batch delete", lambda: x.post(u + "/$batch", json={"requests": [{"id": "1", "method": "GET", "url": "/me"}, {"id": "2", "method": "DELETE", "url": "/users/1"}]}))
    do(W, "drive upload", lambda: x.put(u + "/me/drive/root:/a.txt:/content", content=b"hi"))
    do(P, "drive invite", lambda: x.post(u + "/me/drive/items/1/invite", json={"roles": ["write"]}))
    do(G, "teams message", lambda: x.post(u + "/teams/1/channels/2/messages", json={"body": {"content": "x"}}))
with client("pagerduty") as do:
    import pagerduty
    pd = pagerduty.RestApiV2Client("x", default_from="a@b.example")
    do(R, "incidents", lambda: pd.rget("incidents", params={"statuses[]": "triggered"}))
    do(W, "acknowledge", lambda: pd.rput("/incidents/P1", json={"type": "incident_reference", "status": "acknowledged"}))
    do(D, "services.delete", lambda: pd.rdelete("/services/P1"))
    do(R, "oncalls", lambda: pd.rget("oncalls"))
    do(G, "event", lambda: pagerduty.EventsApiV2Client("R" * 32).trigger("disk", "host"))
with client("launchdarkly-api") as do:
    import launchdarkly_api
    from launchdarkly_api.api import feature_flags_api
    cg = launchdarkly_api.Configuration(); cg.api_key["ApiKey"] = "x"; cg.ssl_ca_cert = drive.sink.authority.ca
    fa = feature_flags_api.FeatureFlagsApi(launchdarkly_api.ApiClient(cg))
    do(R, "flags.list", lambda: fa.get_feature_flags("web"))
    do(I, "flag.patch", lambda: fa.patch_feature_flag("web", "dark", {"patch": [{"op": "replace", "path": "/environments/prod/on", "value": True}]}))
    do(D, "flag.delete", lambda: fa.delete_feature_flag("web", "dark"))
with client("pyairtable") as do:
    from pyairtable import Api
    at = Api("x").table("app0123456789abcd", "tbl0123456789abcd")
    do(R, "all", lambda: at.first())
    do(R, "formula", lambda: at.first(formula="{Name}='a'" + " " * 10))
    do(W, "create", lambda: at.create({"Name": "a"}))
    do(W, "update", lambda: at.update("rec0123456789abcd", {"Name": "b"}))
    do(D, "delete", lambda: at.delete("rec0123456789abcd"))
    do(D, "batch_delete", lambda: at.batch_delete(["rec0123456789abcd", "rec0123456789abce"]))
    do(R, "schema", lambda: Api("x").bases())
with client("hubspot-api-client") as do:
    import hubspot
    hb = hubspot.HubSpot(access_token="x")
    for cfg in (hb.crm.contacts.basic_api, hb.crm.contacts.search_api, hb.crm.contacts.batch_api):
        cfg.api_client.configuration.ssl_ca_cert = drive.sink.authority.ca
    do(R, "page", lambda: hb.crm.contacts.basic_api.get_page(limit=2))
    do(R, "search", lambda: hb.crm.contacts.search_api.do_search({"query": "bob"}))
    do(R, "batch.read", lambda: hb.crm.contacts.batch_api.read({"inputs": [{"id": "1"}], "properties": [], "propertiesWithHistory": []}))
    do(W, "create", lambda: hb.crm.contacts.basic_api.create({"properties": {"email": "a@b.example"}}))
    do(D, "archive", lambda: hb.crm.contacts.basic_api.archive("1"))
    do(D, "batch.archive", lambda: hb.crm.contacts.batch_api.archive({"inputs": [{"id": "1"}]}))
with client("ShopifyAPI") as do:
    import shopify
    shopify.ShopifyResource.activate_session(shopify.Session("acme.myshopify.com", "2025-01", "x"))
    do(R, "orders", lambda: shopify.Order.find(limit=2))
    do(R, "graphql query", lambda: shopify.GraphQL().execute("{ shop { name } }"))
    do(W, "graphql mutation", lambda: shopify.GraphQL().execute('mutation { productUpdate(input: {id: "gid://shopify/Product/1", title: "x"}) { product { id } } }'))
    do(W, "product.create", lambda: shopify.Product.create({"title": "x"}))
    do(D, "product.delete", lambda: shopify.Product.delete(1))
with client("zeep") as do:
    import zeep
    z = zeep.Client("http://crm.corp.example/services/Crm?wsdl")
    do(R, "GetCustomer", lambda: z.service.GetCustomer(id="1"))
    do(R, "SearchOrders", lambda: z.service.SearchOrders(id="1"))
    do(D, "DeleteCustomer", lambda: z.service.DeleteCustomer(id="1"))
    do(W, "UpdateOrder", lambda: z.service.UpdateOrder(id="1"))
with client("xmlrpc.client") as do:
    import xmlrpc.client
    o = xmlrpc.client.ServerProxy("http://erp.corp.example/xmlrpc/2/object")
    do(R, "search_read", lambda: o.execute_kw("db", 2, "x", "res.partner", "search_read", [[["is_company", "=", True]]], {"limit": 5}))
    do(D, "unlink", lambda: o.execute_kw("db", 2, "x", "res.partner", "unlink", [[7]]))
    do(R, "listMethods", lambda: xmlrpc.client.ServerProxy("http://wiki.corp.example/xmlrpc").system.listMethods())
    do(R, "getPage", lambda: xmlrpc.client.ServerProxy("http://wiki.corp.example/xmlrpc").wiki.getPage("a"))
    do(W, "putPage", lambda: xmlrpc.client.ServerProxy("http://wiki.corp.example/xmlrpc").wiki.putPage("a", "b"))
with client("discord.py") as do:
    import asyncio, discord
    async def dc(f):
        async with discord.Client(intents=discord.Intents.none()) as c:
            c.http.connector = __import__("aiohttp").TCPConnector(ssl=False)
            await c.login("x.y.z")
            await asyncio.wait_for(f(c.http), 3)
    run = lambda f: asyncio.run(dc(f))
    do(R, "channel", run, lambda h: h.get_channel(1))
    do(G, "send", run, lambda h: h.request(discord.http.Route("POST", "/channels/{channel_id}/messages", channel_id=1), json={"content": "hi"}))
    do(D, "delete_message", run, lambda h: h.delete_message(1, 2))
    do(P, "ban", run, lambda h: h.ban(3, 1))
    do(P, "add_role", run, lambda h: h.add_role(1, 3, 5))
with client("python-telegram-bot") as do:
    import telegram
    async def tg(f):
        async with telegram.Bot("1:x") as b:
            await f(b)
    run2 = lambda f: asyncio.run(tg(f))
    do(R, "getMe", run2, lambda b: b.get_me())
    do(R, "getUpdates", run2, lambda b: b.get_updates())
    do(G, "sendMessage", run2, lambda b: b.send_message(1, "hi"))
    do(D, "deleteMessage", run2, lambda b: b.delete_message(1, 2))
    do(P, "banChatMember", run2, lambda b: b.ban_chat_member(1, 2))
    do(I, "setWebhook", run2, lambda b: b.set_webhook("https://x.example"))
with client("firebase-admin") as do:
    import firebase_admin
    from firebase_admin import auth as fauth, messaging, db as fdb, credentials
    from google.oauth2.credentials import Credentials
    class Fc(credentials.Base):
        def get_credential(self): return Credentials("x")
    fa = firebase_admin.initialize_app(Fc(), {"projectId": "acme-prod", "databaseURL": "https://acme-prod.firebaseio.com"})
    do(R, "get_user", lambda: fauth.get_user("u1"))
    do(R, "list_users", lambda: fauth.list_users())
    do(P, "create_user", lambda: fauth.create_user(email="e@acme.example"))
    do(P, "claims", lambda: fauth.set_custom_user_claims("u1", {"admin": True}))
    do(D, "delete_user", lambda: fauth.delete_user("u1"))
    do(G, "send", lambda: messaging.send(messaging.Message(topic="t", notification=messaging.Notification("a", "b"))))
    do(R, "db.get", lambda: fdb.reference("users").get())
    do(W, "db.set", lambda: fdb.reference("users/1").set({"a": 1}))
    do(D, "db.delete", lambda: fdb.reference("users/1").delete())
with client("simple-salesforce") as do:
    from simple_salesforce import Salesforce
    sf = Salesforce(instance="acme.my.salesforce.com", session_id="x")
    do(R, "query", lambda: sf.query("SELECT Id FROM Account WHERE Name = 'x'"))
    do(R, "search", lambda: sf.search("FIND {delete}"))
    do(R, "get", lambda: sf.Account.get("001"))
    do(W, "create", lambda: sf.Account.create({"Name": "x"}))
    do(W, "update", lambda: sf.Account.update("001", {"Name": "y"}))
    do(D, "delete", lambda: sf.Account.delete("001"))
    do(R, "describe", lambda: sf.describe())
with client("mailgun-requests") as do:
    do(G, "send", lambda: requests.post("https://api.mailgun.net/v3/mg.acme.example/messages", auth=("api", "x"), data={"from": "a@b.example", "to": "c@d.example", "text": "hi"}))
    do(R, "events", lambda: requests.get("https://api.mailgun.net/v3/mg.acme.example/events", auth=("api", "x")))
    do(D, "bounces.delete", lambda: requests.delete("https://api.mailgun.net/v3/mg.acme.example/bounces", auth=("api", "x")))
