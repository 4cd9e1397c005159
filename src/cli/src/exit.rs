//! Exit codes. They are API: scripts and other people's CI depend on them.

use std::{io::Write, process::ExitCode};

/// Everything is as it should be.
pub(crate) const OK: ExitCode = ExitCode::SUCCESS;
/// A case failed, or what was asked for does not hold.
pub(crate) fn failed() -> ExitCode {
    ExitCode::from(1)
}
/// The command was used wrongly: a flag, a file that cannot be read, input that is no request.
pub(crate) fn usage() -> ExitCode {
    ExitCode::from(2)
}
/// The policy document is bad.
pub(crate) fn bad_policy() -> ExitCode {
    ExitCode::from(3)
}
/// The approval service refused, or it is not this person's to do.
pub(crate) fn refused() -> ExitCode {
    ExitCode::from(4)
}
/// The approval service cannot be reached.
pub(crate) fn unreachable() -> ExitCode {
    ExitCode::from(5)
}

/// One sentence on stderr and the code it goes with.
pub(crate) fn say(code: ExitCode, sentence: &str) -> ExitCode {
    // Where stderr is closed, the code still speaks.
    writeln!(std::io::stderr().lock(), "countersign: {sentence}").unwrap_or_default();
    code
}
