//! A request as people write one: comments, a line with method and URL, headers, an empty line, a body.

use anyhow::{Context, Result, ensure};

/// A request and what must become of it.
pub(crate) struct Request {
    /// What a reviewer must read.
    pub(crate) keeps: Vec<String>,
    /// What nobody may.
    pub(crate) hides: Vec<String>,
    pub(crate) method: String,
    pub(crate) authority: String,
    /// Path and query.
    pub(crate) target: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Request {
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let text = with_secrets(text);
        ensure!(!text.contains('«'), "it names a secret that there is none of");
        let (head, body) = text.split_once("\n\n").context("no empty line after the head")?;
        let mut lines = head.lines().peekable();
        let (mut keeps, mut hides) = (Vec::new(), Vec::new());
        while let Some(comment) = lines.next_if(|line| line.starts_with('#')) {
            for (name, list) in [("# keeps: ", &mut keeps), ("# hides: ", &mut hides)] {
                list.extend(
                    comment
                        .strip_prefix(name)
                        .into_iter()
                        .flat_map(|all| all.split(" | ").map(str::to_owned)),
                );
            }
        }
        let (method, url) = lines.next().and_then(|line| line.split_once(' ')).context("no request line")?;
        let rest = url.strip_prefix("https://").context("no https URL")?;
        let (authority, path) = rest.split_once('/').context("no path")?;
        let header = |line: &str| {
            let (name, value) = line.split_once(": ").with_context(|| format!("no header: `{line}`"))?;
            Ok((name.to_ascii_lowercase(), value.to_owned()))
        };
        let headers: Vec<(String, String)> = lines.map(header).collect::<Result<_>>()?;
        let parts =
            headers.iter().any(|(name, value)| name == "content-type" && value.starts_with("multipart/"));
        let body = body.trim_end();
        Ok(Self {
            keeps,
            hides,
            method: method.to_owned(),
            authority: authority.to_owned(),
            target: format!("/{path}"),
            headers,
            // The lines of a multipart body end as RFC 2046 says.
            body: if parts { format!("{}\r\n", body.replace('\n', "\r\n")) } else { body.to_owned() },
        })
    }

    /// Everything but the body.
    pub(crate) fn head(&self) -> String {
        let headers = self.headers.iter().map(|(name, value)| format!("{name}: {value}\n"));
        format!("{} {}{}\n{}", self.method, self.authority, self.target, headers.collect::<String>())
    }
}

/// Puts secrets of the vendors' shapes in the places that name them. None of them opens anything.
fn with_secrets(text: &str) -> String {
    const LETTERS: &str = "h7Kq2mZx9Vb4Tn6Rw1Yc8Ld3Pf5Gj0Sa2Ue7Oi4Nk9Mb6Qv1Xz8Hw3Jt5Ry0Dc";
    let take = |count: usize| LETTERS.chars().cycle().take(count).collect::<String>();
    let hex = |count: usize| "3f9a1c7e5b2d8064".chars().cycle().take(count).collect::<String>();
    let secrets = [
        ("aws-key", format!("AKIA{}", "Q7KX2MZV9B4TN6RW")),
        ("aws-secret", take(40)),
        ("aws-session", format!("IQoJb3JpZ2luX2Vj{}", take(64))),
        ("aws-signature", hex(64)),
        ("generic", take(40)),
        ("github", format!("ghp_{}", take(36))),
        ("okta", format!("00{}", take(40))),
        ("openai", format!("sk-proj-{}", take(48))),
        ("pem", "OPENSSH PRIVATE KEY".to_owned()),
        ("sendgrid", format!("SG.{}.{}", take(22), take(43))),
        ("slack", format!("xoxb-{}-{}-{}", "17653672481", "19874698323", take(24))),
        ("stripe", format!("sk_{}_{}", "live", take(24))),
        ("terraform", format!("{}.atlasv1.{}", take(14), take(67))),
        ("twilio-basic", "QUMwMTIzNDU2Nzg5YWJjZGVmOjNmOWExYzdlNWIyZDgwNjQ=".to_owned()),
        ("wandb", hex(40)),
    ];
    secrets.iter().fold(text.to_owned(), |text, (name, secret)| text.replace(&format!("«{name}»"), secret))
}
