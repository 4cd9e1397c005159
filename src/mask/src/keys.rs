//! What a field's name says about its value.
//!
//! A name is split into words (`X-Api-Key`, `dbPassword`, `client_secret`), and its *last* words decide: `token` is a
//! secret, `token_count` is a number. Names are data in tables, not code.

use crate::kind::Kind;

/// What a value under a name is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Key {
    /// Nothing known.
    #[default]
    Plain,
    /// A secret if it looks like one (long and random).
    Perhaps,
    /// The value of an `Authorization` header: a scheme, then the secret.
    Authorization,
    /// Cookies: names, then the secrets.
    Cookie,
    /// Something of this kind, if it is plausible at all.
    Holds(Kind),
}

impl Key {
    /// A secret, whatever it looks like.
    pub(crate) const SECRET: Self = Self::Holds(Kind::Secret);
}

/// Last words of names, and what they mean. A name of several words is written with `_`.
const NAMES: &[(&str, Key)] = &[
    ("authorization", Key::Authorization),
    ("cookie", Key::Cookie),
    ("set_cookie", Key::Cookie),
    ("cookies", Key::Cookie),
    // secrets
    ("password", Key::SECRET),
    ("passwords", Key::SECRET),
    ("passwd", Key::SECRET),
    ("passphrase", Key::SECRET),
    ("pwd", Key::SECRET),
    ("userpass", Key::SECRET),
    ("db_pass", Key::SECRET),
    ("user_pass", Key::SECRET),
    ("pass", Key::SECRET),
    ("passcode", Key::SECRET),
    ("passwort", Key::SECRET),
    ("kennwort", Key::SECRET),
    ("contrasena", Key::SECRET),
    ("contraseña", Key::SECRET),
    ("senha", Key::SECRET),
    ("mot_de_passe", Key::SECRET),
    ("motdepasse", Key::SECRET),
    ("wachtwoord", Key::SECRET),
    ("haslo", Key::SECRET),
    ("hasło", Key::SECRET),
    ("пароль", Key::SECRET),
    ("密码", Key::SECRET),
    ("パスワード", Key::SECRET),
    ("비밀번호", Key::SECRET),
    ("secret", Key::SECRET),
    ("secrets", Key::SECRET),
    ("token", Key::SECRET),
    ("api_key", Key::SECRET),
    ("api_keys", Key::SECRET),
    ("apikey", Key::SECRET),
    ("app_key", Key::SECRET),
    ("access_key", Key::SECRET),
    ("auth_key", Key::SECRET),
    ("account_key", Key::SECRET),
    ("master_key", Key::SECRET),
    ("private_key", Key::SECRET),
    ("secret_key", Key::SECRET),
    ("signing_key", Key::SECRET),
    ("signing_secret", Key::SECRET),
    ("encryption_key", Key::SECRET),
    ("shared_key", Key::SECRET),
    ("shared_access_key", Key::SECRET),
    ("subscription_key", Key::SECRET),
    ("functions_key", Key::SECRET),
    ("license_key", Key::SECRET),
    ("storage_key", Key::SECRET),
    ("service_key", Key::SECRET),
    ("age_key", Key::SECRET),
    ("ssh_key", Key::SECRET),
    ("pgp_key", Key::SECRET),
    ("client_key", Key::SECRET),
    ("insert_key", Key::SECRET),
    ("webhook_secret", Key::SECRET),
    ("amz_signature", Key::SECRET),
    ("goog_signature", Key::SECRET),
    ("credential", Key::SECRET),
    ("credentials", Key::SECRET),
    ("jwt", Key::SECRET),
    ("bearer", Key::SECRET),
    ("session_id", Key::SECRET),
    ("sessionid", Key::SECRET),
    ("phpsessid", Key::SECRET),
    ("jsessionid", Key::SECRET),
    ("csrf", Key::SECRET),
    ("xsrf", Key::SECRET),
    ("mnemonic", Key::SECRET),
    ("seed_phrase", Key::SECRET),
    ("recovery_phrase", Key::SECRET),
    ("connection_string", Key::Perhaps),
    // short codes
    ("pin", Key::SECRET),
    ("pin_code", Key::SECRET),
    ("cvv", Key::SECRET),
    ("cvv2", Key::SECRET),
    ("cvc", Key::SECRET),
    ("cvc2", Key::SECRET),
    ("card_code", Key::SECRET),
    ("security_code", Key::SECRET),
    ("otp", Key::SECRET),
    ("otp_code", Key::SECRET),
    ("totp", Key::SECRET),
    ("mfa_code", Key::SECRET),
    ("mfa", Key::Perhaps),
    ("verification_code", Key::SECRET),
    ("auth_code", Key::SECRET),
    ("one_time_code", Key::SECRET),
    ("backup_code", Key::SECRET),
    ("backup_codes", Key::SECRET),
    ("recovery_code", Key::SECRET),
    ("recovery_codes", Key::SECRET),
    // secrets if they look like one
    ("key", Key::Perhaps),
    ("keys", Key::Perhaps),
    ("tokens", Key::Perhaps),
    ("auth", Key::Perhaps),
    ("authentication", Key::Perhaps),
    ("sig", Key::Perhaps),
    ("signature", Key::Perhaps),
    ("code", Key::Perhaps),
    ("code_verifier", Key::SECRET),
    ("session", Key::Perhaps),
    ("sid", Key::Perhaps),
    ("assertion", Key::Perhaps),
    ("client_assertion", Key::SECRET),
    ("webhook", Key::Perhaps),
    ("pw", Key::SECRET),
    ("cred", Key::Perhaps),
    ("creds", Key::Perhaps),
    ("salt", Key::Perhaps),
    ("pat", Key::Perhaps),
    // personal
    ("card_number", Key::Holds(Kind::Card)),
    ("cardnumber", Key::Holds(Kind::Card)),
    ("credit_card", Key::Holds(Kind::Card)),
    ("creditcard", Key::Holds(Kind::Card)),
    ("cc_number", Key::Holds(Kind::Card)),
    ("pan", Key::Holds(Kind::Card)),
    ("iban", Key::Holds(Kind::BankAccount)),
    ("ssn", Key::Holds(Kind::NationalId)),
    ("social_security_number", Key::Holds(Kind::NationalId)),
    ("social_security", Key::Holds(Kind::NationalId)),
];

