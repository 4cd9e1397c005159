//! The shapes that providers give their tokens: a prefix, an alphabet, a length. Data only: add a row, not code.
//!
//! They come from the providers' own documentation and from what secret scanners of many kinds agree on. A length here is
//! a little shorter than the documented one, so that the next version of a format is still seen.

use crate::detect::alphabet::Alphabet;

/// What may follow a prefix.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Tail {
    /// `[A-Za-z0-9]`
    Alnum,
    /// `[A-Za-z0-9_-]`
    Url,
    /// The same, but a digit comes first.
    Number,
    /// `[A-Za-z0-9_.=:/+-]`
    Wide,
    /// `[0-9a-f]`
    Hex,
    /// `[A-Z0-9]`
    Upper,
    /// `8-4-4-4-12` hexadecimal digits
    Uuid,
}

impl Tail {
    pub(super) fn alphabet(self) -> Alphabet {
        match self {
            Self::Alnum => Alphabet::ALNUM,
            Self::Url | Self::Number => Alphabet::URL,
            Self::Wide => Alphabet::WIDE,
            Self::Hex => Alphabet::LOWER_HEX,
            Self::Upper => Alphabet::UPPER,
            Self::Uuid => Alphabet::HEX.with(b"-"),
        }
    }
}

/// Prefixes that share what follows them: its alphabet, how many characters of it at least and at most, and the
/// detector's name.
pub(super) struct Shape {
    pub(super) prefixes: &'static str,
    pub(super) tail: Tail,
    pub(super) least: u8,
    pub(super) most: u8,
    pub(super) detector: &'static str,
}

/// No upper bound.
pub(super) const ANY: u8 = u8::MAX;

const fn shape(detector: &'static str, tail: Tail, least: u8, most: u8, prefixes: &'static str) -> Shape {
    Shape { prefixes, tail, least, most, detector }
}

use Tail::{Alnum, Hex, Number, Upper, Url, Uuid, Wide};

