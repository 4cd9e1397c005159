//! Exit codes. They are API: scripts and other people's CI depend on them.

use std::process::ExitCode;

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
