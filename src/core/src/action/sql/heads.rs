//! What a statement does by the word it starts with, and by the kind of thing it is about. Tables, not code.
//!
//! The classes follow what a reviewer would call the statement: a `DROP` of what holds data deletes it, a `DROP` of a view
//! changes the schema, and whatever is about users, roles and policies changes privileges.

use super::lexer::{Token, listed};
use crate::action::Class;

/// What a first word says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Head {
    /// A query, which reads unless something in it writes.
    Query,
    /// A question about a statement or a table; with ANALYZE it runs the statement.
    Plan,
    /// A query of a graph, of documents or of lists, in which any verb writes.
    Graph,
    /// Settings of a session, and transactions.
    Session,
    /// A block or a transaction: what follows decides.
    Begin,
    /// `SET`, which is about a session or the server.
    Set,
    /// `PRAGMA`, which asks or sets.
    Pragma,
    /// `START`, of a transaction or a machine.
    Start,
    /// `INSERT` and its kin.
    Insert,
    /// `COPY`, one way or the other.
    Copy,
    /// `LOAD`, of data or of code.
    Load,
    /// Makes something.
    Create,
    /// Changes something.
    Alter,
    /// Removes something.
    Drop,
    /// Always this.
    Is(Class),
}

const HEADS: [(Head, &str); 27] = [
    (Head::Query, "SELECT WITH VALUES TABLE FROM SEL"),
    (Head::Query, "PIVOT UNPIVOT SUMMARIZE DECLARE FETCH ROW TS EVALUATE"),
    (Head::Graph, "MATCH UNWIND OPTIONAL RETURN FOR LET"),
    (Head::Plan, "EXPLAIN DESCRIBE DESC PROFILE"),
    (
        Head::Session,
        "SHOW USE COMMIT ROLLBACK ABORT END SAVEPOINT RELEASE RESET UNSET LIST LS HELP CLOSE DEALLOCATE LISTEN UNLISTEN \
         EXISTS CHECKSUM INFO ASSERT OPEN DATABASE INFER PRINT",
    ),
    (Head::Begin, "BEGIN"),
    (Head::Set, "SET"),
    (Head::Pragma, "PRAGMA"),
    (Head::Start, "START"),
    (Head::Insert, "INSERT"),
    (Head::Copy, "COPY"),
    (Head::Load, "LOAD"),
    (Head::Create, "CREATE DEFINE"),
    (Head::Alter, "ALTER"),
    (Head::Drop, "DROP UNDROP"),
    (
        Head::Is(Class::DataWrite),
        "UPDATE MERGE REPLACE UPSERT PUT CALL EXEC EXECUTE DO RELATE IMPORT RESTORE REFRESH",
    ),
    (Head::Is(Class::DataDelete), "DELETE DEL TRUNCATE REMOVE RM PURGE"),
    (Head::Is(Class::DataExport), "UNLOAD EXPORT GET BACKUP"),
    (Head::Is(Class::SchemaChange), "COMMENT RENAME EXCHANGE MSCK REPAIR REINDEX"),
    (Head::Is(Class::PrivilegeChange), "GRANT REVOKE DENY REASSIGN"),
    (
        Head::Is(Class::InfraChange),
        "KILL SYSTEM VACUUM OPTIMIZE SHUTDOWN RESTART STOP ATTACH DETACH INSTALL UNINSTALL FLUSH CHECKPOINT RECONFIGURE",
    ),
    (
        Head::Is(Class::InfraChange),
        "SUSPEND RESUME PAUSE TERMINATE CANCEL CHANGE MIGRATE REBALANCE ADMIN RECOVER DBCC",
    ),
    (Head::Is(Class::Communication), "NOTIFY"),
    (
        Head::Is(Class::DataWrite),
        "ANALYZE ANALYSE PREPARE LOCK UNLOCK CLUSTER CACHE UNCACHE CLEAR DISCARD SECURITY",
    ),
    (Head::Is(Class::DataWrite), "IF WHILE LOOP REPEAT CASE BULK HANDLER XA"),
    (Head::Is(Class::ModelChange), "TRAIN RETRAIN FINETUNE"),
    (Head::Is(Class::DataExport), "INTO"),
];

/// What the first word of a statement says; `None` where no statement starts so.
pub(super) fn head(word: &str) -> Option<Head> {
    HEADS.iter().find(|(_, list)| listed(list, word)).map(|(head, _)| *head)
}

