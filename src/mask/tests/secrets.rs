//! What the crate promises of secrets in any text: what stands between `«` and `»` goes, the rest stays.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use countersign_mask::{residual, text};

/// Random enough for every detector, and no provider's own shape.
const RANDOM: &str = "nVLWkM6YCrELqocD2Eo4C0Na1ayAKs0P";
const HEX: &str = "9f2c1e7ab0d34c55e1f0a6b7c8d9e0f1";

/// Checks a line in which `{r}` is random and `{h}` hexadecimal: each marked stretch becomes `[secret]`, nothing else changes,
/// and a second look finds nothing.
fn check(line: &str) {
    let line = line.replace("{r}", RANDOM).replace("{h}", HEX);
    let mut wanted = String::new();
    for (place, piece) in line.split(['«', '»']).enumerate() {
        wanted.push_str(if place % 2 == 1 { "[secret]" } else { piece });
    }
    let raw = line.replace(['«', '»'], "");
    let (masked, _) = text(&raw);
    assert_eq!(masked.as_str(), wanted, "{raw}");
    assert!(residual(masked.as_str()).is_empty(), "{wanted}");
    // The same where it is the value of a member.
    let wrapped = serde_json::json!({ "run": raw }).to_string();
    assert_eq!(text(&wrapped).0.as_str(), serde_json::json!({ "run": wanted }).to_string());
}

#[test]
fn a_password_on_a_command_line_goes_where_its_program_takes_it() {
    for line in [
        "mysql -h db.internal -u root -p«Maple7439-cz» shop",
        "sshpass -p «Maple7439-cz» ssh root@host uptime",
        "docker login -u ci -p «Maple7439-cz» registry.example",
        "redis-cli -h cache -a «Maple7439-cz» FLUSHALL",
        "ldapsearch -x -D cn=admin -w «Maple7439-cz» -b dc=acme",
        "smbclient //srv/share -U bob%«Maple7439-cz»",
        "htpasswd -b /etc/nginx/.htpasswd bob «Maple7439-cz»",
        r"net use Z: \\fs\share /user:ACME\bob «Maple7439-cz»",
        "net user alice «Maple7439-cz» /add",
        "echo «Maple7439-cz» | docker login -u ci --password-stdin registry.example",
        "echo \"bob:«Maple7439-cz»\" | chpasswd",
        "$secure = ConvertTo-SecureString '«Maple7439-cz»' -AsPlainText -Force",
        "docker run -p 8080:80 -u 1000:1000 app:1.2",
        "ssh -p 2222 host.internal",
        "git commit -a -m 12",
        "grep -w token2 file.txt",
    ] {
        check(line);
    }
}

#[test]
fn a_secret_goes_by_the_words_beside_it() {
    for line in [
        "machine api.example login bob password «Maple7439-cz»",
        "ENV API_KEY «{r}»",
        "the root pw on db-3 is «Maple7439-cz», keep it safe",
        "pw for the grafana admin: «Maple7439-cz»",
        "Das Passwort lautet: «Maple7439-cz» (gilt bis Freitag)",
        "Le mot de passe est «Maple7439-cz» pour le serveur",
        "Use password \"«Maple7439-cz»\" for the archive",
        "密码：«Maple7439-cz»",
        "DB_PASSWORD is now «Maple7439-cz» - please update",
        "my_token <- \"«{r}»\"",
        "set_token('«{r}»')",
        "Your verification code is «482913».",
        "«482913» is your Acme verification code",
        "the token expires in 3600s",
        "error code is 500123",
        "password must be at least 12 characters",
        "reset password for user 4821",
        "PASS test_login_2fa (0.12s)",
        "pass 1234 checks",
    ] {
        check(line);
    }
}

