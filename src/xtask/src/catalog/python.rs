//! Operations out of the source of a Python client: each function that names a path and a method calls one.
//!
//! Generated clients (openapi-generator, Stainless, Fern, autorest, Speakeasy) and most written by hand keep both as
//! literals in one function. This reads literals, not Python: a path that is put together from parts is not found.

use std::collections::BTreeMap;

/// One operation as a client calls it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Called {
    /// HTTP method, upper case.
    pub(super) method: String,
    /// Path, with every parameter as `{p}`.
    pub(super) path: String,
    /// The file and the function, or the operation's own name where the source gives it.
    pub(super) name: String,
}

/// What one function of the source mentions, by place.
#[derive(Default)]
struct Mentions {
    methods: Vec<(usize, String)>,
    paths: Vec<(usize, String)>,
    names: Vec<(usize, String)>,
    /// The literal before, which may be the key of the next.
    key: String,
}

/// The operations of one source file.
pub(super) fn operations(stem: &str, source: &str) -> Vec<Called> {
    let mut found = BTreeMap::new();
    let source = without_docs(source);
    let mut function = String::new();
    let mut block = String::new();
    for line in source.lines().chain(["def end("]) {
        let start = line.trim_start();
        let start = start.strip_prefix("async ").unwrap_or(start);
        if let Some(name) = start.strip_prefix("def ").and_then(|rest| rest.split('(').next()) {
            take(stem, &function, &block, &mut found);
            name.clone_into(&mut function);
            block.clear();
        }
        block.push_str(line);
        block.push('\n');
    }
    found.into_iter().map(|((path, method), name)| Called { method, path, name }).collect()
}

fn take(stem: &str, function: &str, block: &str, found: &mut BTreeMap<(String, String), String>) {
    let mentions = Mentions::of(block);
    for (place, path) in &mentions.paths {
        let nearest = |list: &[(usize, String)]| {
            list.iter().min_by_key(|(at, _)| at.abs_diff(*place)).map(|(_, text)| text.clone())
        };
        let Some(method) = nearest(&mentions.methods) else { continue };
        let name = nearest(&mentions.names).unwrap_or_else(|| format!("{}.{}", plain(stem), plain(function)));
        found.entry((path.clone(), method)).or_insert(name);
    }
}

/// A name without what generators put around it.
fn plain(name: &str) -> &str {
    let name = name.trim_matches('_');
    let mut name = name.strip_prefix("build_").unwrap_or(name);
    for end in ["_serialize", "_with_http_info", "_request", "_async", "_api", "_service"] {
        name = name.strip_suffix(end).unwrap_or(name);
    }
    name
}

impl Mentions {
    fn of(block: &str) -> Self {
        let mut mentions = Self::default();
        let mut place = 0;
        let mut rest = block;
        let mut before = String::new();
        while let Some(at) = rest.find(['"', '\'', '(']) {
            let (code, from) = rest.split_at(at);
            before.push_str(code);
            place += at;
            let quote = from.chars().next().unwrap_or('(');
            let after = from.get(1..).unwrap_or_default();
            let mut used = 1;
            if quote == '(' {
                if let Some(method) = called(&before) {
                    mentions.methods.push((place, method));
                }
                before.push('(');
            } else if let Some(end) = after.find([quote, '\n']) {
                let (text, _) = after.split_at(end);
                mentions.literal(place, text, &before);
                used += end + 1;
                before.clear();
                before.push(' ');
            }
            place += used;
            rest = from.get(used..).unwrap_or_default();
        }
        mentions
    }

    fn literal(&mut self, place: usize, text: &str, before: &str) {
        let code = before.trim_end_matches(['f', 'r']).trim_end();
        if let Some(method) = method(text) {
            self.methods.push((place, method));
        } else if text.starts_with('/') || code.ends_with(".request(") {
            let slash = if text.starts_with('/') { "" } else { "/" };
            if let Some(path) = path(&format!("{slash}{text}")) {
                self.paths.push((place, path));
            }
        } else if code.trim() == ":" && self.key == "operation_id" {
            self.names.push((place, text.to_owned()));
        }
        text.clone_into(&mut self.key);
    }
}

fn method(text: &str) -> Option<String> {
    let upper = text.to_ascii_uppercase();
    let known = matches!(upper.as_str(), "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE");
    (known && (text == upper || text.chars().all(char::is_lowercase))).then_some(upper)
}

/// The method that code such as `self._post` names right before a parenthesis.
fn called(code: &str) -> Option<String> {
    let (_, last) = code.rsplit_once('.')?;
    let name = last.trim_start_matches('_');
    method(name.strip_suffix("_api_list").unwrap_or(name))
}

/// A literal as a path template; nothing where it is none.
fn path(text: &str) -> Option<String> {
    let mut template = String::new();
    let mut depth = 0_u32;
    for c in text.chars() {
        match c {
            '{' => {
                depth += 1;
                if depth == 1 {
                    template.push_str("{p}");
                }
            }
            '}' => depth = depth.saturating_sub(1),
            _ if depth > 0 => {}
            _ if c.is_ascii_alphanumeric() || "/_-.:,$@*".contains(c) => template.push(c),
            _ => return None,
        }
    }
    let letters = template.replace("{p}", "").chars().filter(char::is_ascii_alphabetic).count();
    (letters >= 2).then_some(template)
}

/// The source without its documentation.
fn without_docs(source: &str) -> String {
    source.split("\"\"\"").step_by(2).collect::<Vec<_>>().join("\"\"\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_literals_of_a_function_are_its_operation_in_every_style_of_client() {
        let one = |source: &str| {
            let found = operations("files_api", source);
            found
                .into_iter()
                .map(|called| format!("{} {} {}", called.method, called.path, called.name))
                .collect::<Vec<_>>()
        };
        let stainless = "def create(self):\n    return self._post(\n        \"/files\",\n";
        assert_eq!(one(stainless), ["POST /files files.create"]);
        let generated =
            "def _delete_serialize(self):\n    x(method=\"DELETE\", resource_path=\"/v1/a/{id}\")\n";
        assert_eq!(one(generated), ["DELETE /v1/a/{p} files.delete"]);
        let formatted = "def get(self, id):\n    self._api.do(\"GET\", f\"/api/2.0/x/{self.id}/y\")\n";
        assert_eq!(one(formatted), ["GET /api/2.0/x/{p}/y files.get"]);
        let named = "def __init__(self):\n    s = {\"endpoint_path\": \"/api/v2/users\", \"operation_id\": \"create_user\", \"http_method\": \"POST\"}\n";
        assert_eq!(one(named), ["POST /api/v2/users create_user"]);
    }

    #[test]
    fn a_path_in_the_documentation_is_none() {
        assert!(operations("x", "def f(self):\n    \"\"\"GET '/v1/things'\"\"\"\n    pass\n").is_empty());
    }
}
