//! Calls that are not the Bot Connector's, or not a reviewer's (threats, row 15): refused, nothing changed, and nothing sent to
//! wherever they would have it sent.

use axum::http::{Method, StatusCode};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use countersign_wire::digest::Secret;
use serde_json::{Value, json};

use super::cloud::{APP, Cloud, Signer, TENANT, oid};
use crate::support::v1;

fn owners_alone(value: &mut Value) {
    v1(value)["quorum"] = json!({"required": 1, "groups": ["data-owners"], "distinct": true, "veto": true});
    value["action"]["properties"]["reversible"] = "yes".into();
}

/// A request that waits, and a press that would approve it.
async fn waiting(cloud: &Cloud) -> (String, Value) {
    cloud.link(&oid(1), "bob").await;
    let id = cloud.inbox.task(owners_alone).await;
    let card = cloud.card(|call| call.method == Method::POST && call.body.contains(&id)).await.card();
    let press = cloud.press(&card, "approve", &oid(1), &json!({"reason": "ok"}));
    (id, press)
}

async fn nothing_changed(cloud: &Cloud, id: &str, what: &str) {
    let task = cloud.inbox.service.task(id).await.unwrap().unwrap();
    assert_eq!((task.status.as_str(), task.votes.len(), task.version), ("pending", 0, 1), "{what}");
}

#[tokio::test]
async fn no_forged_token_decides_anything() {
    let cloud = Cloud::new().await;
    let (id, press) = waiting(&cloud).await;
    let stranger = Signer::new("key-1");
    let webchat = Signer::new("key-2");
    cloud.publish(&json!([cloud.signer.jwk(&["msteams"]), webchat.jwk(&["webchat"])]));
    let with = |name: &str, value: Value| {
        let mut claims = cloud.claims();
        claims[name] = value;
        format!("Bearer {}", cloud.signer.token(&cloud.header(), &claims))
    };
    let without = |name: &str| {
        let mut claims = cloud.claims();
        claims.as_object_mut().unwrap().remove(name);
        format!("Bearer {}", cloud.signer.token(&cloud.header(), &claims))
    };
    let head = |name: &str, value: Value| {
        let mut header = cloud.header();
        header[name] = value;
        format!("Bearer {}", cloud.signer.token(&header, &cloud.claims()))
    };
    let good = cloud.token();
    let now = cloud.inbox.service.now_ms() / 1000;
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let unsigned = {
        let mut header = cloud.header();
        header["alg"] = "none".into();
        format!("Bearer {}.{}.", part(&header), part(&cloud.claims()))
    };
    let with_the_public_key = {
        let mut header = cloud.header();
        header["alg"] = "HS256".into();
        let signed = format!("{}.{}", part(&header), part(&cloud.claims()));
        let modulus = URL_SAFE_NO_PAD.decode(cloud.signer.jwk(&[])["n"].as_str().unwrap()).unwrap();
        let mac = Secret::new(modulus[..32].try_into().unwrap()).hmac(&[signed.as_bytes()]);
        format!("Bearer {signed}.{}", URL_SAFE_NO_PAD.encode(mac))
    };
    let own_key = {
        let mut header = cloud.header();
        header["jwk"] = stranger.jwk(&["msteams"]);
        header["jku"] = format!("{}/evil-keys", cloud.origin).into();
        format!("Bearer {}", stranger.token(&header, &cloud.claims()))
    };
    let mut broken = good.clone().into_bytes();
    let middle = good.find('.').unwrap() + 10;
    broken[middle] = if broken[middle] == b'A' { b'B' } else { b'A' };
    for (what, authorization) in [
        ("no token", String::new()),
        ("another scheme", format!("Basic {good}")),
        ("not signed", unsigned),
        ("signed with the public key as a secret", with_the_public_key),
        (
            "signed by somebody else under the same name",
            format!("Bearer {}", stranger.token(&cloud.header(), &cloud.claims())),
        ),
        ("signed by a key in the token", own_key),
        ("a key that is not published", head("kid", "key-9".into())),
        ("an extension that must be understood", head("crit", json!(["exp"]))),
        ("another algorithm", head("alg", "RS512".into())),
        ("changed", format!("Bearer {}", String::from_utf8(broken).unwrap())),
        ("another bot", with("aud", "99999999-9999-4999-8999-999999999999".into())),
        ("several bots", with("aud", json!([APP, "x"]))),
        (
            "another issuer",
            with("iss", "https://sts.windows.net/22222222-2222-4222-8222-222222222222/".into()),
        ),
        ("expired", with("exp", (now - 301).into())),
        ("not valid yet", with("nbf", (now + 400).into())),
        ("no end", without("exp")),
        ("no beginning", without("nbf")),
        ("no issuer", without("iss")),
        ("no serviceurl", without("serviceurl")),
        ("a key for another channel", {
            let mut header = cloud.header();
            header["kid"] = "key-2".into();
            format!("Bearer {}", webchat.token(&header, &cloud.claims()))
        }),
    ] {
        let reply = cloud.send_with(&press, &authorization).await;
        assert_eq!(reply.status, StatusCode::FORBIDDEN, "{what}: {}", reply.text);
        assert_eq!(reply.text, "", "{what}: whoever forges learns nothing");
        nothing_changed(&cloud, &id, what).await;
    }
    assert!(!cloud.calls().iter().any(|call| call.path.contains("evil")), "a key of the token's was fetched");
    // Within five minutes clocks may differ, and the very same press is good.
    let late = with("exp", (now - 200).into());
    cloud.send_with(&press, &late).await.expect(StatusCode::OK);
    assert_eq!(cloud.inbox.service.task(&id).await.unwrap().unwrap().status.as_str(), "approved");
}

