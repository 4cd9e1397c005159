//! Tools and methods whose names tell nothing, or the wrong thing: the few that many agents call.
//!
//! From the annotations of MCP servers (Playwright's recorder changes nothing that stays, `open_nodes` opens nothing) and
//! from the JSON-RPC interfaces of Ethereum clients (ethereum.org, execution-apis), Bitcoin Core, Zabbix and language
//! servers. A name is only listed where no other known server means something else by it.

use crate::action::Class;
use Class::{CodeChange, Communication, CredentialAccess, DataWrite, InfraChange, ReadOnly};

/// Tools, by the whole name. Sorted.
#[rustfmt::skip]
static TOOLS: [(&str, Class); 31] = [
    ("browser_annotate", ReadOnly), ("browser_hide_highlight", ReadOnly), ("browser_highlight", ReadOnly),
    ("browser_network_request", ReadOnly), ("browser_pdf_save", ReadOnly), ("browser_start_recording", ReadOnly),
    ("browser_start_tracing", ReadOnly), ("browser_start_video", ReadOnly), ("browser_stop_recording", ReadOnly),
    ("browser_stop_tracing", ReadOnly), ("browser_stop_video", ReadOnly), ("browser_take_screenshot", ReadOnly),
    ("browser_video_chapter", ReadOnly), ("browser_video_hide_actions", ReadOnly), ("build_context", ReadOnly), ("confirm_cost", ReadOnly),
    ("deep_researcher_start", DataWrite), ("esql", ReadOnly),
    ("execute_range_query", ReadOnly), ("firecrawl_crawl", DataWrite), ("firecrawl_search_feedback", DataWrite),
    ("git_branch", ReadOnly), ("git_checkout", CodeChange), ("git_reset", CodeChange), ("go_to_definition", ReadOnly),
    ("hubspot-generate-feedback-link", ReadOnly), ("mobile_take_screenshot", ReadOnly), ("nx_workspace", ReadOnly),
    ("open_nodes", ReadOnly), ("select_page", ReadOnly), ("snapshot_ui", ReadOnly),
];

/// JSON-RPC methods, by the whole name. Sorted.
#[rustfmt::skip]
static METHODS: [(&str, Class); 66] = [
    ("TestIamPermissions", ReadOnly), ("authenticate", ReadOnly),
    ("createwallet", CredentialAccess), ("decoderawtransaction", ReadOnly), ("decodescript", ReadOnly),
    ("dumpprivkey", CredentialAccess), ("dumpwallet", CredentialAccess), ("encryptwallet", CredentialAccess),
    ("estimatesmartfee", ReadOnly), ("eth_accounts", ReadOnly), ("eth_blobBaseFee", ReadOnly),
    ("eth_blockNumber", ReadOnly), ("eth_call", ReadOnly), ("eth_chainId", ReadOnly), ("eth_coinbase", ReadOnly),
    ("eth_createAccessList", ReadOnly), ("eth_gasPrice", ReadOnly), ("eth_maxPriorityFeePerGas", ReadOnly),
    ("eth_newBlockFilter", ReadOnly), ("eth_newFilter", ReadOnly), ("eth_newPendingTransactionFilter", ReadOnly),
    ("eth_sign", CredentialAccess), ("eth_signTransaction", CredentialAccess), ("eth_signTypedData_v4", CredentialAccess),
    ("eth_subscribe", ReadOnly), ("eth_syncing", ReadOnly), ("eth_uninstallFilter", ReadOnly),
    ("eth_unsubscribe", ReadOnly), ("getbalance", ReadOnly), ("getbestblockhash", ReadOnly), ("getblock", ReadOnly),
    ("getblockchaininfo", ReadOnly), ("getblockcount", ReadOnly), ("getblockhash", ReadOnly),
    ("getblockheader", ReadOnly), ("getblockstats", ReadOnly), ("getdifficulty", ReadOnly),
    ("getmempoolinfo", ReadOnly), ("getmininginfo", ReadOnly), ("getnetworkinfo", ReadOnly),
    ("getpeerinfo", ReadOnly), ("getrawmempool", ReadOnly), ("getrawtransaction", ReadOnly),
    ("gettransaction", ReadOnly), ("gettxout", ReadOnly), ("getwalletinfo", ReadOnly),
    ("importprivkey", CredentialAccess), ("listtransactions", ReadOnly), ("listunspent", ReadOnly),
    ("listwallets", ReadOnly), ("net_listening", ReadOnly), ("net_peerCount", ReadOnly),
    ("personal_importRawKey", CredentialAccess), ("personal_unlockAccount", CredentialAccess),
    ("rpc.discover", ReadOnly), ("sendmany", Communication), ("sendrawtransaction", Communication),
    ("sendtoaddress", Communication), ("stop", InfraChange), ("textDocument/completion", ReadOnly),
    ("textDocument/definition", ReadOnly), ("textDocument/hover", ReadOnly), ("textDocument/references", ReadOnly),
    ("user.login", ReadOnly), ("user.logout", ReadOnly), ("walletpassphrase", CredentialAccess),
];

/// What is known of a tool by its whole name.
pub(super) fn tool(name: &str) -> Option<Class> {
    look_up(&TOOLS, name)
}

/// What is known of a JSON-RPC method by its whole name.
pub(super) fn method(name: &str) -> Option<Class> {
    look_up(&METHODS, name)
}

fn look_up(table: &[(&str, Class)], name: &str) -> Option<Class> {
    let place = table.binary_search_by(|(entry, _)| (*entry).cmp(name)).ok()?;
    table.get(place).map(|(_, class)| *class)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_found_because_the_tables_are_sorted() {
        assert!(TOOLS.is_sorted_by(|a, b| a.0 < b.0));
        assert!(METHODS.is_sorted_by(|a, b| a.0 < b.0));
    }
}
