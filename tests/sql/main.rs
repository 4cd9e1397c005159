//! The core's own reading of SQL against a parser that has a grammar: every statement of the corpus, where it is there.
//!
//! What the parser takes for a write must be one to the core, without exception. What it takes for a read may be a write to
//! the core only for a reason that is listed here: the core judges a text without knowing its dialect, and is strict where
//! dialects differ. The parser stays out of the module that is deployed; it is larger than everything else in it.

use std::ops::ControlFlow;

use anyhow::{Result, ensure};
use countersign_core::action::{Class, Decoded, Decoders};
use countersign_core::call::{Body, Call, Destinations, HeaderMap, Scheme};
use countersign_tests::rows;
use serde_json::Value;
use sqlparser::{
    ast::{Query, SetExpr, Statement, Visit, Visitor},
    dialect::{
        BigQueryDialect, ClickHouseDialect, DatabricksDialect, Dialect, DuckDbDialect, GenericDialect,
        HiveDialect, MsSqlDialect, MySqlDialect, PostgreSqlDialect, RedshiftSqlDialect, SQLiteDialect,
        SnowflakeDialect,
    },
    parser::Parser,
};

/// What a statement does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Does {
    Read,
    Write,
    /// It is about a session or a transaction, on which nobody need agree.
    Neither,
}

/// Statements of whose harm opinions differ.
const DISPUTED: [&str; 2] = [
    // Both are asked of the server and keep statistics: the core calls that a write.
    "ANALYZE", // Reads what it is given, and keeps it in memory.
    "CACHE",
];

/// Finds what writes within a statement.
struct Writes {
    found: bool,
}

impl Visitor for Writes {
    type Break = ();

    fn pre_visit_statement(&mut self, statement: &Statement) -> ControlFlow<()> {
        self.found |= of_kind(statement) == Does::Write;
        ControlFlow::Continue(())
    }

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<()> {
        self.found |= into(&query.body);
        ControlFlow::Continue(())
    }
}

/// Whether a query puts its rows into a table.
fn into(body: &SetExpr) -> bool {
    match body {
        SetExpr::Select(select) => select.into.is_some(),
        SetExpr::SetOperation { left, right, .. } => into(left) || into(right),
        _ => false,
    }
}

fn of_kind(statement: &Statement) -> Does {
    match statement {
        Statement::Query(_) | Statement::ExplainTable { .. } => Does::Read,
        Statement::Explain { analyze: false, .. } => Does::Read,
        Statement::Explain { statement, .. } => of_kind(statement),
        other => {
            let word = other.to_string().split_whitespace().next().unwrap_or_default().to_ascii_uppercase();
            let reads = ["SHOW", "DESCRIBE", "DESC", "LIST", "VALUES", "TABLE", "FROM", "SELECT", "WITH"];
            let session = [
                "SET",
                "USE",
                "BEGIN",
                "START",
                "COMMIT",
                "ROLLBACK",
                "SAVEPOINT",
                "RELEASE",
                "DECLARE",
                "FETCH",
                "CLOSE",
                "DEALLOCATE",
                "PRAGMA",
                "RESET",
                "LISTEN",
                "UNLISTEN",
                "DISCARD",
                "END",
                "OPEN",
            ];
            match word.as_str() {
                word if reads.contains(&word) => Does::Read,
                word if session.contains(&word) || DISPUTED.contains(&word) => Does::Neither,
                _ => Does::Write,
            }
        }
    }
}

/// What the parser makes of a text in one dialect; nothing where it does not parse.
fn parsed(dialect: &dyn Dialect, text: &str) -> Option<Does> {
    let statements = Parser::parse_sql(dialect, text).ok().filter(|all| !all.is_empty())?;
    let mut does = Does::Read;
    for statement in &statements {
        let plan = matches!(statement, Statement::Explain { analyze: false, .. });
        let mut writes = Writes { found: false };
        if !plan {
            let _: ControlFlow<()> = statement.visit(&mut writes);
        }
        does = match (does, of_kind(statement)) {
            _ if writes.found => return Some(Does::Write),
            (Does::Neither, _) | (_, Does::Neither) => Does::Neither,
            (_, kind) => kind,
        };
    }
    Some(does)
}

