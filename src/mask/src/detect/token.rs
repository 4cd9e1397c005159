//! Tokens that say who issued them: a prefix, an alphabet, a length.
//!
//! The table is data: the shapes that providers give their tokens, as far as they are known. Add a row, not code.

use crate::bytes::{at, is_url_safe, part, rest, run};
use crate::detect::Scan;
use crate::kind::Kind;
use crate::marks::Marks;

/// What may follow a prefix.
#[derive(Clone, Copy)]
enum Tail {
    /// `[A-Za-z0-9]`
    Alnum,
    /// `[A-Za-z0-9_-]`
    Url,
    /// `[A-Za-z0-9_.=:/+-]`
    Wide,
    /// `[0-9a-f]`
    Hex,
    /// `[A-Z0-9]`
    Upper,
}

impl Tail {
    fn run(self, text: &str, start: usize, most: usize) -> usize {
        let wanted: fn(u8) -> bool = match self {
            Self::Alnum => |b| b.is_ascii_alphanumeric(),
            Self::Url => is_url_safe,
            Self::Wide => |b| is_url_safe(b) || matches!(b, b'.' | b'=' | b':' | b'/' | b'+'),
            Self::Hex => |b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b),
            Self::Upper => |b| b.is_ascii_uppercase() || b.is_ascii_digit(),
        };
        run(text, start, most, wanted)
    }
}

/// Prefix, what follows, how many characters of it at least and at most, and the detector's name.
type Shape = (&'static str, Tail, u16, u16, &'static str);

const ANY: u16 = u16::MAX;