/// Names whose last words are in [`NAMES`] and that hold nothing secret all the same.
const HARMLESS: &[&str] = &[
    "stop_token",
    "eos_token",
    "bos_token",
    "pad_token",
    "unk_token",
    "mask_token",
    "sep_token",
    "max_token",
    "next_token",
    "page_token",
    "continuation_token",
    "public_key",
    "primary_key",
    "foreign_key",
    "partition_key",
    "sort_key",
    "idempotency_key",
    "cache_key",
    "routing_key",
    "publishable_key",
    "country_code",
    "status_code",
    "error_code",
    "postal_code",
    "zip_code",
    "exit_code",
    "session_duration",
];

/// Words that do not change what a name means when they stand at its end.
const FILLERS: &[&str] = &[
    "value",
    "raw",
    "plain",
    "plaintext",
    "text",
    "base64",
    "b64",
    "old",
    "new",
    "current",
    "confirm",
    "confirmation",
    "again",
    "repeat",
    "header",
    "production",
    "prod",
    "staging",
    "dev",
    "test",
    "live",
];

/// Ends of one-word names written without a break: `dbpassword`, `accesstoken`.
const JOINED: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "apikey",
    "secretkey",
    "accesskey",
    "privatekey",
    "accesstoken",
    "authtoken",
    "apitoken",
    "refreshtoken",
    "clientsecret",
    "sessiontoken",
    "secret",
    "token",
];

/// Longest name that is looked at; a longer one is no name.
pub(crate) const LONGEST_NAME: usize = 96;

