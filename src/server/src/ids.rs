//! Fresh names: task and grant ids, chain ids, tokens, codes. Randomness comes from the operating system.

use countersign_wire::digest::b64url;

use crate::service::Fault;

/// `N` random bytes.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], Fault> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| Fault::Store(format!("no randomness: {error}")))?;
    Ok(bytes)
}

/// `prefix` and a ULID: sorts by time, 80 random bits.
pub(crate) fn id(prefix: &str, now_ms: i64) -> Result<String, Fault> {
    let bits = u128::from_be_bytes(random::<16>()?);
    Ok(format!("{prefix}{}", ulid::Ulid::from_parts(now_ms.unsigned_abs(), bits)))
}

/// A UUIDv7 for an audit chain.
pub(crate) fn chain(now_ms: i64) -> Result<String, Fault> {
    let millis = now_ms.unsigned_abs();
    Ok(uuid::Builder::from_unix_timestamp_millis(millis, &random()?).into_uuid().to_string())
}

/// A bearer token: 256 random bits.
pub(crate) fn token() -> Result<String, Fault> {
    Ok(b64url(&random::<32>()?))
}

/// A word and a number for people to compare, as the filter makes them too: `MAPLE-42`.
pub(crate) fn code() -> Result<String, Fault> {
    const WORDS: [&str; 16] = [
        "MAPLE", "RIVER", "STONE", "CLOUD", "EMBER", "FROST", "GROVE", "HARBOR", "LEMON", "MEADOW", "OCEAN",
        "PRAIRIE", "RAVEN", "SOLAR", "TULIP", "WILLOW",
    ];
    let [word, number] = random::<2>()?;
    let word = WORDS.get(usize::from(word) % WORDS.len()).copied().unwrap_or("MAPLE");
    Ok(format!("{word}-{:02}", number % 100))
}
