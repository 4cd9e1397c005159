//! What an Envoy is started with: `envoy/countersign.yaml`, with the parts changed that a test is about.

use std::fmt;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::place;

const HTTP: &str = "/static_resources/listeners/0/filter_chains/0/filters/0/typed_config";
const PLUGIN: &str = "/http_filters/0/typed_config/config";

type Edit = Box<dyn FnOnce(&mut Value) -> Result<()> + Send>;

/// What to start.
pub struct EnvoyConfig {
    pub(super) workers: u32,
    pub(super) environment: Vec<(String, String)>,
    edits: Vec<Edit>,
    listener: Source,
}

#[derive(Clone, Copy)]
enum Source {
    Bootstrap,
    File,
}

impl fmt::Debug for EnvoyConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EnvoyConfig").field("workers", &self.workers).finish_non_exhaustive()
    }
}

/// A place in a document that must exist.
fn at<'a>(document: &'a mut Value, pointer: &str) -> Result<&'a mut Value> {
    document.pointer_mut(pointer).with_context(|| format!("`envoy/countersign.yaml` has no `{pointer}`"))
}

impl EnvoyConfig {
    /// The checked-in bootstrap with free ports, one worker, this module, and these peers.
    pub fn new(module: PathBuf, upstream: SocketAddr, approvals: SocketAddr) -> Self {
        let plain =
            Self { workers: 1, environment: Vec::new(), edits: Vec::new(), listener: Source::Bootstrap };
        plain
            .edit(|bootstrap| {
                *at(bootstrap, "/admin/address/socket_address/port_value")? = json!(0);
                *at(bootstrap, "/static_resources/listeners/0/address/socket_address/port_value")? = json!(0);
                Ok(())
            })
            .plugin(move |plugin| {
                *at(plugin, "/vm_config/code/local/filename")? = json!(module);
                Ok(())
            })
            .peer("upstream", upstream)
            .peer("approvals", approvals)
    }

    /// With this many workers.
    #[must_use]
    pub fn workers(mut self, workers: u32) -> Self {
        self.workers = workers;
        self
    }

    /// Listening on this port instead of a free one, as one that takes over another's must.
    #[must_use]
    pub fn port(self, port: u16) -> Self {
        self.edit(move |bootstrap| {
            *at(bootstrap, "/static_resources/listeners/0/address/socket_address/port_value")? = json!(port);
            Ok(())
        })
    }

    /// With a variable in Envoy's environment.
    #[must_use]
    pub fn variable(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// With a change to the bootstrap.
    #[must_use]
    pub fn edit(mut self, edit: impl FnOnce(&mut Value) -> Result<()> + Send + 'static) -> Self {
        self.edits.push(Box::new(edit));
        self
    }

    /// With a change to the HTTP connection manager.
    #[must_use]
    pub fn http(self, edit: impl FnOnce(&mut Value) -> Result<()> + Send + 'static) -> Self {
        self.edit(|bootstrap| edit(at(bootstrap, HTTP)?))
    }

    /// With a change to the plugin.
    #[must_use]
    pub fn plugin(self, edit: impl FnOnce(&mut Value) -> Result<()> + Send + 'static) -> Self {
        self.http(|manager| edit(at(manager, PLUGIN)?))
    }

    /// With this configuration for the filter.
    #[must_use]
    pub fn filter(self, configuration: String) -> Self {
        self.plugin(|plugin| {
            *at(plugin, "/configuration/value")? = Value::String(configuration);
            Ok(())
        })
    }

    /// With no filter at all.
    #[must_use]
    pub fn without_filter(self) -> Self {
        self.http(|manager| {
            let filters =
                at(manager, "/http_filters")?.as_array_mut().context("`http_filters` is no list")?;
            filters.remove(0);
            Ok(())
        })
    }

    /// With another HTTP filter in place of ours.
    #[must_use]
    pub fn instead(self, filter: Value) -> Self {
        self.http(|manager| {
            *at(manager, "/http_filters/0")? = filter;
            Ok(())
        })
    }

    /// With a cluster at another address.
    #[must_use]
    pub fn peer(self, cluster: &'static str, address: SocketAddr) -> Self {
        self.edit(move |bootstrap| {
            let clusters =
                at(bootstrap, "/static_resources/clusters")?.as_array_mut().context("no clusters")?;
            let found = clusters.iter_mut().find(|known| known["name"] == cluster);
            let found = found.with_context(|| format!("no cluster `{cluster}`"))?;
            let socket = "/load_assignment/endpoints/0/lb_endpoints/0/endpoint/address/socket_address";
            *at(found, socket)? = json!({"address": address.ip().to_string(), "port_value": address.port()});
            Ok(())
        })
    }

    /// With CONNECT passed on to the upstream.
    #[must_use]
    pub fn connect(self) -> Self {
        self.http(|manager| {
            manager["upgrade_configs"] = json!([{"upgrade_type": "CONNECT"}, {"upgrade_type": "websocket"}]);
            manager["http2_protocol_options"]["allow_connect"] = json!(true);
            let routes =
                at(manager, "/route_config/virtual_hosts/0/routes")?.as_array_mut().context("no routes")?;
            let mut route = routes.first().context("no route")?.clone();
            route["match"] = json!({"connect_matcher": {}});
            routes.insert(0, route);
            Ok(())
        })
    }

    /// With the listener in a file of its own, so that [`super::Envoy::push`] can replace it.
    #[must_use]
    pub fn listener_from_file(mut self) -> Self {
        self.listener = Source::File;
        self
    }

    /// The listener alone, to push it.
    ///
    /// # Errors
    /// When an edit finds nothing to change.
    pub fn into_listener(self) -> Result<Value> {
        let mut bootstrap = self.edited()?;
        Ok(at(&mut bootstrap, "/static_resources/listeners/0")?.take())
    }

    fn edited(self) -> Result<Value> {
        let path = place::root().join("envoy/countersign.yaml");
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read `{}`", path.display()))?;
        let mut bootstrap: Value =
            serde_saphyr::from_str(&text).context("`envoy/countersign.yaml` is no YAML")?;
        for edit in self.edits {
            edit(&mut bootstrap)?;
        }
        Ok(bootstrap)
    }

    pub(super) fn bootstrap(self, folder: &Path) -> Result<Value> {
        let listener = self.listener;
        let mut bootstrap = self.edited()?;
        match listener {
            Source::Bootstrap => {}
            Source::File => {
                let listeners = at(&mut bootstrap, "/static_resources/listeners")?;
                write_listener(folder, &listeners[0])?;
                *listeners = json!([]);
                bootstrap["node"] = json!({"id": "test", "cluster": "test"});
                bootstrap["dynamic_resources"] = json!({"lds_config": {"resource_api_version": "V3",
                    "path_config_source": {"path": folder.join("listeners.json")}}});
            }
        }
        Ok(bootstrap)
    }
}

/// Leaves a listener where Envoy looks for it. Envoy notices a file that is moved into place.
pub(super) fn write_listener(folder: &Path, listener: &Value) -> Result<()> {
    let mut listener = listener.clone();
    listener["@type"] = json!("type.googleapis.com/envoy.config.listener.v3.Listener");
    let part = folder.join("listeners.part");
    fs::write(&part, json!({"resources": [listener]}).to_string())?;
    Ok(fs::rename(part, folder.join("listeners.json"))?)
}
