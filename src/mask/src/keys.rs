//! What a field's name says about its value.
//!
//! A name is split into words (`X-Api-Key`, `dbPassword`, `client_secret`), and its *last* words decide: `token` is a
//! secret, `token_count` is a number. Names are data in tables, not code.

/// What a value under a name is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Key {
    /// Nothing known.
    Plain,
    /// A secret, whatever it looks like.
    Secret,
    /// A secret if it looks like one (long and random).
    Perhaps,
    /// The value of an `Authorization` header: a scheme, then the secret.
    Authorization,
    /// Cookies: names, then the secrets.
    Cookie,
    /// A payment card number.
    Card,
    /// A bank account.
    Iban,
    /// A US social security number.
    Ssn,
}

/// Last words of names, and what they mean. A name of several words is written with `_`.
const NAMES: &[(&str, Key)] = &[
    ("authorization", Key::Authorization),
    ("cookie", Key::Cookie),
    ("set_cookie", Key::Cookie),
    ("cookies", Key::Cookie),
    // secrets
    ("password", Key::Secret),
    ("passwords", Key::Secret),
    ("passwd", Key::Secret),
    ("passphrase", Key::Secret),
    ("pwd", Key::Secret),
    ("userpass", Key::Secret),
    ("db_pass", Key::Secret),
    ("user_pass", Key::Secret),
    ("pass", Key::Secret),
    ("passcode", Key::Secret),
    ("passwort", Key::Secret),
    ("kennwort", Key::Secret),
    ("contrasena", Key::Secret),
    ("contraseña", Key::Secret),
    ("senha", Key::Secret),
    ("mot_de_passe", Key::Secret),
    ("motdepasse", Key::Secret),
    ("wachtwoord", Key::Secret),
    ("haslo", Key::Secret),
    ("hasło", Key::Secret),
    ("пароль", Key::Secret),
    ("密码", Key::Secret),
    ("パスワード", Key::Secret),
    ("비밀번호", Key::Secret),
    ("secret", Key::Secret),
    ("secrets", Key::Secret),
    ("token", Key::Secret),
    ("api_key", Key::Secret),
    ("api_keys", Key::Secret),
    ("apikey", Key::Secret),
    ("app_key", Key::Secret),
    ("access_key", Key::Secret),
    ("auth_key", Key::Secret),
    ("account_key", Key::Secret),
    ("master_key", Key::Secret),
    ("private_key", Key::Secret),
    ("secret_key", Key::Secret),
    ("signing_key", Key::Secret),
    ("signing_secret", Key::Secret),
    ("encryption_key", Key::Secret),
    ("shared_key", Key::Secret),
    ("shared_access_key", Key::Secret),
    ("subscription_key", Key::Secret),
    ("functions_key", Key::Secret),
    ("license_key", Key::Secret),
    ("storage_key", Key::Secret),
    ("service_key", Key::Secret),
    ("age_key", Key::Secret),
    ("ssh_key", Key::Secret),
    ("pgp_key", Key::Secret),
    ("client_key", Key::Secret),
    ("insert_key", Key::Secret),
    ("webhook_secret", Key::Secret),
    ("amz_signature", Key::Secret),
    ("goog_signature", Key::Secret),
    ("credential", Key::Secret),
    ("credentials", Key::Secret),
    ("jwt", Key::Secret),
    ("bearer", Key::Secret),
    ("session_id", Key::Secret),
    ("sessionid", Key::Secret),
    ("phpsessid", Key::Secret),
    ("jsessionid", Key::Secret),
    ("csrf", Key::Secret),
    ("xsrf", Key::Secret),
    ("mnemonic", Key::Secret),
    ("seed_phrase", Key::Secret),
    ("recovery_phrase", Key::Secret),
    ("connection_string", Key::Perhaps),
    // short codes
    ("pin", Key::Secret),
    ("pin_code", Key::Secret),
    ("cvv", Key::Secret),
    ("cvv2", Key::Secret),
    ("cvc", Key::Secret),
    ("cvc2", Key::Secret),
    ("card_code", Key::Secret),
    ("security_code", Key::Secret),
    ("otp", Key::Secret),
    ("otp_code", Key::Secret),
    ("totp", Key::Secret),
    ("mfa_code", Key::Secret),
    ("mfa", Key::Perhaps),
    ("verification_code", Key::Secret),
    ("auth_code", Key::Secret),
    ("one_time_code", Key::Secret),
    ("backup_code", Key::Secret),
    ("backup_codes", Key::Secret),
    ("recovery_code", Key::Secret),
    ("recovery_codes", Key::Secret),
    // secrets if they look like one
    ("key", Key::Perhaps),
    ("keys", Key::Perhaps),
    ("tokens", Key::Perhaps),
    ("auth", Key::Perhaps),
    ("authentication", Key::Perhaps),
    ("sig", Key::Perhaps),
    ("signature", Key::Perhaps),
    ("code", Key::Perhaps),
    ("code_verifier", Key::Secret),
    ("session", Key::Perhaps),
    ("sid", Key::Perhaps),
    ("assertion", Key::Perhaps),
    ("client_assertion", Key::Secret),
    ("webhook", Key::Perhaps),
    ("pw", Key::Secret),
    ("cred", Key::Perhaps),
    ("creds", Key::Perhaps),
    ("salt", Key::Perhaps),
    ("pat", Key::Perhaps),
    // personal
    ("card_number", Key::Card),
    ("cardnumber", Key::Card),
    ("credit_card", Key::Card),
    ("creditcard", Key::Card),
    ("cc_number", Key::Card),
    ("pan", Key::Card),
    ("iban", Key::Iban),
    ("ssn", Key::Ssn),
    ("social_security_number", Key::Ssn),
    ("social_security", Key::Ssn),
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
        Key::Secret
    } else {
        Key::Plain
    }
}

/// Whether `words` is `name` or ends with it at a word's start.
fn ends_with_words(words: &str, name: &str) -> bool {
    words.strip_suffix(name).is_some_and(|before| before.is_empty() || before.ends_with('_'))
}

/// The words of a name in lower case with `_` between them. Words end at punctuation and where the case rises.
fn words(name: &str) -> String {
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
            ("password", Key::Secret),
            ("dbPassword", Key::Secret),
            ("DB_PASSWORD_2", Key::Secret),
            ("X-Api-Key", Key::Secret),
            ("APIKey", Key::Secret),
            ("clientSecret", Key::Secret),
            ("accesstoken", Key::Secret),
            ("Proxy-Authorization", Key::Authorization),
            ("Set-Cookie", Key::Cookie),
            ("customer.ssn", Key::Ssn),
            ("token_count", Key::Plain),
            ("max_tokens", Key::Perhaps),
            ("stop_token", Key::Plain),
            ("password_policy", Key::Plain),
            ("tokenizer", Key::Plain),
            ("secretKeyRef", Key::Plain),
            ("compass", Key::Plain),
            ("primary_key", Key::Plain),
            ("CONTRASEÑA", Key::Secret),
            ("Пароль", Key::Secret),
            ("", Key::Plain),
        ] {
            assert_eq!(classify(name), key, "{name}");
        }
    }
}
