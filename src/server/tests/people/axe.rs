//! Nobody is shut out: axe-core looks at every page in a real Chromium, light and dark, at a desk and on a phone, and finds
//! nothing serious (WCAG 2.2 AA).
//!
//! `cargo xtask test` installs axe-core into `.tools` (`npm install --prefix .tools/axe axe-core@4.14.1` by hand). Where it is
//! missing the test says so and passes, except under `CI`.

use std::path::Path;

use serde_json::Value;

use super::{
    driver::{Driver, LOOKS, Look, Scripts, log_in, wait},
    seed::seeded,
};

#[expect(clippy::print_stdout, reason = "a skipped test says so")]
fn axe() -> Option<String> {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.tools/axe/node_modules/axe-core/axe.min.js");
    let text = std::fs::read_to_string(&path);
    if let Err(error) = &text {
        assert!(std::env::var_os("CI").is_none(), "{}: {error}", path.display());
        println!("skipped: axe-core is not installed (`cargo xtask test` does)");
    }
    text.ok()
}

/// Looks at the page that is open, with the strict policy in force: the driver evaluates, the page does not load.
async fn findings(browser: &fantoccini::Client, axe: &str) -> Vec<String> {
    browser.execute(axe, Vec::new()).await.unwrap();
    let run = "const done = arguments[arguments.length - 1]; axe.run(document, {runOnly: {type: 'tag', values: \
               ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']}}).then(r => done(r.violations), e => done(String(e)));";
    let found = browser.execute_async(run, Vec::new()).await.unwrap();
    let Value::Array(found) = found else { panic!("axe-core failed: {found}") };
    let serious = |finding: &&Value| matches!(finding["impact"].as_str(), Some("serious" | "critical"));
    let say = |finding: &Value| {
        let nodes: Vec<&str> =
            finding["nodes"].as_array().unwrap().iter().filter_map(|node| node["html"].as_str()).collect();
        format!("{} ({}): {}", finding["id"], finding["impact"], nodes.join(" | "))
    };
    found.iter().filter(serious).map(say).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn axe_finds_nothing_serious_on_any_page_in_any_look() {
    let (Some(axe), Some(driver)) = (axe(), Driver::start()) else { return };
    let seeded = seeded().await;
    let base = format!("http://{}", seeded.inbox.listening().await);
    let browser = driver.browser(Scripts::On).await;
    let mut all = Vec::new();
    for look in LOOKS {
        look.set(&browser).await;
        browser.goto(&format!("{base}/login")).await.unwrap();
        wait(&browser, "button[value=carol]").await;
        all.extend(findings(&browser, &axe).await.iter().map(|found| format!("login {look:?}: {found}")));
    }
    log_in(&browser, &base).await;
    for look in LOOKS {
        look.set(&browser).await;
        for (name, path) in seeded.pages() {
            browser.goto(&format!("{base}{path}")).await.unwrap();
            wait(&browser, "html.scripted").await;
            all.extend(
                findings(&browser, &axe).await.iter().map(|found| format!("{name} {look:?}: {found}")),
            );
            all.extend(too_wide(&browser, look).await.map(|why| format!("{name} {look:?}: {why}")));
        }
        // The menu is a page of its own kind.
        browser.goto(&format!("{base}/inbox")).await.unwrap();
        wait(&browser, ".me summary").await.click().await.unwrap();
        all.extend(findings(&browser, &axe).await.iter().map(|found| format!("menu {look:?}: {found}")));
    }
    assert!(all.is_empty(), "{}", all.join("\n"));
    // Who finds nothing must be able to: the same page with a fault of ours in it.
    browser
        .execute(
            "document.querySelector('label[for=q]').remove(); document.getElementById('q').placeholder = '';",
            Vec::new(),
        )
        .await
        .unwrap();
    assert!(!findings(&browser, &axe).await.is_empty(), "axe-core does not see a field without a name");
    browser.close().await.unwrap();
}

/// Nobody has to scroll sideways to read (WCAG 1.4.10).
async fn too_wide(browser: &fantoccini::Client, look: Look) -> Option<String> {
    let width = browser.execute("return document.documentElement.scrollWidth;", Vec::new()).await.unwrap();
    (width.as_u64().unwrap() > u64::from(look.width)).then(|| format!("the page is {width} pixels wide"))
}