/// Words between the verb and the kind of thing.
const ADVERBS: &str = "OR REPLACE ALTER TEMP TEMPORARY GLOBAL LOCAL UNLOGGED TRANSIENT VOLATILE EXTERNAL MATERIALIZED SECURE \
     RECURSIVE UNIQUE LIVE STREAMING DYNAMIC HYBRID ICEBERG IF NOT EXISTS FORCE EDITIONABLE AGGREGATE PUBLIC PRIVATE \
     ORREPLACE MULTISET FOREIGN CACHED COLUMN MEMORY CONSTRAINT NONCLUSTERED CLUSTERED FULLTEXT SPATIAL";

/// Who may do what. `USER` covers what follows it, such as a mapping.
const PRIVILEGES: &str = "USER ROLE USERS ROLES LOGIN GROUP POLICY ACCESS SHARE RECIPIENT PROFILE QUOTA AUTHENTICATION PRIVILEGES \
     PERMISSION MASKING NETWORK SECURITY AUTHORIZATION ACL ROW OWNED PASSWORD";

/// Secrets.
const SECRETS: &str = "SECRET CREDENTIAL CREDENTIALS CERTIFICATE KEY TOKEN ASYMMETRIC SYMMETRIC MASTER ENCRYPTION API PERSISTENT";

/// Things that hold data.
const HOLDERS: &str = "TABLE TABLES DATABASE SCHEMA KEYSPACE COLLECTION STREAM BUCKET MEASUREMENT SERIES SHARD CATALOG TOPIC STAGE \
     VOLUME DATASET SCOPE NAMESPACE RETENTION GRAPH SNAPSHOT";

/// Everything else that has a name of its own, so that what follows is that name.
const OTHERS: &str = "VIEW INDEX FUNCTION PROCEDURE PROC TRIGGER SEQUENCE TYPE DOMAIN MACRO EXTENSION PACKAGE AGGREGATE OPERATOR \
     CAST SERVER CONNECTION WAREHOUSE TASK PIPE INTEGRATION FILE SYNONYM RULE EVENT DICTIONARY PUBLICATION SUBSCRIPTION COLLATION \
     CONVERSION LANGUAGE TABLESPACE TEXT STATISTICS ASSEMBLY AGENT ALERT TAG NOTEBOOK APPLICATION SERVICE COMPUTE IMAGE LINK \
     DIRECTORY CONTEXT CLUSTER SYSTEM SESSION ACCOUNT RESOURCE CAPACITY RESERVATION ASSIGNMENT CONNECTOR SINK SOURCE REPLICATION \
     LIBRARY ROUTINE ROUTINES PROJECTION CONSTRAINT DEFAULT INSTANCE TRANSFORM FIELD ANALYZER PARAM";

/// Machines and servers.
const MACHINES: &str =
    "SYSTEM WAREHOUSE ACCOUNT CLUSTER COMPUTE RESOURCE SERVICE INSTANCE CAPACITY RESERVATION";