#[tokio::test]
async fn no_activity_of_elsewhere_decides_anything_and_nothing_is_sent_where_it_says() {
    let cloud = Cloud::new().await;
    let (id, press) = waiting(&cloud).await;
    let evil = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let evil_url = format!("http://{}/emea/", evil.local_addr().unwrap());
    let other = "99999999-9999-4999-8999-999999999999";
    let changed = |change: &dyn Fn(&mut Value)| {
        let mut activity = press.clone();
        change(&mut activity);
        activity
    };
    for (what, activity) in [
        ("another serviceUrl than the token's", changed(&|it| it["serviceUrl"] = evil_url.as_str().into())),
        ("a longer serviceUrl", changed(&|it| it["serviceUrl"] = format!("{}x", cloud.service_url()).into())),
        ("another channel", changed(&|it| it["channelId"] = "webchat".into())),
        ("no channel", changed(&|it| it["channelId"] = Value::Null)),
        ("another tenant", changed(&|it| it["channelData"]["tenant"]["id"] = other.into())),
        ("no tenant", changed(&|it| it["channelData"] = json!({}))),
        ("a conversation of another tenant", changed(&|it| it["conversation"]["tenantId"] = other.into())),
        ("a person of another tenant", changed(&|it| it["from"]["tenantId"] = other.into())),
        ("no activity", json!(["approve"])),
    ] {
        let reply = cloud.send(&activity).await;
        assert_eq!(reply.status, StatusCode::FORBIDDEN, "{what}: {}", reply.text);
        nothing_changed(&cloud, &id, what).await;
    }
    // A token that really was made for an address that is on no list: the attacker has a bot of their own.
    for url in [
        evil_url.as_str(),
        "https://smba.trafficmanager.net.evil.example/",
        "https://smba.trafficmanager.net@evil.example/",
    ] {
        for activity in [
            changed(&|it| it["serviceUrl"] = url.into()),
            cloud.activity("message", |it| it["serviceUrl"] = url.into()),
        ] {
            let mut claims = cloud.claims();
            claims["serviceurl"] = url.into();
            let token = cloud.signer.token(&cloud.header(), &claims);
            cloud.send_with(&activity, &format!("Bearer {token}")).await.expect(StatusCode::FORBIDDEN);
            nothing_changed(&cloud, &id, url).await;
        }
    }
    let called = tokio::time::timeout(std::time::Duration::from_millis(500), evil.accept()).await;
    assert!(called.is_err(), "the service called the attacker");
}

#[tokio::test]
async fn nobody_but_a_linked_reviewer_of_the_tenant_decides() {
    let cloud = Cloud::new().await;
    let (id, press) = waiting(&cloud).await;
    cloud.link(&oid(4), "erin").await;
    cloud.link(&oid(5), "alice").await;
    let by = |change: &dyn Fn(&mut Value)| {
        let mut activity = press.clone();
        activity["id"] = format!("f:by-{change:p}").into();
        change(&mut activity);
        activity
    };
    for (what, activity, words) in [
        (
            "a guest",
            by(&|it| it["from"].as_object_mut().unwrap().remove("aadObjectId").map(drop).unwrap_or_default()),
            "Guests",
        ),
        ("a bot", by(&|it| it["from"]["role"] = "bot".into()), "Guests and bots"),
        (
            "an address instead of an id",
            by(&|it| it["from"]["aadObjectId"] = "bob@example.com".into()),
            "Guests",
        ),
        ("nobody we know", by(&|it| it["from"]["aadObjectId"] = oid(9).into()), "not linked"),
        (
            "somebody called like a reviewer",
            by(&|it| {
                it["from"]["aadObjectId"] = oid(8).into();
                it["from"]["name"] = "bob".into();
                it["from"]["userPrincipalName"] = "bob@example.com".into();
            }),
            "not linked",
        ),
        ("a reviewer of no group", by(&|it| it["from"]["aadObjectId"] = oid(4).into()), "none of the groups"),
        ("who asks", by(&|it| it["from"]["aadObjectId"] = oid(5).into()), "acts for you"),
    ] {
        let reply = cloud.send(&activity).await.expect(StatusCode::OK).json;
        assert_eq!(reply["type"], "application/vnd.microsoft.activity.message", "{what}: {reply}");
        assert!(reply["value"].as_str().unwrap().contains(words), "{what}: {reply}");
        nothing_changed(&cloud, &id, what).await;
    }
}

