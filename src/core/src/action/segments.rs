//! The segments of a path, each decoded on its own.
//!
//! An escaped slash belongs to its segment (an ARN, a GitLab project), as the services see it that catalogs describe.
//! Where the path is spelled in a way that two servers may read differently otherwise, the resolved path counts. A final
//! slash says nothing.

use std::borrow::Cow;

use crate::call::{Ambiguity, Call, unescape_path};

/// The most segments looked at; a longer path is no operation of any catalog.
const MOST: usize = 48;

/// The segments of a call's path.
pub(super) struct Segments<'a>(Vec<Cow<'a, str>>);

impl<'a> Segments<'a> {
    pub(super) fn of(call: &'a Call) -> Self {
        let (path, decode) = match call.ambiguity() {
            Some(Ambiguity::EscapedSlash | Ambiguity::EscapedPercent) => (call.raw_path(), true),
            Some(_) | None => (call.path(), false),
        };
        let path = path.strip_prefix('/').unwrap_or(path);
        let path = path.strip_suffix('/').unwrap_or(path);
        let segment = |text: &'a str| if decode { unescape_path(text) } else { Cow::Borrowed(text) };
        Self(path.split('/').take(MOST + 1).map(segment).collect())
    }

    /// The segments as texts; none where there are too many.
    pub(super) fn texts(&self) -> Vec<&str> {
        if self.0.len() > MOST { Vec::new() } else { self.0.iter().map(AsRef::as_ref).collect() }
    }
}