#[test]
fn of_credentials_with_parameters_only_the_proof_goes() {
    for line in [
        "Authorization: Digest username=\"bob\", realm=\"api\", nonce=\"«{h}»\", uri=\"/v1/x\", response=\"«{h}»\", qop=auth",
        "signed with AWS4-HMAC-SHA256 Credential=«AKIAYRUNIJISSWZ7CDZR»/20260101/eu-west-1/s3/aws4_request, SignedHeaders=host, Signature=«{h}»",
        "Authorization: Bearer $(gcloud auth print-access-token)",
        "Authorization: Bearer <token>",
        "Authorization: Splunk «c3cf491e-d2c5-4536-b276-9286cb260ef7»",
        "the header was Bearer «{r}» in the trace",
        "basic auth is enabled, bearer tokens are fine",
    ] {
        check(line);
    }
}

#[test]
fn connection_strings_keep_user_and_host() {
    for line in [
        "app:«Maple7439-cz»@tcp(db.internal:3306)/shop?parseTime=true",
        "jdbc:oracle:thin:scott/«Maple7439-cz»@//ora.internal:1521/ORCL",
        "sqlplus scott/«Maple7439-cz»@//ora.internal:1521/ORCL",
        "postgres://app:«Maple/7439-cz»@db.internal:5432/shop",
        "db.internal:5432:shop:app:«Maple7439-cz»",
        "redis://:«Maple7439-cz»@cache.internal:6379/0",
        "docker://registry:5000/app@sha256:5eb2cbd353ebb39e3dd6da27f6f1e2cee753db390039be3504a514cbbb8270a7",
        "mac fa:16:3e:e8:7f:03",
    ] {
        check(line);
    }
}

#[test]
fn an_address_that_is_a_key_keeps_its_host() {
    for (host, key) in [
        ("https://hooks.slack.com/services/", "T0DCUJB1Q/B0DD08H5G/bJtrpFi1fO1JMCcwLx8uZyAg"),
        ("https://discord.com/api/webhooks/", "1234567890123456789/{r}{r}"),
        ("https://app.example/reset-password/", "{r}"),
    ] {
        check(&format!("post to {host}«{key}» now"));
    }
    check("https://app.example/invite/team-alpha");
}

#[test]
fn hashes_of_passwords_go() {
    for id in [
        "$2b$12$",
        "$6$rounds=5000$",
        "$apr1$V4kvF0Om$",
        "$argon2id$v=19$m=65536,t=3,p=4$",
        "pbkdf2_sha256$600000$",
    ] {
        check(&format!("alice:«{id}{RANDOM}»"));
        check(&format!("password_hash: «{id}{RANDOM}»"));
    }
}

#[test]
fn seed_phrases_and_wallet_keys_go_without_a_name() {
    let words = "legal winner thank year wave sausage worth useful legal winner thank yellow";
    check(&format!("here it is: «{words}»; keep it"));
    check("the method checks that path query and name then returns body when both match");
}

#[test]
fn a_private_key_without_dashes_goes_too() {
    check("Public-Lines: 1\nAAAA\nPrivate-Lines: 1«\nAAAAgQDtest»\nPrivate-MAC: 00");
    check("<RSAKeyValue>«<Modulus>AQAB</Modulus><D>AQAB</D>»</RSAKeyValue>");
}

#[test]
fn code_after_a_telling_name_stays() {
    for line in [
        "self.token = token\n",
        "let token: u32 = 7;",
        "client.login(password=password, retries=7)",
        "secret: Secret::new(bytes),",
        "csrf: session.csrf,",
        "token = $self->get_token",
        ".pw-input:focus{outline:none}",
        "input[type=password]:focus{outline:none}",
        "password: !vault |",
        "DB_PASSWORD=$(cat /run/secrets/db)",
        "API_KEY=YOUR_API_KEY",
        "token: xxxx-xxxx-xxxx-xxxx",
        "label.password = \"Password\"",
        "key: exports/2026/q3/report-000123.csv.gz",
        "sk-the-name-of-a-long-css-class-and-more",
    ] {
        check(line);
    }
}
