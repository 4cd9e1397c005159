use crate::action::{Action, Class, Decoded, Decoders};
use crate::call::{Body, Call, Destinations, HeaderMap};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn asked(method: &str, host: &str, path: &str) -> Action {
    let pairs = [(":method", method), (":authority", host), (":path", path)];
    let call = Call::read(HeaderMap::from_pairs(pairs), &Destinations::default()).unwrap();
    match Decoders::default().decode(&call, Body::Absent) {
        Decoded::Known(members) => members.into_iter().next().unwrap().action,
        other => panic!("{other:?}"),
    }
}

const GROUP: &str = "/subscriptions/s/resourceGroups/g/providers";

fn class(method: &str, rest: &str) -> Class {
    asked(method, "management.azure.com", &format!("{GROUP}/{rest}?api-version=2024-01-01")).class
}

#[test]
fn an_operation_has_the_name_of_the_activity_log() {
    let action =
        asked("POST", "management.azure.com", &format!("{GROUP}/Microsoft.Compute/virtualMachines/vm/start"));
    assert_eq!(action.operation, "Microsoft.Compute/virtualMachines/start/action");
    assert_eq!(action.class, Class::InfraChange);
    assert_eq!(action.resource.id, format!("{GROUP}/Microsoft.Compute/virtualMachines/vm/start"));
}

#[test]
fn what_hands_out_keys_opens_secrets() {
    for rest in [
        "Microsoft.Storage/storageAccounts/a/listKeys",
        "Microsoft.Storage/storageAccounts/a/regenerateKey",
        "Microsoft.ContainerService/managedClusters/c/listClusterAdminCredential",
        "Microsoft.Web/sites/w/config/appsettings/list",
        "microsoft.documentdb/databaseaccounts/d/listconnectionstrings",
    ] {
        assert_eq!(class("POST", rest), Class::CredentialAccess, "{rest}");
    }
}

#[test]
fn roles_and_locks_are_privileges_in_any_spelling() {
    assert_eq!(class("PUT", "Microsoft.Authorization/roleAssignments/r"), Class::PrivilegeChange);
    assert_eq!(class("DELETE", "microsoft.authorization/LOCKS/r"), Class::PrivilegeChange);
    let host = "management.usgovcloudapi.net";
    let scope = "/providers/Microsoft.Management/managementGroups/m/providers/Microsoft.Authorization/policyAssignments/p";
    assert_eq!(asked("PUT", host, scope).class, Class::PrivilegeChange);
}

#[test]
fn a_question_by_post_reads() {
    for rest in [
        "Microsoft.Resources/deployments/d/whatIf",
        "Microsoft.Resources/deployments/d/validate",
        "Microsoft.CostManagement/query",
    ] {
        assert_eq!(class("POST", rest), Class::ReadOnly, "{rest}");
    }
    assert_eq!(
        asked("POST", "management.azure.com", "/providers/Microsoft.ResourceGraph/resources").class,
        Class::ReadOnly
    );
    assert_eq!(class("PUT", "Microsoft.Resources/deployments/d"), Class::InfraChange);
}

#[test]
fn data_services_open_secrets_and_stores_by_their_own_hosts() {
    let of = |method: &str, host: &str, path: &str| asked(method, host, path).class;
    assert_eq!(of("GET", "v.vault.azure.net", "/secrets/name?api-version=7.4"), Class::CredentialAccess);
    assert_eq!(of("GET", "v.vault.azure.net", "/secrets?api-version=7.4"), Class::ReadOnly);
    assert_eq!(of("PUT", "a.blob.core.windows.net", "/c/b"), Class::DataWrite);
    assert_eq!(of("PUT", "a.blob.core.windows.net", "/c?restype=container&comp=acl"), Class::PrivilegeChange);
    assert_eq!(of("POST", "graph.microsoft.com", "/v1.0/me/sendMail"), Class::Communication);
    assert_eq!(of("POST", "graph.microsoft.com", "/v1.0/groups/g/members/$ref"), Class::PrivilegeChange);
    assert_eq!(
        of("POST", "o.openai.azure.com", "/openai/deployments/d/chat/completions?api-version=x"),
        Class::ReadOnly
    );
}
