//! Every file that a page names is there.

use anyhow::{Result, ensure};
use countersign_tests::place;

use crate::page;

/// Folders of the project: what starts with one of them is a path.
const FOLDERS: [&str; 5] = [".ci/", "envoy/", "examples/", "src/", "tests/"];

/// The targets of links, and the paths between backticks.
fn named(text: &str) -> (Vec<String>, Vec<String>) {
    let links = text.split("](").skip(1).filter_map(|rest| rest.split_once(')'));
    let links = links.map(|(target, _)| target.split('#').next().unwrap_or_default().to_owned());
    let links = links.filter(|target| !target.is_empty() && !target.contains("://")).collect();
    let quoted = text.split('`').skip(1).step_by(2).map(str::to_owned);
    let is_path = |text: &String| {
        FOLDERS.iter().any(|folder| text.starts_with(folder)) && !text.contains([' ', '*', '{', '<', '\n'])
    };
    (links, quoted.filter(is_path).collect())
}

#[test]
fn every_file_named_is_there() -> Result<()> {
    for page in page::all()? {
        let (links, paths) = named(&page::text(&page)?);
        let folder = place::root().join(&page);
        let folder = folder.parent().unwrap_or(&folder).to_path_buf();
        for link in links {
            ensure!(folder.join(&link).exists(), "`{page}` links to `{link}`, which is not there");
        }
        for path in paths {
            ensure!(place::root().join(&path).exists(), "`{page}` names `{path}`, which is not there");
        }
    }
    Ok(())
}

#[test]
fn links_and_paths_are_found() {
    let (links, paths) = named("see [this](a.md#b) and [that](https://x.example/), `src/wire` and `src/{a}`");
    assert_eq!((links, paths), (vec!["a.md".to_owned()], vec!["src/wire".to_owned()]));
}