const SHAPES: &[Shape] = &[
    ("AKIA", Tail::Upper, 16, 16, "aws_access_key"),
    ("ASIA", Tail::Upper, 16, 16, "aws_access_key"),
    ("ABIA", Tail::Upper, 16, 16, "aws_access_key"),
    ("ACCA", Tail::Upper, 16, 16, "aws_access_key"),
    ("ABSK", Tail::Wide, 40, ANY, "aws_bedrock_key"),
    ("bedrock-api-key-", Tail::Wide, 20, ANY, "aws_bedrock_key"),
    ("ghp_", Tail::Alnum, 30, ANY, "github_token"),
    ("gho_", Tail::Alnum, 30, ANY, "github_token"),
    ("ghu_", Tail::Alnum, 30, ANY, "github_token"),
    ("ghs_", Tail::Alnum, 30, ANY, "github_token"),
    ("ghr_", Tail::Alnum, 30, ANY, "github_token"),
    ("github_pat_", Tail::Url, 22, ANY, "github_token"),
    ("glpat-", Tail::Wide, 20, ANY, "gitlab_token"),
    ("gldt-", Tail::Url, 16, ANY, "gitlab_token"),
    ("glrt-", Tail::Wide, 16, ANY, "gitlab_token"),
    ("glrtr-", Tail::Url, 16, ANY, "gitlab_token"),
    ("glcbt-", Tail::Url, 16, ANY, "gitlab_token"),
    ("glptt-", Tail::Url, 16, ANY, "gitlab_token"),
    ("glft-", Tail::Url, 16, ANY, "gitlab_token"),
    ("glimt-", Tail::Url, 16, ANY, "gitlab_token"),
    ("glagent-", Tail::Url, 16, ANY, "gitlab_token"),
    ("gloas-", Tail::Url, 16, ANY, "gitlab_token"),
    ("glsoat-", Tail::Url, 16, ANY, "gitlab_token"),
    ("glffct-", Tail::Url, 16, ANY, "gitlab_token"),
    ("GR1348941", Tail::Url, 16, ANY, "gitlab_token"),
    ("xoxb-", Tail::Url, 10, ANY, "slack_token"),
    ("xoxp-", Tail::Url, 10, ANY, "slack_token"),
    ("xoxa-", Tail::Url, 10, ANY, "slack_token"),
    ("xoxr-", Tail::Url, 10, ANY, "slack_token"),
    ("xoxs-", Tail::Url, 10, ANY, "slack_token"),
    ("xoxo-", Tail::Url, 10, ANY, "slack_token"),
    ("xoxe-", Tail::Url, 10, ANY, "slack_token"),
    ("xoxe.", Tail::Wide, 10, ANY, "slack_token"),
    ("xapp-", Tail::Url, 10, ANY, "slack_token"),
    ("hooks.slack.com/", Tail::Wide, 24, ANY, "slack_webhook"),
    ("sk_live_", Tail::Alnum, 10, ANY, "stripe_key"),
    ("sk_test_", Tail::Alnum, 10, ANY, "stripe_key"),
    ("sk_prod_", Tail::Alnum, 10, ANY, "stripe_key"),
    ("rk_live_", Tail::Alnum, 10, ANY, "stripe_key"),
    ("rk_test_", Tail::Alnum, 10, ANY, "stripe_key"),
    ("rk_prod_", Tail::Alnum, 10, ANY, "stripe_key"),
    ("whsec_", Tail::Wide, 20, ANY, "stripe_key"),
    ("sk-ant-", Tail::Url, 20, ANY, "anthropic_key"),
    ("sk-", Tail::Url, 32, ANY, "openai_key"),
    ("AIza", Tail::Url, 35, ANY, "google_api_key"),
    ("ya29.", Tail::Wide, 20, ANY, "google_token"),
    ("GOCSPX-", Tail::Url, 20, ANY, "google_client_secret"),
    ("npm_", Tail::Alnum, 30, ANY, "npm_token"),
    ("pypi-", Tail::Url, 40, ANY, "pypi_token"),
    ("dapi", Tail::Hex, 32, 32, "databricks_token"),
    ("hf_", Tail::Alnum, 30, ANY, "huggingface_token"),
    ("api_org_", Tail::Alnum, 30, ANY, "huggingface_token"),
    ("SG.", Tail::Wide, 40, ANY, "sendgrid_key"),
    ("hvs.", Tail::Url, 20, ANY, "vault_token"),
    ("hvb.", Tail::Url, 20, ANY, "vault_token"),
    ("AGE-SECRET-KEY-1", Tail::Upper, 40, ANY, "age_key"),
    ("dop_v1_", Tail::Hex, 32, ANY, "digitalocean_token"),
    ("doo_v1_", Tail::Hex, 32, ANY, "digitalocean_token"),
    ("dor_v1_", Tail::Hex, 32, ANY, "digitalocean_token"),
    ("shpat_", Tail::Alnum, 32, ANY, "shopify_token"),
    ("shpca_", Tail::Alnum, 32, ANY, "shopify_token"),
    ("shppa_", Tail::Alnum, 32, ANY, "shopify_token"),
    ("shpss_", Tail::Alnum, 32, ANY, "shopify_token"),
    ("sq0atp-", Tail::Url, 20, ANY, "square_token"),
    ("sq0csp-", Tail::Url, 20, ANY, "square_token"),
    ("EAAA", Tail::Url, 50, ANY, "access_token"),
    ("dp.pt.", Tail::Alnum, 30, ANY, "doppler_token"),
    ("lin_api_", Tail::Alnum, 30, ANY, "linear_token"),
    ("NRAK-", Tail::Upper, 20, ANY, "newrelic_key"),
    ("NRII-", Tail::Url, 20, ANY, "newrelic_key"),
    ("pscale_tkn_", Tail::Wide, 20, ANY, "planetscale_token"),
    ("pscale_pw_", Tail::Wide, 20, ANY, "planetscale_token"),
    ("pscale_oauth_", Tail::Wide, 20, ANY, "planetscale_token"),
    ("rubygems_", Tail::Hex, 40, ANY, "rubygems_token"),
    ("sntrys_", Tail::Wide, 30, ANY, "sentry_token"),
    ("sntryu_", Tail::Hex, 40, ANY, "sentry_token"),
    ("sgp_", Tail::Url, 32, ANY, "sourcegraph_token"),
    ("glsa_", Tail::Url, 30, ANY, "grafana_token"),
    ("glc_", Tail::Wide, 30, ANY, "grafana_token"),
    ("eyJrIjoi", Tail::Wide, 40, ANY, "grafana_token"),
    ("PMAK-", Tail::Url, 30, ANY, "postman_key"),
    ("ATATT3", Tail::Wide, 40, ANY, "atlassian_token"),
    ("CLOJARS_", Tail::Alnum, 40, ANY, "clojars_token"),
    ("dckr_pat_", Tail::Url, 20, ANY, "docker_token"),
    ("duffel_", Tail::Wide, 40, ANY, "duffel_token"),
    ("EZAK", Tail::Alnum, 54, ANY, "easypost_key"),
    ("EZTK", Tail::Alnum, 54, ANY, "easypost_key"),
    ("FLWSECK", Tail::Url, 20, ANY, "flutterwave_key"),
    ("fio-u-", Tail::Wide, 40, ANY, "frameio_token"),
    ("ntn_", Tail::Alnum, 40, ANY, "notion_token"),
    ("AKCp", Tail::Alnum, 60, ANY, "artifactory_key"),
    ("cmVmd", Tail::Alnum, 50, ANY, "artifactory_key"),
    ("LTAI", Tail::Alnum, 16, 24, "alibaba_key"),
    ("v1.0-", Tail::Hex, 24, 24, "cloudflare_key"),
    ("pplx-", Tail::Alnum, 40, ANY, "perplexity_key"),
    ("gsk_", Tail::Alnum, 40, ANY, "groq_key"),
    ("xai-", Tail::Alnum, 40, ANY, "xai_key"),
    ("r8_", Tail::Alnum, 30, ANY, "replicate_token"),
    ("tskey-", Tail::Url, 16, ANY, "tailscale_key"),
    ("fo1_", Tail::Url, 40, ANY, "fly_token"),
    ("fm1r_", Tail::Wide, 40, ANY, "fly_token"),
    ("fm1a_", Tail::Wide, 40, ANY, "fly_token"),
    ("fm2_", Tail::Wide, 40, ANY, "fly_token"),
    ("sbp_", Tail::Hex, 40, ANY, "supabase_token"),
    ("shippo_live_", Tail::Hex, 30, ANY, "shippo_token"),
    ("shippo_test_", Tail::Hex, 30, ANY, "shippo_token"),
    ("xkeysib-", Tail::Url, 40, ANY, "brevo_key"),
    ("rdme_", Tail::Alnum, 40, ANY, "readme_token"),
    ("ops_eyJ", Tail::Wide, 100, ANY, "onepassword_token"),
    ("A3-", Tail::Url, 30, ANY, "onepassword_key"),
    ("sha256~", Tail::Url, 40, ANY, "openshift_token"),
    ("patch_", Tail::Hex, 40, ANY, "access_token"),
    ("sm_aat_", Tail::Alnum, 16, ANY, "settlemint_token"),
    ("sm_pat_", Tail::Alnum, 16, ANY, "settlemint_token"),
    ("sm_sat_", Tail::Alnum, 16, ANY, "settlemint_token"),
    ("4b1d", Tail::Alnum, 38, 38, "clickhouse_key"),
    ("dt0c01.", Tail::Wide, 80, ANY, "dynatrace_token"),
    ("dt0s01.", Tail::Wide, 40, ANY, "dynatrace_token"),
    ("pul-", Tail::Hex, 40, 40, "pulumi_token"),
    ("phc_", Tail::Alnum, 40, ANY, "posthog_key"),
    ("phx_", Tail::Alnum, 40, ANY, "posthog_key"),
    ("SK", Tail::Hex, 32, 32, "twilio_key"),
    ("key-", Tail::Hex, 32, 32, "mailgun_key"),
    ("EAAM", Tail::Alnum, 60, ANY, "facebook_token"),
    ("EAAC", Tail::Alnum, 60, ANY, "facebook_token"),
    ("HRKU-", Tail::Url, 36, ANY, "heroku_key"),
    ("s-s4t2ud-", Tail::Hex, 40, ANY, "intra42_secret"),
    ("s-s4t2af-", Tail::Hex, 40, ANY, "intra42_secret"),
    ("p8e-", Tail::Alnum, 32, 32, "adobe_secret"),
    ("1//0", Tail::Url, 30, ANY, "google_token"),
];

