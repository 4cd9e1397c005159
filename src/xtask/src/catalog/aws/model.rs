//! A service as botocore's `service-2.json` describes it.

use serde_json::{Map, Value};

/// One version of one service.
pub(super) struct Model {
    /// botocore's own name of it.
    pub(super) id: String,
    json: Value,
}

/// One operation of a model.
pub(super) struct Operation<'m> {
    pub(super) name: &'m str,
    json: &'m Value,
    model: &'m Model,
}

/// A member of an operation's input.
pub(super) struct Member<'m> {
    /// Its name on the wire.
    pub(super) wire: String,
    /// Its name in the model.
    pub(super) name: &'m str,
    pub(super) required: bool,
    /// Whether it is a text or number.
    pub(super) scalar: bool,
    /// Where it stands: `querystring`, `header`, `uri`, or nothing for the body.
    pub(super) location: &'m str,
}

impl Model {
    pub(super) fn new(id: &str, json: Value) -> Self {
        Self { id: id.to_owned(), json }
    }

    /// A text of the metadata; empty where there is none.
    pub(super) fn metadata(&self, name: &str) -> &str {
        self.json["metadata"][name].as_str().unwrap_or_default()
    }

    pub(super) fn prefix(&self) -> &str {
        self.metadata("endpointPrefix")
    }

    pub(super) fn signing_name(&self) -> &str {
        let name = self.metadata("signingName");
        if name.is_empty() { self.prefix() } else { name }
    }

    fn speaks(&self, wanted: impl Fn(&str) -> bool) -> bool {
        let listed = self.json["metadata"]["protocols"].as_array();
        let listed = listed.into_iter().flatten().filter_map(Value::as_str);
        listed.chain([self.metadata("protocol")]).any(wanted)
    }

    /// Whether a request says the name of its operation.
    pub(super) fn has_names(&self) -> bool {
        self.speaks(|protocol| !protocol.starts_with("rest-"))
    }

    /// Whether the path of a request says its operation.
    pub(super) fn has_paths(&self) -> bool {
        self.speaks(|protocol| protocol.starts_with("rest-"))
    }

    fn is(&self, protocol: &str) -> bool {
        self.metadata("protocol") == protocol
    }

    pub(super) fn operations(&self) -> impl Iterator<Item = Operation<'_>> {
        let operations = self.json["operations"].as_object();
        operations.into_iter().flatten().map(|(name, json)| Operation { name, json, model: self })
    }
}

impl Operation<'_> {
    /// The label that goes before the host; empty where there is none.
    pub(super) fn host_prefix(&self) -> &str {
        self.json["endpoint"]["hostPrefix"].as_str().unwrap_or_default()
    }

    /// `METHOD PATH?QUERY` in the form of catalogs.
    pub(super) fn on(&self) -> String {
        let method = self.json["http"]["method"].as_str().unwrap_or("POST");
        let uri = self.json["http"]["requestUri"].as_str().unwrap_or("/").replace("+}", "...}");
        let (path, query) = uri.split_once('?').unwrap_or((&uri, ""));
        let path = path.strip_suffix('/').filter(|path| !path.is_empty()).unwrap_or(path);
        let mut path = path.to_owned();
        // Every version of CloudFront has all its paths under its date, and reads and writes alike.
        if self.model.id == "cloudfront" {
            path = format!("/{{version}}/{}", path.splitn(3, '/').nth(2).unwrap_or_default());
        }
        let mut keys: Vec<String> =
            query.split('&').filter(|key| !key.is_empty()).map(str::to_owned).collect();
        // S3 tells operations of one path apart by the keys that they need.
        if self.model.id == "s3" {
            keys.extend(self.members().filter(|m| m.location == "querystring" && m.required).map(|m| m.wire));
        }
        let query = if keys.is_empty() { String::new() } else { format!("?{}", keys.join("&")) };
        format!("{method} {path}{query}")
    }

    /// The members of its input, in the order of their names.
    pub(super) fn members(&self) -> impl Iterator<Item = Member<'_>> {
        let shapes = &self.model.json["shapes"];
        let input = &shapes[self.json["input"]["shape"].as_str().unwrap_or_default()];
        let required = input["required"].as_array();
        let members = input["members"].as_object();
        members.into_iter().flatten().map(move |(name, member)| {
            let shape = &shapes[member["shape"].as_str().unwrap_or_default()];
            Member {
                wire: self.wire(name, member, shape),
                name,
                required: required.is_some_and(|names| names.iter().any(|n| n == name.as_str())),
                scalar: !matches!(shape["type"].as_str(), Some("structure" | "list" | "map" | "blob")),
                location: member["location"].as_str().unwrap_or_default(),
            }
        })
    }

    /// The name of a member on the wire: EC2 and the query protocols have their own.
    fn wire(&self, name: &str, member: &Value, shape: &Value) -> String {
        let text = |object: &Value, key: &str| object[key].as_str().map(str::to_owned);
        if self.model.is("ec2") {
            return text(member, "queryName")
                .or_else(|| text(member, "locationName").map(|name| capital(&name)))
                .unwrap_or_else(|| name.to_owned());
        }
        let flat = shape["flattened"].as_bool().unwrap_or_default();
        let of_list = flat.then(|| text(&shape["member"], "locationName")).flatten();
        of_list.or_else(|| text(member, "locationName")).unwrap_or_else(|| name.to_owned())
    }
}

fn capital(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_ascii_uppercase().to_string() + letters.as_str()).unwrap_or_default()
}

/// An object's members, none where it is no object.
pub(super) fn object(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter)
}
