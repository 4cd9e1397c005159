//! A stand-in for HashiCorp Vault's key-value engine, with the shapes of answers that its API documentation shows.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{Response, StatusCode},
};
use serde_json::{Value, json};
use tokio::{net::TcpListener, task::JoinHandle};

/// The token it lets in.
pub(crate) const TOKEN: &str = "hvs.stand-in-token";

/// How the next answers are.
#[derive(Clone, Copy)]
enum Mood {
    Honest,
    Says(u16, &'static str),
    Hangs,
}

struct Inside {
    /// By namespace and path: a version, and its fields where it is not deleted.
    kept: HashMap<(String, String), (u64, Option<Value>)>,
    mood: Mood,
    asked: usize,
}

/// The stand-in.
pub(crate) struct Vault {
    address: String,
    inside: Arc<Mutex<Inside>>,
    serving: JoinHandle<()>,
}

impl Vault {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let inside = Inside { kept: HashMap::new(), mood: Mood::Honest, asked: 0 };
        let inside = Arc::new(Mutex::new(inside));
        let router = Router::new().fallback(read).with_state(inside.clone());
        let serving = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { address, inside, serving }
    }

    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    fn change<T>(&self, change: impl FnOnce(&mut Inside) -> T) -> T {
        change(&mut self.inside.lock().unwrap())
    }

    pub(crate) fn put(&self, namespace: &str, path: &str, version: u64, fields: Value) {
        let place = (namespace.to_owned(), path.to_owned());
        self.change(|inside| inside.kept.insert(place, (version, Some(fields))));
    }

    pub(crate) fn delete(&self, namespace: &str, path: &str, version: u64) {
        let place = (namespace.to_owned(), path.to_owned());
        self.change(|inside| inside.kept.insert(place, (version, None)));
    }

    pub(crate) fn answer(&self, (status, body): (u16, &'static str)) {
        self.change(|inside| inside.mood = Mood::Says(status, body));
    }

    pub(crate) fn hang(&self) {
        self.change(|inside| inside.mood = Mood::Hangs);
    }

    pub(crate) fn honest(&self) {
        self.change(|inside| inside.mood = Mood::Honest);
    }

    /// How often it was asked.
    pub(crate) fn asked(&self) -> usize {
        self.change(|inside| inside.asked)
    }
}

impl Drop for Vault {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

fn answer(status: u16, body: String) -> Response<Body> {
    let builder = Response::builder().status(StatusCode::from_u16(status).unwrap());
    builder.header("location", "http://127.0.0.1:1/v1/elsewhere").body(Body::from(body)).unwrap()
}

async fn read(State(inside): State<Arc<Mutex<Inside>>>, request: Request) -> Response<Body> {
    let (mood, kept) = {
        let mut inside = inside.lock().unwrap();
        inside.asked += 1;
        let header =
            |name: &str| request.headers().get(name).map_or("", |value| value.to_str().unwrap()).to_owned();
        let place = (header("x-vault-namespace"), request.uri().path().trim_start_matches("/v1/").to_owned());
        let allowed = header("x-vault-token") == TOKEN && request.method() == "GET";
        (inside.mood, allowed.then(|| inside.kept.get(&place).cloned().map(|kept| (place.1, kept))))
    };
    match mood {
        Mood::Honest => {}
        Mood::Says(status, body) => return answer(status, body.to_owned()),
        Mood::Hangs => std::future::pending().await,
    }
    let whole = |data: Value| {
        json!({"request_id": "0f7a2e9c-0000-0000-0000-000000000000", "lease_id": "", "renewable": false,
            "lease_duration": 2_764_800, "data": data, "wrap_info": null, "warnings": null, "auth": null})
    };
    let Some(kept) = kept else { return answer(403, r#"{"errors":["permission denied"]}"#.to_owned()) };
    let Some((path, (version, fields))) = kept else { return answer(404, r#"{"errors":[]}"#.to_owned()) };
    if !path.contains("/data/") {
        return answer(200, whole(fields.unwrap_or_default()).to_string());
    }
    let (status, deleted) =
        if fields.is_some() { (200, "") } else { (404, "2026-11-20T10:00:00.123456789Z") };
    let metadata = json!({"created_time": "2026-11-19T10:00:00.123456789Z", "custom_metadata": null,
        "deletion_time": deleted, "destroyed": false, "version": version});
    answer(status, whole(json!({"data": fields, "metadata": metadata})).to_string())
}