pub(super) fn find(scan: Scan<'_>, i: usize, marks: &mut Marks) -> Option<usize> {
    let (end, detector) = matching(scan.text, i)?;
    marks.add(i..end, Kind::Secret, detector);
    Some(end)
}

/// The detector's name, if `value` as a whole is a token.
pub(crate) fn whole(value: &str) -> Option<&'static str> {
    matching(value, 0).filter(|(end, _)| *end == value.len()).map(|(_, detector)| detector)
}

/// Enough of a tail to decide on. A longer one is only read to its end once it is a token, so a text is read once.
const TELLING: usize = 128;

fn matching(text: &str, i: usize) -> Option<(usize, &'static str)> {
    let first = at(text, i);
    SHAPES.iter().filter(|shape| shape.0.as_bytes().first() == Some(&first)).find_map(|&shape| {
        let (prefix, tail, least, most, detector) = shape;
        if !rest(text, i).starts_with(prefix) {
            return None;
        }
        let start = i + prefix.len();
        let head = tail.run(text, start, TELLING);
        let long = (usize::from(least)..=usize::from(most)).contains(&(head - start));
        if !long || !mixed(part(text, start..head)) {
            return None;
        }
        let end = if head - start == TELLING { tail.run(text, head, usize::MAX) } else { head };
        let token = part(text, i..end).trim_end_matches(['.', ':', '/', '=']);
        Some((i + token.len(), detector))
    })
}

/// A tail of one repeated character, or of words only, is a placeholder or a name (`sk-the-name-of-a-long-css-class`).
fn mixed(tail: &str) -> bool {
    tail.bytes().any(|b| b.is_ascii_digit() || b.is_ascii_uppercase())
        && tail.bytes().any(|b| tail.bytes().next() != Some(b))
}
