//! What a tool call of MCP does: by the tool's name, and by arguments that say more than the name.
//!
//! A tool that runs what it is given (`execute_sql`, `http_request`, `run_query`) is judged by what it is given: by the
//! effect of a statement, by the HTTP method. Of any other tool the arguments can only make the reading stricter:
//! `manage_record` with `"action": "delete"` deletes. A word in an argument never makes a call milder, `dry_run` least of
//! all. Specification: modelcontextprotocol.io, "Tools". It cannot know what else the server does with the arguments.

use serde_json::{Map, Value};

use super::{Class, graphql, http::is_safe, sql, words};

/// What arguments say about a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Said {
    /// They are what is run: this is what the call does.
    Decides(Class),
    /// The call does at least this.
    AtLeast(Class),
}

/// The class of a call of this tool with these arguments.
pub(super) fn class(name: &str, arguments: Option<&Map<String, Value>>) -> Class {
    let named = words::class_of_tool(name);
    match arguments.and_then(|arguments| of_arguments(name, arguments)) {
        None => named,
        Some(Said::Decides(class)) if words::runs_what_it_is_given(name) => class,
        Some(Said::Decides(class) | Said::AtLeast(class)) => named.max(class),
    }
}

/// Arguments that hold a statement in a language for data.
const STATEMENTS: [&str; 9] =
    ["sql", "query", "statement", "cypher", "sparql", "sql_query", "query_string", "gql", "kql"];

/// Arguments that name what to do.
const VERBS: [&str; 7] = ["action", "operation", "op", "mode", "command", "cmd", "method"];

/// What the arguments say that the name does not: the one place where a tool's arguments are looked into.
fn of_arguments(name: &str, arguments: &Map<String, Value>) -> Option<Said> {
    let text = |name: &str| arguments.get(name).and_then(Value::as_str);
    // A tool that queries may call its statement anything; what is searched for is prose, and may begin with any word.
    let any = words::takes_a_statement(name);
    let prose = words::searches(name);
    let statement = arguments
        .iter()
        .filter(|(key, _)| any || STATEMENTS.contains(&key.as_str()) && (!prose || key.as_str() != "query"))
        .flat_map(|(_, value)| value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice))
        .filter_map(|value| value.as_str().and_then(effect_of_statement))
        .max();
    if let Some(class) = statement {
        return Some(Said::Decides(class));
    }
    let target = ["url", "uri", "path", "endpoint"].iter().find_map(|name| text(name));
    if let (Some(method), Some(target)) = (text("method"), target)
        && let Some(class) = of_http(method, target)
    {
        return Some(Said::Decides(class));
    }
    let verb = VERBS.iter().filter_map(|verb| text(verb)).map(words::class_of_verb_parameter).max();
    verb.filter(|class| *class > Class::ReadOnly).map(Said::AtLeast)
}

fn of_http(method: &str, target: &str) -> Option<Class> {
    let method = method.to_ascii_uppercase();
    let verbs = target.split(['/', '?']).map(words::class_of_segment).max().unwrap_or_default();
    match method.as_str() {
        "DELETE" => Some(verbs.max(Class::DataDelete)),
        "POST" | "PUT" | "PATCH" => Some(verbs.max(Class::DataWrite)),
        method if is_safe(method) => Some(verbs),
        _ => None,
    }
}

/// What a statement does, of SQL, GraphQL, or a language like them; `None` where the text is no statement.
pub(super) fn effect_of_statement(text: &str) -> Option<Class> {
    if graphql::looks_like(text) && !text.trim_start().starts_with('#') {
        return graphql::class_of_text(text).or(Some(Class::DataWrite));
    }
    sql::class_of_text(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn of(name: &str, arguments: impl std::borrow::Borrow<Value>) -> Class {
        class(name, arguments.borrow().as_object())
    }

    #[test]
    fn a_tool_that_runs_a_statement_does_what_the_statement_does() {
        for (text, expected) in [
            ("SELECT * FROM t", Class::ReadOnly),
            ("with x as (select 1) select * from x", Class::ReadOnly),
            ("with x as (delete from t returning *) select * from x", Class::DataDelete),
            ("select 1; drop table t", Class::DataDelete),
            ("explain analyze update t set a = 1", Class::DataWrite),
            ("GRANT ALL ON t TO bob", Class::PrivilegeChange),
            ("MATCH (n) RETURN n", Class::ReadOnly),
            ("MATCH (n) DETACH DELETE n", Class::DataDelete),
            ("{ viewer { login } }", Class::ReadOnly),
            ("mutation { deleteUser(id: 1) { id } }", Class::DataDelete),
            ("frobnicate", Class::InfraChange),
        ] {
            assert_eq!(of("execute_query", json!({"query": text})), expected, "{text}");
        }
        assert_eq!(of("query", json!({"sql": "delete from t"})), Class::DataDelete);
        assert_eq!(of("run_query", json!({"q": ["select 1", "delete from t"]})), Class::DataDelete);
    }

    #[test]
    fn prose_is_no_statement_where_a_tool_searches() {
        assert_eq!(of("search_docs", json!({"query": "delete a user"})), Class::ReadOnly);
        assert_eq!(of("delete_rows", json!({"query": "select 1"})), Class::DataDelete);
    }

    #[test]
    fn a_tool_that_sends_requests_does_what_the_method_does() {
        for (method, expected) in [
            ("GET", Class::ReadOnly),
            ("get", Class::ReadOnly),
            ("POST", Class::DataWrite),
            ("DELETE", Class::DataDelete),
        ] {
            let arguments = json!({"method": method, "url": "https://a.example/b"});
            assert_eq!(of("http_request", arguments), expected, "{method}");
        }
        assert_eq!(of("fetch", json!({"method": "POST", "url": "https://a.example"})), Class::DataWrite);
        assert_eq!(
            of("delete_hook", json!({"method": "GET", "url": "https://a.example"})),
            Class::DataDelete
        );
    }

    #[test]
    fn an_argument_that_names_a_verb_only_makes_a_call_stricter() {
        assert_eq!(of("get_record", json!({"action": "delete"})), Class::DataDelete);
        assert_eq!(of("manage_record", json!({"action": "list"})), Class::DataWrite);
        assert_eq!(of("delete_record", json!({"dry_run": true})), Class::DataDelete);
        assert_eq!(of("git_branch", json!({"operation": "delete"})), Class::DataDelete);
    }
}