/// What `name` says about its value.
pub(crate) fn classify(name: &str) -> Key {
    if name.is_empty() || name.len() > LONGEST_NAME {
        return Key::Plain;
    }
    let words = words(name);
    let mut words = words.as_str();
    loop {
        let last = words.rsplit('_').next().unwrap_or(words);
        if words.len() == last.len() || !(FILLERS.contains(&last) || last.bytes().all(|b| b.is_ascii_digit()))
        {
            break;
        }
        words = words.get(..words.len() - last.len() - 1).unwrap_or("");
    }
    if HARMLESS.iter().any(|name| ends_with_words(words, name)) {
        return Key::Plain;
    }
    // The longest name decides, so that a special case beats the general one.
    let known =
        NAMES.iter().filter(|(name, _)| ends_with_words(words, name)).max_by_key(|(name, _)| name.len());
    if let Some(&(_, key)) = known {
        return key;
    }
    let last = words.rsplit('_').next().unwrap_or(words);
    if JOINED.iter().any(|end| last.len() > end.len() && last.ends_with(end)) {
        Key::SECRET
    } else {
        Key::Plain
    }
}

/// Whether `words` is `name` or ends with it at a word's start.
pub(crate) fn ends_with_words(words: &str, name: &str) -> bool {
    words.strip_suffix(name).is_some_and(|before| before.is_empty() || before.ends_with('_'))
}

/// The words of a name in lower case with `_` between them. Words end at punctuation and where the case rises.
pub(crate) fn words(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 8);
    let mut chars = name.chars().peekable();
    let mut previous = '_';
    while let Some(c) = chars.next() {
        if is_letter(c) {
            let rises = c.is_ascii_uppercase()
                && (previous.is_ascii_lowercase()
                    || previous.is_ascii_digit()
                    || (previous.is_ascii_uppercase() && chars.peek().is_some_and(char::is_ascii_lowercase)));
            if rises && !out.ends_with('_') {
                out.push('_');
            }
            out.push(lower(c));
        } else if !out.is_empty() && !out.ends_with('_') {
            out.push('_');
        }
        previous = c;
    }
    out.truncate(out.trim_end_matches('_').len());
    out
}

/// Letters and digits of any alphabet, told without Unicode tables, which would be a tenth of this crate's size.
pub(crate) fn is_letter(c: char) -> bool {
    c.is_ascii_alphanumeric() || !c.is_ascii()
}

/// Lower case in the alphabets that [`NAMES`] uses: ASCII, Latin-1 and Cyrillic.
fn lower(c: char) -> char {
    match c {
        'À'..='Þ' | 'А'..='Я' => char::from_u32(u32::from(c) + 32).unwrap_or(c),
        'Ł' => 'ł',
        c => c.to_ascii_lowercase(),
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    #[test]
    fn the_last_words_of_a_name_decide() {
        for (name, key) in [
            ("password", Key::SECRET),
            ("dbPassword", Key::SECRET),
            ("DB_PASSWORD_2", Key::SECRET),
            ("X-Api-Key", Key::SECRET),
            ("APIKey", Key::SECRET),
            ("clientSecret", Key::SECRET),
            ("accesstoken", Key::SECRET),
            ("Proxy-Authorization", Key::Authorization),
            ("Set-Cookie", Key::Cookie),
            ("customer.ssn", Key::Holds(Kind::NationalId)),
            ("token_count", Key::Plain),
            ("max_tokens", Key::Perhaps),
            ("stop_token", Key::Plain),
            ("password_policy", Key::Plain),
            ("tokenizer", Key::Plain),
            ("secretKeyRef", Key::Plain),
            ("compass", Key::Plain),
            ("primary_key", Key::Plain),
            ("CONTRASEÑA", Key::SECRET),
            ("Пароль", Key::SECRET),
            ("", Key::Plain),
        ] {
            assert_eq!(classify(name), key, "{name}");
        }
    }
}