/// The class of making, changing or removing the thing that the words after the verb name, and the place of its name.
pub(super) fn of_thing(verb: Head, words: &[Token<'_>]) -> (Class, usize) {
    let mut place = 0;
    while words.get(place).is_some_and(|word| word.is_of(ADVERBS)) {
        place += 1;
    }
    let materialized = words.iter().take(place).any(|word| word.is("MATERIALIZED"));
    let Some(thing) = words.get(place) else { return (Class::SchemaChange, place) };
    let next = |list: &str| words.get(place + 1).is_some_and(|word| word.is_of(list));
    let class = if thing.is_of(PRIVILEGES)
        || thing.is_of("DATABASE APPLICATION") && next("ROLE")
        || thing.is("DEFAULT") && next("PRIVILEGES ROLE")
    {
        Class::PrivilegeChange
    } else if thing.is_of(SECRETS) || thing.is("DATABASE") && next("SCOPED ENCRYPTION") {
        Class::CredentialAccess
    } else if thing.is("MODEL") {
        Class::ModelChange
    } else if verb == Head::Drop && thing.is_of(HOLDERS) && !materialized {
        Class::DataDelete
    } else if verb == Head::Alter && thing.is_of(MACHINES) {
        Class::InfraChange
    } else {
        Class::SchemaChange
    };
    let mut name = place + usize::from(thing.is_of(HOLDERS) || thing.is_of(OTHERS) || thing.is("MODEL"));
    while words.get(name).is_some_and(|word| word.is_of("IF NOT EXISTS ONLY")) {
        name += 1;
    }
    (class, name)
}

/// Words after which a write within a statement is one: verb, and what may follow it.
const PAIRS: [(&str, &str, Class); 13] = [
    ("INSERT REPLACE UPSERT MERGE", "INTO", Class::DataWrite),
    ("INSERT", "OVERWRITE IGNORE LOW_PRIORITY DELAYED HIGH_PRIORITY", Class::DataWrite),
    ("DELETE", "FROM", Class::DataDelete),
    ("TRUNCATE", "TABLE", Class::DataDelete),
    ("DROP", "TABLE DATABASE SCHEMA", Class::DataDelete),
    (
        "DROP CREATE ALTER",
        "VIEW INDEX FUNCTION PROCEDURE PROC TRIGGER SEQUENCE TYPE EXTENSION",
        Class::SchemaChange,
    ),
    ("CREATE ALTER", "TABLE DATABASE SCHEMA OR", Class::SchemaChange),
    ("DROP CREATE ALTER", "USER ROLE LOGIN POLICY", Class::PrivilegeChange),
    (
        "GRANT REVOKE DENY",
        "ALL SELECT INSERT UPDATE DELETE EXECUTE USAGE CONTROL CREATE",
        Class::PrivilegeChange,
    ),
    ("EXPORT", "DATA", Class::DataExport),
    ("BACKUP", "DATABASE LOG", Class::DataExport),
    ("EXECUTE EXEC", "IMMEDIATE SP_EXECUTESQL SP_CONFIGURE MASTER XP_CMDSHELL", Class::DataWrite),
    ("SHUTDOWN", "WITH NOWAIT", Class::InfraChange),
];

/// The class of a pair of words that starts a write.
pub(super) fn pair(verb: &Token<'_>, next: &Token<'_>) -> Option<Class> {
    let fits = |(verbs, nexts, _): &&(&str, &str, Class)| verb.is_of(verbs) && next.is_of(nexts);
    PAIRS.iter().find(fits).map(|(_, _, class)| *class)
}

/// Functions that do more than compute, by what they do. PostgreSQL, MySQL, SQLite, SQL Server, Oracle, ClickHouse, DuckDB,
/// Snowflake, Spark and their extensions.
const FUNCTIONS: [(Class, &str); 6] = [
    (
        Class::DataWrite,
        "pg_read_file pg_read_binary_file pg_ls_dir pg_stat_file pg_file_write pg_file_unlink pg_file_rename lo_import lo_put \
         lo_unlink lo_from_bytea lo_create lowrite dblink_exec dblink_send_query dblink pg_logical_emit_message \
         pg_logical_slot_get_changes pg_replication_slot_advance load_file sys_exec sys_eval sys_set openrowset openquery \
         opendatasource sp_executesql xmlquery_update httpuritype urifactory reflect java_method writefile readfile edit \
         table_import_from_s3 fts3_tokenizer plpy_exec pg_execute_server_program spi_exec import_foreign_schema \
         pg_restore_relation_stats run_command_on_workers run_command_on_shards run_command_on_placements",
    ),
    (Class::DataExport, "lo_export query_export_to_s3 pg_dump export_to_s3"),
    (
        Class::Communication,
        "http_post http_put http_delete http_patch http_get http pg_notify system$send_email",
    ),
    (
        Class::InfraChange,
        "pg_terminate_backend pg_cancel_backend pg_reload_conf pg_rotate_logfile pg_promote pg_switch_wal pg_create_restore_point \
         pg_create_physical_replication_slot pg_create_logical_replication_slot pg_drop_replication_slot pg_wal_replay_pause \
         pg_stat_reset pg_start_backup pg_backup_start pg_backup_stop xp_cmdshell xp_regwrite xp_regread xp_dirtree \
         xp_fileexist sp_configure sp_oacreate sp_oamethod sp_addlinkedserver load_extension executable \
         system$cancel_query system$cancel_all_queries system$abort_session system$abort_transaction",
    ),
    (Class::CredentialAccess, "secret try_secret"),
    (Class::DataWrite, "schedule_in_database unschedule"),
];

/// Packages of functions, each of which acts.
const PACKAGES: &str = "utl_http utl_file utl_smtp utl_tcp utl_mail dbms_scheduler dbms_job dbms_sql dbms_java dbms_ldap \
     dbms_xslprocessor dbms_cloud dbms_pipe dbms_advisor dbms_java_test apex_web_service aws_lambda cron net";

/// The class of a function that acts; its package or schema stands before the dot.
pub(super) fn function(package: Option<&Token<'_>>, name: &str) -> Option<Class> {
    let of_package = || match package {
        Some(package) if package.is_of(PACKAGES) => Some(Class::DataWrite),
        _ => None,
    };
    FUNCTIONS.iter().find(|(_, list)| listed(list, name)).map(|(class, _)| *class).or_else(of_package)
}
