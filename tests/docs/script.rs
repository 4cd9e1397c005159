//! Blocks in `sh`: those of a page are one script, which is run from its first line to its last with the real Envoy, the real
//! service and an upstream of ours. Only the ports are changed, to free ones.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use countersign_tests::place;
use countersign_tests::upstream::Upstream;

use crate::page;

/// The ports that the pages and `envoy/countersign.yaml` use: agents, Envoy's administration, the service, the upstream.
const PORTS: [&str; 4] = ["15001", "9901", "8700", "8080"];

/// Other ports in place of the ones written.
fn on_ports(text: &str, ports: &[u16]) -> String {
    let marked = PORTS.iter().enumerate().fold(text.to_owned(), |text, (number, port)| {
        text.replace(&format!(":{port}"), &format!(":@{number}@"))
            .replace(&format!("port_value: {port}"), &format!("port_value: @{number}@"))
    });
    ports
        .iter()
        .enumerate()
        .fold(marked, |text, (number, port)| text.replace(&format!("@{number}@"), &port.to_string()))
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// A folder that looks like the project's after `cargo xtask build`.
fn project(folder: &Path, ports: &[u16]) -> Result<()> {
    for part in ["envoy", "target/dist", ".envoy"] {
        fs::create_dir_all(folder.join(part))?;
    }
    let bootstrap = fs::read_to_string(place::root().join("envoy/countersign.yaml"))?;
    fs::write(folder.join("envoy/countersign.yaml"), on_ports(&bootstrap, ports))?;
    symlink(place::root().join("examples"), folder.join("examples"))?;
    symlink(page::command()?, folder.join("target/dist/countersign"))?;
    symlink(place::filter()?, folder.join("target/dist/countersign.wasm"))?;
    symlink(place::envoy()?, folder.join(".envoy/envoy"))?;
    Ok(())
}

/// Runs the script of a page; what it started ends with it.
fn run(page: &str, folder: &Path, ports: &[u16]) -> Result<String> {
    let blocks = page::blocks(page)?.into_iter().filter(|block| block.language == "sh");
    let script: Vec<String> = blocks.map(|block| on_ports(&block.text, ports)).collect();
    ensure!(!script.is_empty(), "`{page}` has no script");
    let script = format!("set -euo pipefail\ntrap 'kill $(jobs -p) || true' EXIT\n{}", script.join("\n"));
    let done = Command::new("timeout")
        .args(["--kill-after=5", "120", "bash", "-c", &script])
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .current_dir(folder)
        .env("XDG_STATE_HOME", folder.join("user"))
        .env("TMPDIR", folder)
        .output()
        .context("cannot run `timeout`")?;
    let (said, complaint) = (String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    ensure!(done.status.success(), "the script of `{page}` ended with {}:\n{said}\n{complaint}", done.status);
    Ok(said.into_owned())
}

#[test]
fn the_readme_takes_a_stranger_to_a_held_and_released_request() -> Result<()> {
    let upstream = Upstream::start()?;
    let ports = [free_port()?, free_port()?, free_port()?, upstream.address().port()];
    let folder = tempfile::tempdir()?;
    project(folder.path(), &ports)?;
    let said = run("README.md", folder.path(), &ports)?;
    let arrived = upstream.about("api.thirdparty.example");
    ensure!(arrived.len() == 1, "{} requests arrived:\n{said}", arrived.len());
    ensure!(arrived[0].body == br#"{"rows": 3}"#, "another body arrived: {:?}", arrived[0]);
    Ok(())
}

#[test]
fn a_client_of_ones_own_does_what_its_page_shows() -> Result<()> {
    let page = "examples/third-party-client/README.md";
    let ports = [free_port()?, free_port()?, free_port()?, free_port()?];
    let folder = tempfile::tempdir()?;
    project(folder.path(), &ports)?;
    fs::create_dir_all(folder.path().join("src/wire"))?;
    symlink(place::root().join("src/wire/vectors"), folder.path().join("src/wire/vectors"))?;
    let said = run(page, folder.path(), &ports)?;
    let shown = page::blocks(page)?.into_iter().find(|block| block.language == "text");
    let shown = shown.map(|block| block.text).unwrap_or_default();
    ensure!(
        shown.lines().count() == 7 && said.ends_with(&shown),
        "the page shows\n{shown}\nand it says\n{said}"
    );
    Ok(())
}

#[test]
fn only_ports_are_changed() {
    let text = "127.0.0.1:8080 port_value: 15001 8700 files";
    assert_eq!(on_ports(text, &[1, 2, 3, 8700]), "127.0.0.1:8700 port_value: 1 8700 files");
}
