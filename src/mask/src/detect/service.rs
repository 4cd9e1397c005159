//! Names of services beside something random: `sonar_login = "x"`, `cloudflare: x`. A name with `key`, `token` or `secret`
//! in it needs no service ([`crate::keys`]); these are the names that have none of them.

use crate::looks;

/// Services whose name before a random value means a credential. Those are left out beside whose names digests are common:
/// GitHub, GitLab, Docker, npm.
const SERVICES: &str = "adafruit airtable algolia alibaba amplitude anthropic asana atlassian authress auth0 azure beamer \
    bitbucket bittrex braintree brevo buildkite checkr circleci clickup clojars cloudflare codecov cohere coinbase confluent \
    contentful databricks datadog deepseek digitalocean discord doppler drone droneci dropbox duffel dynatrace easypost \
    elevenlabs etsy facebook fastly figma finicity finnhub flickr flutterwave flyio frameio freshbooks freshdesk gemini gitter \
    gocardless grafana groq harness hashicorp heroku honeycomb hubspot huggingface infracost infura intercom jfrog kraken \
    kucoin langsmith launchdarkly linear linkedin linode lob looker mailchimp mailgun mapbox mattermost maxmind meraki \
    messagebird mistral mixpanel mongodb netlify newrelic notion nytimes okta openai opsgenie pagerduty perplexity pinecone \
    pipedrive plaid planetscale postmark postman privateai pulumi pusher rapidapi readme recaptcha replicate rollbar rubygems \
    scalingo segment sendbird sendgrid sendinblue sentry shippo shodan shopify sidekiq slack snyk sonar sonarqube sourcegraph \
    splunk square squarespace stripe sumologic supabase telegram travis travisci trello twilio twitch twitter typeform vault \
    vercel virustotal vultr wandb weaviate yandex zendesk zoom";

/// Words after a service's name that leave its meaning.
const ENDS: &[&str] = &[
    "token", "secret", "apikey", "key", "login", "api", "auth", "access", "app", "admin", "global", "pwd",
    "prod", "dev", "test", "user",
];

/// Whether `name` is a service's, and `value` looks like what opens one.
pub(super) fn opens(name: &str, value: &str) -> bool {
    // Of two ids in Vault's AppRole and its like, the one that is a secret.
    if looks::is_uuid(value) {
        return name.ends_with("secret_id") || name.ends_with("secretId");
    }
    if !(looks::random(value)
        || (32..=64).contains(&value.len()) && looks::is_digest(value) && is_mixed(value))
    {
        return false;
    }
    let name = name.to_ascii_lowercase();
    let mut name = name.rsplit(' ').next().unwrap_or("");
    for end in ENDS {
        name = name.strip_suffix(end).unwrap_or(name).trim_end_matches(['_', '-', '.']);
    }
    let joined = |service: &str| {
        name.strip_suffix(service)
            .is_some_and(|before| before.is_empty() || before.ends_with(['_', '-', '.']))
    };
    SERVICES.split(' ').any(|service| !service.is_empty() && joined(service))
}

/// A number alone is an id, and few characters again and again are a placeholder.
fn is_mixed(value: &str) -> bool {
    let letters = value.bytes().filter(u8::is_ascii_alphabetic).count();
    let seen = value.bytes().fold(0_u64, |seen, b| seen | 1 << (b & 63));
    letters > 2 && seen.count_ones() >= 8
}