#[tokio::test]
async fn a_card_that_was_not_made_here_decides_nothing() {
    let cloud = Cloud::new().await;
    let (id, press) = waiting(&cloud).await;
    let elsewhere = |value: &mut Value| {
        owners_alone(value);
        v1(value)["destination"]["path"] = "/v2/elsewhere".into();
    };
    let other = cloud.inbox.task(elsewhere).await;
    let digest = cloud.inbox.service.task(&other).await.unwrap().unwrap().display_digest;
    let changed = |change: &dyn Fn(&mut Value)| {
        let mut activity = press.clone();
        change(&mut activity["value"]["action"]);
        activity
    };
    for (what, activity) in [
        ("another request's id", changed(&|it| it["data"]["tid"] = other.as_str().into())),
        (
            "another request whole, under this mark",
            changed(&|it| {
                it["data"]["tid"] = other.as_str().into();
                it["data"]["display_digest"] = digest.as_str().into();
            }),
        ),
        ("another digest", changed(&|it| it["data"]["display_digest"] = digest.as_str().into())),
        ("no mark", changed(&|it| it["data"]["mac"] = "".into())),
        ("another mark", changed(&|it| it["data"]["mac"] = URL_SAFE_NO_PAD.encode([7; 32]).into())),
        ("no data", changed(&|it| it["data"] = Value::Null)),
        ("another verb", changed(&|it| it["verb"] = "break_glass".into())),
        ("another kind of action", changed(&|it| it["type"] = "Action.Submit".into())),
        ("an id that leads elsewhere", changed(&|it| it["data"]["tid"] = "../../x".into())),
    ] {
        let reply = cloud.send(&activity).await.expect(StatusCode::OK).json;
        assert_eq!(
            (&reply["statusCode"], &reply["type"]),
            (&json!(400), &json!("application/vnd.microsoft.error")),
            "{what}: {reply}"
        );
        nothing_changed(&cloud, &id, what).await;
        nothing_changed(&cloud, &other, what).await;
    }
}

#[tokio::test]
async fn the_same_press_again_and_a_late_one_change_nothing() {
    let cloud = Cloud::new().await;
    cloud.link(&oid(2), "carol").await;
    cloud.link(&oid(1), "bob").await;
    let id = cloud.inbox.task(|it| it["action"]["properties"]["reversible"] = "yes".into()).await;
    let card = cloud.card(|call| call.method == Method::POST && call.body.contains(&id)).await.card();
    let yes = json!({"reason": "ok"});
    let press = cloud.press(&card, "approve", &oid(1), &yes);
    cloud.send(&press).await.expect(StatusCode::OK);
    let version = async || cloud.inbox.service.task(&id).await.unwrap().unwrap().version;
    let once = version().await;
    let again = cloud.send(&press).await.expect(StatusCode::OK);
    assert!(again.text.contains("1 of 2 approved"), "{}", again.text);
    let anew = cloud.press(&card, "approve", &oid(1), &yes);
    cloud.send(&anew).await.expect(StatusCode::OK);
    assert_eq!(version().await, once, "a repeated press is not another vote");
    cloud.send(&cloud.press(&card, "deny", &oid(2), &json!({"reason": "no"}))).await.expect(StatusCode::OK);
    let ended = version().await;
    for press in [press, cloud.press(&card, "approve", &oid(2), &yes)] {
        let late = cloud.send(&press).await.expect(StatusCode::OK).json;
        assert_eq!(late["type"], "application/vnd.microsoft.card.adaptive");
        assert!(late["value"].to_string().contains("Denied"), "{late}");
    }
    let task = cloud.inbox.service.task(&id).await.unwrap().unwrap();
    assert_eq!((task.status.as_str(), task.version), ("denied", ended));
}

#[tokio::test]
async fn an_unknown_key_makes_the_service_look_again_once_a_minute_at_most_and_a_new_key_is_found() {
    let cloud = Cloud::new().await;
    let (_, press) = waiting(&cloud).await;
    let fetched = || cloud.calls().iter().filter(|call| call.path == "/v1/.well-known/keys").count();
    let before = fetched();
    let mut header = cloud.header();
    for number in 0..20 {
        header["kid"] = format!("made-up-{number}").into();
        let token = cloud.signer.token(&header, &cloud.claims());
        cloud.send_with(&press, &format!("Bearer {token}")).await.expect(StatusCode::FORBIDDEN);
    }
    assert_eq!(fetched(), before, "keys were fetched again although they were fetched within the minute");
    // Microsoft changes its key: after that minute the service finds the new one, and the old one is none any more.
    let next = Signer::new("key-next");
    cloud.publish(&json!([next.jwk(&["msteams"])]));
    cloud.inbox.elapse(61);
    header["kid"] = "key-next".into();
    let token = next.token(&header, &cloud.claims());
    cloud.send_with(&press, &format!("Bearer {token}")).await.expect(StatusCode::OK);
    assert_eq!(fetched(), before + 1);
    cloud.send(&press).await.expect(StatusCode::FORBIDDEN);
    assert!(cloud.calls().iter().all(|call| !call.path.contains(TENANT) || call.path.ends_with("/token")));
}
