//! Heads of the log outside the database: one beside it, and one wherever the operator wants it (`anchor:`).
//!
//! Promises: a receipt goes out only after a head over its record is on disk in each of these places, so a database that is
//! put back from a copy is behind them and is not served; a file that is there and does not read is a reason not to start.
//! Whoever puts back the whole machine, these files too, is not noticed: that is what a place elsewhere is for.

use std::{
    fs,
    io::{ErrorKind, Write as _},
    path::{Path, PathBuf},
};

use super::{Fault, Service, StartError};
use crate::{
    audit::note,
    store::{leaf, signed},
};

/// The files that hold the last signed head.
pub(super) struct Anchors {
    files: Vec<PathBuf>,
    /// How many records the head in the files covers.
    covered: tokio::sync::Mutex<u64>,
}

/// A head that was signed before, and where it was found.
pub(super) struct Signed {
    pub(super) size: u64,
    pub(super) root: Vec<u8>,
    pub(super) place: String,
}

impl Anchors {
    /// The files in use, and the heads in those that are there.
    pub(super) fn open(
        origin: &str,
        state: &Path,
        elsewhere: Option<&Path>,
    ) -> Result<(Self, Vec<Signed>), StartError> {
        let mut found = Vec::new();
        let beside = state.join("checkpoint");
        found.extend(read(&beside, None)?);
        let mut files = vec![beside];
        if let Some(path) = elsewhere {
            let head = read(path, Some(origin))?;
            if head.is_none() {
                tracing::warn!(path = %path.display(), "there is no anchored head yet; one is begun");
            }
            found.extend(head);
            files.push(path.to_owned());
        }
        Ok((Self { files, covered: tokio::sync::Mutex::new(0) }, found))
    }
}

fn read(path: &Path, origin: Option<&str>) -> Result<Option<Signed>, StartError> {
    let place = path.display().to_string();
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(StartError(format!("cannot read the signed head `{place}`: {error}"))),
    };
    let (Some(size), Some(root)) = (note::size(&text), note::root(&text)) else {
        return Err(StartError(format!(
            "`{place}` is not a signed head of an audit log; put the file back, or move it away if you know why it is damaged"
        )));
    };
    let named = text.lines().next().unwrap_or_default();
    if origin.is_some_and(|origin| origin != named) {
        return Err(StartError(format!("`{place}` holds the head of another log, `{named}`")));
    }
    Ok(Some(Signed { size, root, place }))
}

impl Service {
    /// Makes sure that a head over everything that is committed now is on disk in every place.
    ///
    /// # Errors
    /// [`Fault`], where one of them could not be written; then nothing may be answered that must not be forgotten.
    pub(super) async fn anchored(&self) -> Result<(), Fault> {
        let anchors = &self.shared.head.anchors;
        let needed = leaf::count(&mut *self.shared.store.read().acquire().await?).await?.unsigned_abs();
        // Who comes while another writes waits, and mostly finds itself covered.
        let mut covered = anchors.covered.lock().await;
        if *covered > needed {
            let now = leaf::count(&mut *self.shared.store.read().acquire().await?).await?.unsigned_abs();
            if *covered > now {
                return Err(Fault::Corrupt(format!(
                    "the audit log has {now} records, and a head over {} was signed: the database went back in time",
                    *covered
                )));
            }
        }
        if *covered >= needed {
            return Ok(());
        }
        let (note, tree) = self.head().await?;
        let files = anchors.files.clone();
        let writing =
            tokio::task::spawn_blocking(move || files.iter().try_for_each(|file| replace(file, &note)));
        match writing.await {
            Ok(written) => written?,
            Err(error) => return Err(Fault::Store(format!("the head was not written: {error}"))),
        }
        *covered = tree.size();
        Ok(())
    }

    /// Keeps a signed head in the store and outside it, if the log has grown.
    pub(super) async fn keep_head(&self) -> Result<(), Fault> {
        let (note, tree) = self.head().await?;
        let mut kept = self.shared.head.kept.lock().await;
        if *kept == tree.size() {
            return self.anchored().await;
        }
        let (size, root, now) = (signed(tree.size())?, tree.root(), self.now_ms());
        self.shared
            .store
            .write(move |tx| {
                Box::pin(async move { leaf::put_checkpoint(&mut tx.sql, size, &root, &note, now).await })
            })
            .await?;
        *kept = tree.size();
        self.anchored().await
    }
}

/// Replaces a file's content whole or not at all.
fn replace(path: &Path, content: &str) -> Result<(), Fault> {
    let fresh = path.with_extension("new");
    let write = || {
        let mut file = fs::File::create(&fresh)?;
        file.write_all(content.as_bytes())?;
        file.sync_all()?;
        fs::rename(&fresh, path)?;
        path.parent()
            .filter(|folder| !folder.as_os_str().is_empty())
            .map_or(Ok(()), |folder| fs::File::open(folder)?.sync_all())
    };
    write().map_err(|error| Fault::Store(format!("the head `{}` was not written: {error}", path.display())))
}
