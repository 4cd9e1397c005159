//! Which paths are endpoints that take statements: what their makers document, and the words that such paths are made of.
//!
//! A path is only a shape. It says that a statement may stand in the request, never what the statement does.

use crate::call::Call;

/// What the path says of statements.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Says {
    /// Nothing.
    Nothing,
    /// It may take one: the path ends in `query` or the like, or is the root.
    Perhaps,
    /// It is an endpoint for statements.
    Statements,
}

/// The language spoken there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Language {
    /// SQL, or one that starts with a verb as SQL does.
    Verbs,
    /// Steps joined by `|`: Kusto, PPL, SPL, Flux.
    Steps,
}

/// Documented ends of paths; `*` is one segment, a leading `/` means the whole path. The makers, in this order: Trino and
/// Presto; Databricks; Snowflake; Druid; Pinot; libSQL and Turso; Drill; ksqlDB; rqlite; Superset; Metabase; Redash; Grafana;
/// Neo4j; ArangoDB; Couchbase; Cloudflare D1; Supabase; PlanetScale; SingleStore; Doris; Kylin; QuestDB; InfluxDB; Hasura;
/// ClickHouse Cloud; Livy; Impala and Hue; RDS Data; CrateDB; Elasticsearch and OpenSearch; Spanner; Cloud SQL; Teradata;
/// Rockset; Axiom; Arrow servers.
const STATEMENTS: &str = "v1/statement sql/statements api/v2/statements queries/v1/query-request druid/v2/sql druid/v2/sql/task \
     druid/v2/sql/statements query/sql v1/pipeline v2/pipeline v3/pipeline v1/execute v2/execute v3/execute v1/batch v2/batch \
     v3/batch v2/cursor v3/cursor /query.json /ksql /query-stream /inserts-stream db/execute db/query db/request sqllab/execute \
     sql_json api/dataset dataset/native query_results api/ds/query ds/query tx/commit transaction/commit db/*/tx tx/* query/v2 \
     _api/cursor _api/explain query/service analytics/service d1/database/*/query d1/database/*/raw database/query pg/query \
     pg-meta/*/query psdb.v1alpha1.Database/Execute api/v2/exec api/v1/exec query/rows query/tuples api/query/*/* kylin/api/query \
     /exec /exp api/v1/query_sql sql/execute rest/sql/* sql/query run_sql /Execute /BatchExecute /ExecuteSql _sql/translate \
     _query _query/async _plugins/_sql _plugins/_ppl _apl _opendistro/_sql _xpack/sql systems/*/queries self/queries sqlQuery \
     SQLStatements sqlStatements run-sql run_query executeSql jobs/sql sql-statement rest/query rest/mgmt";

/// Words of a segment that say SQL.
const WORDS: &str = "sql psql ksql esql nsql cql ppl sqllab influxql partiql cypher aql soql suiteql edgeql zoql hogql tsql nrql gaql \
     statement statements sqlapi sqlx";

/// Last segments that may take a statement.
const PERHAPS: &str = "query queries exec execute raw pipeline cursor rows select selects dataset datasets search_sql querysync \
     query_sync submit run console evaluate eval command commands";

/// Paths whose statements are steps.
const STEPS: &str = "workspaces/*/query apps/*/query rest/query rest/mgmt _plugins/_ppl _apl datasets/_apl search/jobs \
     search/jobs/export api/v2/query";

/// What the path says of statements.
pub(super) fn says(call: &Call) -> Says {
    let path = call.path().trim_end_matches('/');
    if path.is_empty() {
        return Says::Perhaps;
    }
    let mut back = path.rsplit('/');
    let (last, above) = (back.next().unwrap_or_default(), back.next().unwrap_or_default());
    let says_so = |segment: &str| words(segment).any(|word| contains(WORDS, word));
    // Below a segment that says SQL there are also collections of things about it.
    let takes = contains(PERHAPS, last) && last != "queries";
    if any(STATEMENTS, path) || says_so(last) || takes && says_so(above) {
        return Says::Statements;
    }
    let last = last.rsplit(':').next().unwrap_or(last);
    let last = last.split('.').next().unwrap_or(last);
    if contains(PERHAPS, last) || words(last).any(|word| contains("query queries", word)) {
        Says::Perhaps
    } else {
        Says::Nothing
    }
}

/// The language of the path.
pub(super) fn language(call: &Call) -> Language {
    let path = call.path().trim_end_matches('/');
    let kusto = call.host().ends_with(".kusto.windows.net");
    if kusto || any(STEPS, path) { Language::Steps } else { Language::Verbs }
}

/// Whether a path ends in one of the patterns of a list.
pub(super) fn any(list: &str, path: &str) -> bool {
    list.split(' ').any(|pattern| ends(path, pattern))
}

fn ends(path: &str, pattern: &str) -> bool {
    let (whole, pattern) = match pattern.strip_prefix('/') {
        Some(pattern) => (true, pattern),
        None => (false, pattern),
    };
    let mut segments = path.rsplit('/');
    for wanted in pattern.rsplit('/') {
        match segments.next() {
            Some(segment) if wanted == "*" && !segment.is_empty() || segment == wanted => {}
            _ => return false,
        }
    }
    !whole || segments.eq([""])
}

fn contains(list: &str, word: &str) -> bool {
    !word.is_empty() && super::lexer::listed(list, word)
}

/// The words of a segment: `sqlQuery`, `execute-sql` and `_sql` have `sql` among theirs.
fn words(segment: &str) -> impl Iterator<Item = &str> {
    let capital = |c: char| c.is_ascii_uppercase();
    let parts = segment.split(|c: char| !c.is_ascii_alphanumeric());
    parts.flat_map(move |part| {
        // A part of one case is one word; a hump starts another.
        let mixed = part.chars().any(|c| c.is_ascii_lowercase());
        let mut rest = part;
        std::iter::from_fn(move || {
            if rest.is_empty() {
                return None;
            }
            let from = rest.chars().take_while(|c| capital(*c)).count().max(1);
            let end = if mixed {
                rest.get(from..).and_then(|tail| tail.find(capital)).map_or(rest.len(), |at| at + from)
            } else {
                rest.len()
            };
            let (word, tail) = rest.split_at_checked(end)?;
            rest = tail;
            Some(word)
        })
    })
}
