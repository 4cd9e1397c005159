//! The key that signs grants: one file in the state directory, readable by its owner and nobody else.
//!
//! `signing.key` signs; `next.key`, if there is one, is published before its turn. A key that no longer signs stays in
//! the JWK set until nothing signed by it can be valid any more; one that was revoked leaves it at once. The service looks
//! at the files every second, so nothing needs a restart; `countersign keys` is what changes them ([`crate::admin`]).

use std::{
    fs,
    io::{ErrorKind, Write as _},
    os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _},
    path::Path,
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use countersign_wire::{
    digest::{hex, unhex},
    jws::Issuer,
};

use crate::{ids, service::StartError};

/// The keys of this state directory.
pub(crate) struct Keys {
    /// Signs.
    pub(crate) current: Issuer,
    /// Will sign.
    pub(crate) next: Option<Issuer>,
}

impl Keys {
    /// Reads the keys of `state`; makes the signing key where there is none.
    pub(crate) fn open(state: &Path) -> Result<Self, StartError> {
        Self::read(state, Missing::Make)
    }

    /// Reads the keys of `state`.
    pub(crate) fn read(state: &Path, missing: Missing) -> Result<Self, StartError> {
        let current = Issuer::from_seed(&secret_file(&state.join(SIGNING), missing)?);
        let path = state.join(NEXT);
        let next = match path.try_exists() {
            Ok(true) => Some(Issuer::from_seed(&secret_file(&path, Missing::Refuse)?)),
            Ok(false) => None,
            Err(error) => return Err(StartError(format!("cannot look for `{}`: {error}", path.display()))),
        };
        Ok(Self { current, next })
    }
}

/// The file of the key that signs.
pub(crate) const SIGNING: &str = "signing.key";
/// The file of the key that will sign.
pub(crate) const NEXT: &str = "next.key";

/// The key that a compact JWS says it was signed with.
pub(crate) fn kid(jws: &str) -> Option<String> {
    #[derive(serde::Deserialize)]
    struct Header {
        kid: String,
    }
    let header = URL_SAFE_NO_PAD.decode(jws.split('.').next()?).ok()?;
    serde_json::from_slice::<Header>(&header).ok().map(|header| header.kid)
}

/// What to do where a secret's file is not there.
#[derive(Clone, Copy)]
pub(crate) enum Missing {
    /// Make a random one.
    Make,
    /// Say so.
    Refuse,
}

/// Reads 32 secret bytes written as 64 hexadecimal digits from a file that only its owner can read.
pub(crate) fn secret_file(path: &Path, missing: Missing) -> Result<[u8; 32], StartError> {
    let shown = path.display();
    let file = match fs::metadata(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return match missing {
                Missing::Make => make(path),
                Missing::Refuse => Err(StartError(format!("key file `{shown}` does not exist"))),
            };
        }
        Err(error) => return Err(StartError(format!("cannot read key file `{shown}`: {error}"))),
    };
    let mode = file.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(StartError(format!(
            "key file `{shown}` can be read by others (mode {mode:03o}); make it private with `chmod 600 {shown}`"
        )));
    }
    let text = fs::read_to_string(path)
        .map_err(|error| StartError(format!("cannot read key file `{shown}`: {error}")))?;
    let bytes = unhex(text.trim()).and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
    bytes.ok_or_else(|| StartError(format!("key file `{shown}` does not hold 64 hexadecimal digits")))
}

fn make(path: &Path) -> Result<[u8; 32], StartError> {
    let shown = path.display();
    let seed: [u8; 32] = ids::random().map_err(|fault| StartError(fault.to_string()))?;
    let write = || {
        let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        file.write_all(hex(&seed).as_bytes())?;
        file.write_all(b"\n")?;
        file.sync_all()
    };
    write().map_err(|error| StartError(format!("cannot write key file `{shown}`: {error}")))?;
    Ok(seed)
}
