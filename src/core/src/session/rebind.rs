//! The last look before a call leaves: that what the proxy would send now is what was asked for.
//!
//! The digest of a held call is of the head and body that this filter was shown. Between that and the release lie seconds or
//! hours in which the request lies in the proxy's buffers, where other filters of the chain may reach it. So it is read again
//! from there and bound again, once before the grant is used up and once before the call goes on. It cannot see what filters
//! behind this one do after that: such filters do not belong on a guarded route (`envoy/countersign.yaml`).

use super::{Desk, Holding, State, Verdict, close};
use crate::{answer::Situation, ask::Ask};

/// Proof that the proxy would send what was asked for. Only [`check`] makes one.
#[derive(Debug)]
pub(super) struct Unchanged(());

/// What the proxy would send is something else, or it does not say.
pub(super) struct Changed(());

/// Binds again what the proxy would send now.
pub(super) fn check(desk: &Desk<'_>, ask: &Ask) -> Result<Unchanged, Changed> {
    let now = desk.facts.leaving().and_then(|leaving| ask.digest_of(leaving, &desk.worker.config));
    if now.as_ref() == Some(&ask.request_digest) { Ok(Unchanged(())) } else { Err(Changed(())) }
}

/// Ends the hold of a call that was changed meanwhile.
pub(super) fn refuse(desk: &mut Desk<'_>, holding: &Holding, tid: &str, _changed: Changed) -> State {
    let detail = "the request in the proxy is no longer the one that was asked for";
    close::verify_failed(desk, holding, Some(tid), "request_changed", detail);
    close::block(desk, holding, Some(tid), &Situation::Invalid, Verdict::Invalid)
}
