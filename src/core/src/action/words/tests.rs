use super::*;
use crate::action::Class::*;

#[test]
fn a_name_that_reads_is_a_read_and_nothing_else_is() {
    for name in [
        "get_file",
        "listUsers",
        "ListUsers",
        "search-code",
        "read",
        "eth_getBalance",
        "user.get",
        "HTTPGet",
        "get_commit",
        "list_releases",
        "get_deployment",
        "describe_export_task_x",
        "tools_list",
        "hubspot-get-link",
        "n8n_validate_workflow",
        "directory_tree",
        "git_log",
        "pods_log",
        "git_diff_staged",
        "generate_pin_map",
        "resolve-library-id",
        "download_attachment",
        "blob_import_get",
        "deploy_plan_get",
        "maps_place_details",
        "my_issues",
        "directions_tool",
        "functions_template_get",
        "query",
        "web_search_exa",
        "GetStartTime",
        "get_create_fields",
        "GetExportSnapshotState",
    ] {
        assert_eq!(class_of_name(name), ReadOnly, "{name}");
    }
    for name in [
        "",
        "frobnicate",
        "execute_query",
        "run_sql",
        "search_set_alias_update",
        "sanitize_list",
        "log_workout",
        "create_list",
        "import_list",
        "trello_move_list",
        "slack_post_comments",
        "slack_set_details",
        "index_rebuild",
        "generate_user",
        "resolve_incident",
        "download_customers",
        "take_screenshot",
        "delete_user",
        "get_or_create",
        "get_delete",
        "get_and_delete_all",
        "charge_check",
        "find_and_delete",
        "list_then_push",
        "ünlesbar",
        "_",
        "getAndSetUser",
    ] {
        assert_ne!(class_of_name(name), ReadOnly, "{name}");
    }
}

#[test]
fn every_word_is_found_because_the_tables_are_sorted() {
    assert!(table::VERBS.is_sorted_by(|a, b| a.0 < b.0));
    assert!(table::NOUNS.is_sorted_by(|a, b| a.0 < b.0));
    let longest = table::VERBS.iter().map(|v| v.0.len()).chain(table::NOUNS.iter().map(|n| n.0.len())).max();
    assert!(longest <= Some(LONGEST));
}

#[test]
fn a_server_before_the_name_of_a_tool_makes_nothing_milder() {
    for (name, class) in [
        ("mcp__github__create_issue", DataWrite),
        ("mcp__store__get_item", ReadOnly),
        ("mcp__search__set_alias", DataWrite),
        ("github.create_issue", DataWrite),
        ("search.set_alias", DataWrite),
        ("github-create_issue", DataWrite),
        ("github/list_issues", ReadOnly),
        ("browser_take_screenshot", ReadOnly),
    ] {
        assert_eq!(class_of_tool(name), class, "{name}");
    }
    for (name, class) in [
        ("eth_call", ReadOnly),
        ("eth_getBalance", ReadOnly),
        ("eth_sendRawTransaction", Communication),
        ("host.get", ReadOnly),
        ("host.create", DataWrite),
        ("VideoLibrary.GetMovies", ReadOnly),
        ("System.Shutdown", InfraChange),
    ] {
        assert_eq!(class_of_method(name), class, "{name}");
    }
}

#[test]
fn a_name_tells_its_class() {
    for (name, class) in [
        ("delete_role", PrivilegeChange),
        ("delete_user", DataDelete),
        ("create_table", SchemaChange),
        ("get_secret_value", CredentialAccess),
        ("get_api_key", CredentialAccess),
        ("get_key", ReadOnly),
        ("export_customers", DataExport),
        ("send_message", Communication),
        ("merge_pull_request", CodeChange),
        ("deploy_service", InfraChange),
        ("train_model", ModelChange),
        ("SetIamPolicy", PrivilegeChange),
        ("frobnicate", DataWrite),
    ] {
        assert_eq!(class_of_name(name), class, "{name}");
    }
}

#[test]
fn a_segment_acts_only_as_a_verb() {
    for (segment, class) in [
        ("delete", DataDelete),
        ("Delete", DataDelete),
        ("deleteUser", DataDelete),
        ("delete_user", DataDelete),
        ("instances:purge", DataDelete),
        ("export", DataExport),
        ("create-user-guide", ReadOnly),
        ("updates", ReadOnly),
        ("release", ReadOnly),
        ("commit", ReadOnly),
        ("Documents", ReadOnly),
        ("importJobs", ReadOnly),
        ("restart_count", ReadOnly),
        ("", ReadOnly),
    ] {
        assert_eq!(class_of_segment(segment), class, "{segment}");
    }
}

#[cfg(not(target_arch = "wasm32"))]
mod arbitrary {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_name_makes_judging_panic(name: String) {
            let classes =
                [class_of_tool(&name), class_of_method(&name), class_of_segment(&name), class_of_mutation(&name)];
            prop_assert!(classes.iter().all(|class| Class::ALL.contains(class)));
            let more = [class_of_collection(&name), class_of_verb_parameter(&name)];
            prop_assert!(more.iter().all(|class| Class::ALL.contains(class)));
            let told = [asks(&name), searches(&name), names_an_act(&name, Some(&name)), has_an_act(&name)];
            prop_assert!(told.len() == 4);
        }

        #[test]
        fn a_name_that_no_table_knows_is_a_write(name in "[bcdfghjklmnpqrstvwxz]{1,12}") {
            prop_assert_ne!(class_of_name(&name), ReadOnly);
        }

        #[test]
        fn a_verb_that_acts_is_never_hidden_by_what_stands_around_it(
            before in "[bcdfghjklmnpqrstvwxz]{0,6}",
            verb in prop_oneof![Just("delete"), Just("update"), Just("create"), Just("send"), Just("grant")],
            after in "[bcdfghjklmnpqrstvwxz_]{0,12}",
        ) {
            for name in [format!("{before}_{verb}_{after}"), format!("{before}__{verb}_{after}"), format!("list_and_{verb}_{after}")] {
                prop_assert_ne!(class_of_tool(&name), ReadOnly, "{}", name);
            }
        }
    }
}

#[test]
fn a_long_name_is_walked_once_and_so_ends_soon() {
    let name = "get_thing_".repeat(100_000);
    assert_eq!(class_of_name(&name), ReadOnly);
}
