//! `cargo xtask mutants`: one planted fault per invariant of the design, each of which a test must notice.
//!
//! The faults are applied to a copy of the pure crates under `target/mutants`, never to the working tree. A fault whose text is
//! no longer found, or that does not compile, is an error: the list must be kept true.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, Result, bail};

use crate::{place, shell};

/// A fault: what it breaks, where, and how.
struct Mutant {
    invariant: &'static str,
    file: &'static str,
    from: &'static str,
    to: &'static str,
    /// Part of the names of the tests that may notice it.
    tests: &'static str,
}

const MUTANTS: [Mutant; 10] = [
    Mutant {
        invariant: "1 nothing leaves while held without a permit",
        file: "src/core/src/session/mod.rs",
        from: "State::Passing | State::Released(_) => Flow::Pass,\n            State::Fresh\n            | State::Reading(_)",
        to: "State::Passing | State::Released(_) | State::Reading(_) => Flow::Pass,\n            State::Fresh",
        tests: "session::",
    },
    Mutant {
        invariant: "2 one terminal effect and one closing record",
        file: "src/core/src/session/close.rs",
        from: "    blocked(desk, members);\n    if let Some(tid) = tid {",
        to: "    blocked(desk, members.clone());\n    blocked(desk, members);\n    if let Some(tid) = tid {",
        tests: "session::",
    },
    Mutant {
        invariant: "3 a grant is verified against the bytes that will be sent",
        file: "src/core/src/permit.rs",
        from: "        expect(claims.request_digest == ask.request_digest, \"request_digest\")?;\n        let (rule",
        to: "        let (rule",
        tests: "session::",
    },
    Mutant {
        invariant: "3 what leaves is what was asked for, also if it was changed meanwhile",
        file: "src/core/src/session/rebind.rs",
        from: "if now.as_ref() == Some(&ask.request_digest) {",
        to: "if now.is_some() {",
        tests: "session::tests::changed",
    },
    Mutant {
        invariant: "3 a receipt is verified against the redeem that was sent",
        file: "src/core/src/permit.rs",
        from: "        expect(claims.nonce == attempt.nonce, \"nonce\")?;",
        to: "",
        tests: "session::",
    },
    Mutant {
        invariant: "4 a grant is used once",
        file: "src/core/src/replay.rs",
        from: "Some(_) => Err(Refused::Spent)",
        to: "Some(_) => Ok(())",
        tests: "session::",
    },
    Mutant {
        invariant: "5 no requester counts as a reviewer",
        file: "src/wire/src/people/quorum.rs",
        from: "        none_of(approvers, requesters, authors)?;\n        let counted",
        to: "        none_of(approvers, &Requesters::default(), authors)?;\n        let counted",
        tests: "session::",
    },
    Mutant {
        invariant: "6 nothing unmasked leaves",
        file: "src/core/src/ask/told.rs",
        from: "    let shown = masked(masker, text);",
        to: "    let shown = text.to_owned();",
        tests: "session::",
    },
    Mutant {
        invariant: "7 what cannot be decoded is never judged safer",
        file: "src/core/src/policy/judge.rs",
        from: "let verdict = tally.verdict(self.default_write());",
        to: "let verdict = tally.verdict(Effect::Allow);",
        tests: "policy::",
    },
    Mutant {
        invariant: "8 a record that is not durable stops the release",
        file: "src/core/src/session/hold.rs",
        from: "        crate::journal::Standing::Known => redeem::begin(desk, holding, &task.id, grant),\n",
        to: "        _ if waiting.losses == 0 => redeem::begin(desk, holding, &task.id, grant),\n        \
             crate::journal::Standing::Known => redeem::begin(desk, holding, &task.id, grant),\n",
        tests: "session::",
    },
];

/// Plants each fault in turn; an error names the first that no test notices.
pub(crate) fn run() -> Result<()> {
    let copy = place::target().join("mutants");
    lay_out(&copy)?;
    for mutant in &MUTANTS {
        let path = copy.join(mutant.file);
        let sound = fs::read_to_string(&path).with_context(|| format!("cannot read `{}`", path.display()))?;
        if sound.matches(mutant.from).count() != 1 {
            bail!("the fault `{}` does not fit `{}` any more", mutant.invariant, mutant.file);
        }
        fs::write(&path, sound.replacen(mutant.from, mutant.to, 1))?;
        let noticed = notices(&copy, mutant);
        fs::write(&path, sound)?;
        noticed.with_context(|| format!("the fault `{}`", mutant.invariant))?;
        println!("noticed   {}", mutant.invariant);
    }
    Ok(())
}

/// A workspace of the pure crates alone. Files that have not changed keep their time, so that cargo keeps its work.
fn lay_out(copy: &Path) -> Result<()> {
    let root = place::root();
    for part in ["src/wire", "src/mask", "src/core", "Cargo.lock", "rust-toolchain.toml"] {
        mirror(&root.join(part), &copy.join(part))?;
    }
    let manifest = fs::read_to_string(root.join("Cargo.toml"))?;
    let members = manifest.lines().map(|line| match line {
        line if line.starts_with("members = ") => "members = [\"src/wire\", \"src/mask\", \"src/core\"]",
        line if line.starts_with("default-members = ") => "",
        line => line,
    });
    write(&copy.join("Cargo.toml"), members.collect::<Vec<_>>().join("\n").as_bytes())
}

fn mirror(from: &Path, to: &Path) -> Result<()> {
    if from.is_file() {
        return write(to, &fs::read(from)?);
    }
    for entry in fs::read_dir(from).with_context(|| format!("cannot read `{}`", from.display()))? {
        let entry: PathBuf = entry?.path();
        if let Some(name) = entry.file_name() {
            mirror(&entry, &to.join(name))?;
        }
    }
    Ok(())
}

fn write(to: &Path, bytes: &[u8]) -> Result<()> {
    if fs::read(to).is_ok_and(|there| there == bytes) {
        return Ok(());
    }
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(to, bytes).with_context(|| format!("cannot write `{}`", to.display()))
}

fn notices(copy: &Path, mutant: &Mutant) -> Result<()> {
    let mut cargo =
        shell::cargo(&["test", "--quiet", "--lib", "--package", "countersign-core", mutant.tests]);
    cargo.current_dir(copy).env("CARGO_TARGET_DIR", place::target().join("mutants-target"));
    let output = cargo.stderr(Stdio::piped()).output().context("cannot start cargo")?;
    let printed = String::from_utf8_lossy(&output.stdout);
    if printed.contains("test result: FAILED") {
        return Ok(());
    }
    if printed.contains("test result: ok") {
        bail!("is noticed by no test");
    }
    bail!("does not compile: {}", String::from_utf8_lossy(&output.stderr))
}