/// What the core makes of a text that is sent to a server of unknown dialect.
fn core(text: &str) -> Result<Class> {
    let head = [
        (":method", "POST"),
        (":authority", "sql.example"),
        (":path", "/v1/statement"),
        ("content-type", "text/plain"),
    ];
    let none: [&str; 0] = [];
    let call = Call::read(HeaderMap::from_pairs(head), &Destinations::new(Scheme::Https, none)?)?;
    Ok(match Decoders::default().decode(&call, Body::Read(text.as_bytes())) {
        Decoded::Known(members) => {
            members.iter().map(|member| member.action.class).max().unwrap_or(Class::DataWrite)
        }
        Decoded::NeedsBody | Decoded::Undecodable(_) | Decoded::Contradiction(_) => Class::DataWrite,
    })
}

/// The statement of a row: its whole body, or the longest text of its JSON.
fn statement(body: &str) -> String {
    fn longest(value: &Value) -> &str {
        match value {
            Value::String(text) => text,
            Value::Array(items) => {
                items.iter().map(longest).max_by_key(|text| text.len()).unwrap_or_default()
            }
            Value::Object(members) => members
                .iter()
                .filter(|(name, _)| !name.ends_with("Arn") && !name.contains("Cluster"))
                .map(|(_, value)| longest(value))
                .max_by_key(|text| text.len())
                .unwrap_or_default(),
            Value::Null | Value::Bool(_) | Value::Number(_) => "",
        }
    }
    match serde_json::from_str::<Value>(body) {
        Ok(value) => longest(&value).to_owned(),
        Err(_) => body.to_owned(),
    }
}

#[test]
fn what_a_parser_takes_for_a_write_is_one_to_the_core() -> Result<()> {
    let Some(corpus) = rows::corpus() else {
        println!("skipped: there is no corpus beside the project");
        return Ok(());
    };
    let mut rows = rows::read(&corpus.join("dev/sql.jsonl"))?;
    rows.extend(rows::read(&corpus.join("evasion-dev.jsonl"))?.into_iter().filter(|row| row.source == "sql"));
    let dialects: [&dyn Dialect; 12] = [
        &GenericDialect {},
        &PostgreSqlDialect {},
        &MySqlDialect {},
        &SQLiteDialect {},
        &DuckDbDialect {},
        &DatabricksDialect {},
        &HiveDialect {},
        &SnowflakeDialect {},
        &BigQueryDialect {},
        &ClickHouseDialect {},
        &MsSqlDialect {},
        &RedshiftSqlDialect {},
    ];
    let (mut compared, mut missed, mut strict) = (0, Vec::new(), Vec::new());
    for row in &rows {
        let body = row.request.body()?.unwrap_or_default();
        let Ok(body) = String::from_utf8(body) else { continue };
        let text = statement(&body);
        let class = core(&text)?;
        let answers: Vec<Does> = dialects.iter().filter_map(|dialect| parsed(*dialect, &text)).collect();
        compared += usize::from(!answers.is_empty());
        if class == Class::ReadOnly && answers.contains(&Does::Write) {
            missed.push(text);
        } else if class != Class::ReadOnly
            && !answers.is_empty()
            && answers.iter().all(|does| *does == Does::Read)
        {
            strict.push(text);
        }
    }
    println!("{compared} of {} texts parse; {} reads to the parser alone", rows.len(), strict.len());
    ensure!(missed.is_empty(), "writes to the parser, reads to the core: {missed:#?}");
    ensure!(compared > rows.len() / 2, "the parser knows {compared} of {} texts", rows.len());
    ensure!(strict.is_empty(), "reads to the parser, writes to the core: {strict:#?}");
    Ok(())
}