#[rustfmt::skip]
pub(super) const SHAPES: &[Shape] = &[
    // Clouds.
    shape("aws_access_key", Upper, 16, 16, "AKIA ASIA ABIA ACCA"),
    shape("aws_bedrock_key", Wide, 20, ANY, "ABSK bedrock-api-key-"),
    shape("aws_session_token", Wide, 40, ANY, "IQoJb3JpZ2lu FwoGZXIvYXdz FQoGZXIvYXdz"),
    shape("amazon_token", Wide, 32, ANY, "amzn.mws. amzn1.oa2-cs.v1. Atza|"),
    shape("google_api_key", Url, 35, 35, "AIza"),
    shape("google_token", Wide, 20, ANY, "ya29. GOCSPX-"),
    shape("google_token", Url, 30, ANY, "1//0 4/0A AQ.Ab8"),
    shape("google_hmac_key", Upper, 20, ANY, "GOOG"),
    shape("alibaba_key", Alnum, 16, 24, "LTAI"),
    shape("alibaba_key", Alnum, 20, ANY, "STS."),
    shape("tencent_key", Alnum, 32, ANY, "AKID"),
    shape("baidu_key", Wide, 20, ANY, "bce-v3/ ALTAK"),
    shape("volcengine_key", Wide, 40, ANY, "AKLT"),
    shape("yandex_key", Url, 35, 50, "AQVN YCA YCM YCN YCO YCP AQAAAA y0_"),
    shape("yandex_token", Wide, 90, ANY, "t1."),
    shape("digitalocean_token", Hex, 32, ANY, "dop_v1_ doo_v1_ dor_v1_"),
    shape("digitalocean_key", Upper, 16, 16, "DO00 DO80"),
    shape("scaleway_key", Upper, 17, 17, "SCW"),
    shape("scalingo_token", Url, 40, ANY, "tk-us-"),
    shape("exoscale_key", Alnum, 24, 28, "EXO"),
    shape("backblaze_key", Wide, 28, 28, "K00"),
    shape("cloudflare_key", Url, 60, ANY, "v1.0-"),
    shape("cloudflare_token", Alnum, 30, ANY, "cfk_ cfut_ cfat_"),
    shape("heroku_key", Url, 36, ANY, "HRKU-"),
    shape("fly_token", Wide, 40, ANY, "fo1_ fm1r_ fm1a_ fm2_"),
    shape("render_key", Alnum, 28, ANY, "rnd_"),
    shape("vercel_token", Alnum, 24, ANY, "vcp_ vci_ vca_ vcr_ vck_ vercel_blob_rw_"),
    shape("netlify_token", Alnum, 30, ANY, "nfp_ nfc_ nfo_ nfu_ nfb_"),
    shape("akamai_token", Url, 30, ANY, "akab-"),
    shape("openshift_token", Url, 40, ANY, "sha256~"),
    shape("swarm_token", Url, 50, ANY, "SWMTKN-1- SWMKEY-1-"),
    shape("k3s_token", Wide, 60, ANY, "K10"),
    shape("upcloud_token", Alnum, 20, ANY, "ucat_"),
    // Databases.
    shape("databricks_token", Hex, 32, 32, "dapi dose dkea"),
    shape("planetscale_token", Wide, 20, ANY, "pscale_tkn_ pscale_pw_ pscale_oauth_"),
    shape("supabase_token", Hex, 40, ANY, "sbp_"),
    shape("supabase_key", Url, 20, ANY, "sb_secret_ sbp_oauth_"),
    shape("neon_key", Alnum, 12, ANY, "napi_ npg_"),
    shape("mongodb_key", Url, 30, ANY, "mdb_sa_sk_"),
    shape("aiven_password", Url, 16, ANY, "AVNS_"),
    shape("cockroach_key", Url, 40, ANY, "CCDB1_"),
    shape("clickhouse_key", Alnum, 38, 38, "4b1d"),
    shape("confluent_key", Wide, 56, ANY, "cflt"),
    shape("fauna_key", Url, 37, 37, "fnA fnE"),
    shape("elastic_key", Wide, 40, ANY, "essu_"),
    shape("xata_key", Alnum, 20, ANY, "xau_"),
    // Code, builds, packages.
    shape("github_token", Alnum, 30, ANY, "ghp_ gho_ ghu_ ghs_ ghr_"),
    shape("github_token", Url, 22, ANY, "github_pat_"),
    shape("github_token", Hex, 40, 40, "v1."),
    shape("gitlab_token", Wide, 16, ANY, "glpat- glrt-"),
    shape("gitlab_token", Url, 16, ANY, "gldt- glrtr- glcbt- glptt- glft- glimt- glagent- gloas- glsoat- glffct- glwt- GR1348941"),
    shape("bitbucket_token", Alnum, 28, ANY, "ATBB"),
    shape("atlassian_token", Wide, 40, ANY, "ATATT3 ATCTT3 ATSTT3"),
    shape("sourcegraph_token", Url, 40, ANY, "sgp_ sgs_ sgd_ slk_"),
    shape("sonar_token", Hex, 40, ANY, "sqp_ squ_ sqa_"),
    shape("snyk_token", Wide, 40, ANY, "snyk_uat. snyk_sat."),
    shape("circleci_token", Url, 40, ANY, "CCIPAT_ CCIPRJ_"),
    shape("buildkite_token", Alnum, 40, ANY, "bkua_ bkpt_ bkct_ bkaj_"),
    shape("harness_token", Wide, 50, ANY, "pat. sat."),
    shape("octopus_key", Upper, 25, 40, "API-"),
    shape("pulumi_token", Hex, 40, 40, "pul-"),
    shape("npm_token", Alnum, 30, ANY, "npm_"),
    shape("pypi_token", Url, 40, ANY, "pypi-"),
    shape("nuget_key", Alnum, 43, 43, "oy2"),
    shape("rubygems_token", Hex, 40, ANY, "rubygems_"),
    shape("crates_token", Alnum, 32, 32, "cio"),
    shape("clojars_token", Alnum, 40, ANY, "CLOJARS_"),
    shape("packagist_token", Hex, 40, ANY, "packagist_ort_ packagist_out_ packagist_uut_"),
    shape("artifactory_key", Alnum, 50, ANY, "AKCp cmVmd"),
    shape("docker_token", Url, 20, ANY, "dckr_pat_ dckr_oat_"),
    shape("prefect_key", Alnum, 30, ANY, "pnu_ pnb_"),
    shape("dbt_token", Wide, 36, ANY, "dbtc_ dbtu_ dbts_"),
    shape("portainer_token", Wide, 40, ANY, "ptr_"),
    shape("infracost_key", Alnum, 32, ANY, "ico-"),
    shape("postman_key", Url, 26, ANY, "PMAK- PMAT-"),
    shape("readme_token", Alnum, 40, ANY, "rdme_"),
    shape("apify_token", Alnum, 30, ANY, "apify_api_"),
    shape("kong_token", Alnum, 40, ANY, "kpat_ spat_"),
    shape("figma_token", Url, 36, ANY, "figd_ figo_ figor_ figu_ figdh_ figoh_ figuh_"),
    shape("linear_token", Alnum, 30, ANY, "lin_api_ lin_oauth_ lin_wh_"),
    shape("notion_token", Alnum, 40, ANY, "ntn_ secret_"),
    shape("contentful_token", Url, 40, ANY, "CFPAT-"),
    shape("sanity_token", Alnum, 120, ANY, "sk"),
    shape("typeform_token", Wide, 40, ANY, "tfp_"),
    shape("clickup_token", Number, 38, ANY, "pk_"),
    shape("dropbox_token", Wide, 100, ANY, "sl."),
    shape("intercom_token", Wide, 50, ANY, "dG9rO"),
    shape("trello_token", Alnum, 60, ANY, "ATTA"),
    shape("frameio_token", Wide, 40, ANY, "fio-u-"),
    shape("hubspot_key", Uuid, 36, 36, "pat-na1- pat-na2- pat-na3- pat-eu1- pat-ap1-"),
    shape("launchdarkly_key", Uuid, 36, 36, "sdk- mob- api- rel-"),
    // Secrets managers and networks.
    shape("vault_token", Url, 20, ANY, "hvs. hvb. hvr."),
    shape("vault_token", Alnum, 24, 24, "s. b."),
    shape("doppler_token", Wide, 30, ANY, "dp.pt. dp.ct. dp.sa. dp.st. dp.scim. dp.audit."),
    shape("infisical_token", Wide, 60, ANY, "st."),
    shape("onepassword_token", Wide, 100, ANY, "ops_eyJ"),
    shape("onepassword_key", Url, 30, ANY, "A3-"),
    shape("age_key", Upper, 40, ANY, "AGE-SECRET-KEY-1"),
    shape("tailscale_key", Url, 16, ANY, "tskey-"),
    shape("defined_key", Wide, 60, ANY, "dnkey-"),
    shape("axiom_token", Uuid, 36, 36, "xaat- xapt-"),
    shape("fernet_token", Wide, 60, ANY, "gAAAAA"),
    shape("paseto", Wide, 40, ANY, "v1.local. v2.local. v3.local. v4.local. v2.public. v3.public. v4.public."),
    shape("stytch_secret", Url, 30, ANY, "secret-live- secret-test-"),
    shape("secret_token", Url, 20, ANY, "secret-token:"),
    shape("nostr_key", Alnum, 58, 58, "nsec1"),
    shape("extended_private_key", Alnum, 100, 112, "xprv tprv yprv zprv uprv vprv"),
    // Observation.
    shape("newrelic_key", Upper, 20, ANY, "NRAK- NRAA- NRRA-"),
    shape("newrelic_key", Url, 19, ANY, "NRII- NRIQ- NRSP- NRJS-"),
    shape("grafana_token", Wide, 30, ANY, "glsa_ glc_ eyJrIjoi"),
    shape("honeycomb_key", Alnum, 30, ANY, "hcaik_ hcaic_ hcxik_ hcamk_ hcalk_"),
    shape("sentry_token", Wide, 30, ANY, "sntrys_"),
    shape("sentry_token", Hex, 64, 64, "sntryu_ sntrya_ sntryi_"),
    shape("dynatrace_token", Wide, 40, ANY, "dt0c01. dt0s01. dt0s02. dt0s03. dt0s04. dt0s06. dt0s08. dt0s16. dt0a01. dt0e01. dt0v01."),
    shape("posthog_key", Alnum, 40, ANY, "phc_ phx_ phs_"),
    shape("rootly_key", Hex, 40, ANY, "rootly_"),
    // Messages and mail.
    shape("slack_token", Number, 16, ANY, "xoxb- xoxp-"),
    shape("slack_token", Number, 10, ANY, "xoxa- xoxr- xoxs- xoxo- xoxe- xoxc- xapp-"),
    shape("slack_token", Wide, 24, ANY, "xoxe. xoxd- xwfp-"),
    shape("twilio_key", Hex, 32, 32, "SK"),
    shape("telnyx_key", Url, 40, ANY, "KEY01"),
    shape("sendgrid_key", Wide, 40, ANY, "SG."),
    shape("mailgun_key", Hex, 32, 32, "key- pubkey-"),
    shape("mailersend_key", Alnum, 50, ANY, "mlsn."),
    shape("mandrill_key", Url, 22, 22, "md-"),
    shape("brevo_key", Url, 40, ANY, "xkeysib- xsmtpsib-"),
    shape("resend_key", Url, 28, ANY, "re_"),
    shape("klaviyo_key", Hex, 34, 34, "pk_"),
    shape("onesignal_key", Alnum, 40, ANY, "os_v2_app_ os_v2_org_"),
    shape("courier_key", Alnum, 28, 28, "pk_prod_ pk_test_"),
    shape("pubnub_key", Wide, 40, ANY, "sec-c-"),
    // People's networks.
    shape("facebook_token", Alnum, 60, ANY, "EAA IGQV IGAA"),
    shape("linkedin_secret", Wide, 16, ANY, "WPL_AP0. WPL_AP1."),
    shape("linkedin_token", Url, 100, ANY, "AQV AQX"),
    shape("twitter_token", Wide, 60, ANY, "AAAAAAAAAAAAAAAAAAAAA"),
    shape("twitch_token", Alnum, 30, 30, "oauth:"),
    shape("vk_token", Url, 60, ANY, "vk1.a."),
    shape("pinterest_token", Alnum, 40, ANY, "pina_"),
    shape("lichess_token", Alnum, 16, ANY, "lip_ lio_"),
    // Machines that write.
    shape("anthropic_key", Url, 20, ANY, "sk-ant-"),
    shape("openai_key", Url, 32, ANY, "sk-"),
    shape("openai_key", Alnum, 40, ANY, "sess-"),
    shape("perplexity_key", Alnum, 40, ANY, "pplx-"),
    shape("groq_key", Alnum, 40, ANY, "gsk_"),
    shape("xai_key", Alnum, 40, ANY, "xai-"),
    shape("replicate_token", Alnum, 30, ANY, "r8_"),
    shape("huggingface_token", Alnum, 30, ANY, "hf_ api_org_"),
    shape("langsmith_key", Url, 32, ANY, "lsv2_pt_ lsv2_sk_ ls__"),
    shape("pinecone_key", Url, 40, ANY, "pcsk_"),
    shape("nvidia_key", Url, 50, ANY, "nvapi-"),
    shape("llm_key", Url, 28, ANY, "tgp_v1_ csk- llx- pa- tvly- wandb_v1_ esecret_"),
    shape("llm_key", Alnum, 24, ANY, "fw_ jina_ rpa_ sk_"),
    shape("llm_key", Hex, 32, ANY, "fc- e2b_ key_"),
    shape("settlemint_token", Alnum, 16, ANY, "sm_aat_ sm_pat_ sm_sat_"),
    // Money and shops.
    shape("stripe_key", Alnum, 10, ANY, "sk_live_ sk_test_ sk_prod_ sk_org_ rk_live_ rk_test_ rk_prod_"),
    shape("stripe_key", Wide, 20, ANY, "whsec_"),
    shape("access_token", Alnum, 30, ANY, "test_"),
    shape("access_token", Url, 30, ANY, "live_"),
    shape("plaid_token", Uuid, 36, 36, "access-production- access-sandbox- access-development-"),
    shape("paypal_token", Url, 60, ANY, "A21AA"),
    shape("braintree_token", Wide, 40, ANY, "access_token$production$ access_token$sandbox$"),
    shape("adyen_key", Wide, 100, ANY, "AQE"),
    shape("square_token", Url, 20, ANY, "sq0atp- sq0csp-"),
    shape("square_token", Url, 50, ANY, "EAAA"),
    shape("shopify_token", Alnum, 32, ANY, "shpat_ shpca_ shppa_ shpss_ shpua_ shptka_"),
    shape("flutterwave_key", Url, 20, ANY, "FLWSECK"),
    shape("easypost_key", Alnum, 54, ANY, "EZAK EZTK"),
    shape("shippo_token", Hex, 30, ANY, "shippo_live_ shippo_test_"),
    shape("duffel_token", Wide, 40, ANY, "duffel_"),
    shape("klarna_key", Wide, 40, ANY, "klarna_live_api_ klarna_test_api_"),
    shape("checkout_key", Alnum, 26, ANY, "sk_sbox_"),
    shape("paddle_key", Url, 40, ANY, "pdl_live_ pdl_sdbx_ pdl_ntfset_"),
    shape("polar_token", Url, 30, ANY, "polar_"),
    shape("woocommerce_key", Hex, 40, 40, "ck_ cs_"),
    shape("onfido_token", Wide, 24, ANY, "api_live. api_sandbox."),
    shape("imagekit_key", Alnum, 26, ANY, "private_"),
    shape("mapbox_token", Wide, 60, ANY, "sk.eyJ tk.eyJ"),
    shape("intra42_secret", Hex, 40, ANY, "s-s4t2ud- s-s4t2af-"),
    shape("adobe_secret", Alnum, 32, 32, "p8e- s8e-"),
    shape("access_token", Hex, 40, ANY, "patch_"),
];
