//! What a list is narrowed down to. All of it stands in the address, so that a link, a reload and the way back keep it; the
//! form that changes it is plain HTML.

use serde::Deserialize;

use super::link::query;
use crate::{
    approver::{
        sentence::class_words,
        text::inert_short,
        view::{Found, Request},
    },
    service::{Cursor, Person, Status, Tallies, Tally, Wanted},
};

/// Most characters of anything in it.
const LONGEST: usize = 512;
/// Most names to choose from.
const CHOICES: usize = 40;

/// A filter as it stands in the address; what is empty or unknown narrows nothing.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Filter {
    #[serde(default)]
    pub(super) q: String,
    #[serde(default)]
    pub(super) class: String,
    #[serde(default)]
    pub(super) agent: String,
    /// `policy/rule`.
    #[serde(default)]
    pub(super) rule: String,
    /// The destination.
    #[serde(default)]
    pub(super) to: String,
    /// Asked within this time.
    #[serde(default)]
    pub(super) age: String,
    /// What became of it.
    #[serde(default)]
    pub(super) state: String,
    /// `me`: only what the reader had a hand in.
    #[serde(default)]
    pub(super) by: String,
    /// Where the page begins.
    #[serde(default)]
    pub(super) after: String,
    /// Only this group of requests that are alike, as older links name it.
    #[serde(default)]
    pub(super) group: String,
}

/// One choice of a filter.
pub(super) struct Choice {
    pub(super) value: String,
    pub(super) text: String,
    pub(super) selected: bool,
}

/// One filter to choose.
pub(super) struct Select {
    pub(super) name: &'static str,
    pub(super) label: &'static str,
    pub(super) any: &'static str,
    pub(super) set: bool,
    pub(super) choices: Vec<Choice>,
}

/// Ages to choose: the word in the address, the words on the page, milliseconds.
const AGES: [(&str, &str, i64); 5] = [
    ("15m", "Last 15 minutes", 15 * 60_000),
    ("1h", "Last hour", 3_600_000),
    ("1d", "Last day", 86_400_000),
    ("7d", "Last 7 days", 7 * 86_400_000),
    ("30d", "Last 30 days", 30 * 86_400_000),
];

/// What can have become of a request.
const STATES: [(&str, &str, Status); 4] = [
    ("approved", "Approved", Status::Approved),
    ("denied", "Denied", Status::Denied),
    ("expired", "Expired", Status::Expired),
    ("cancelled", "Withdrawn", Status::Cancelled),
];

impl Filter {
    /// Cuts what is too long to be meant.
    pub(super) fn read(mut self) -> Self {
        for text in [
            &mut self.q,
            &mut self.class,
            &mut self.agent,
            &mut self.rule,
            &mut self.to,
            &mut self.after,
            &mut self.group,
        ] {
            if text.chars().count() > LONGEST {
                text.clear();
            }
        }
        self.q = inert_short(self.q.trim(), 100).to_string();
        self
    }

    /// Whether it narrows anything.
    pub(super) fn narrows(&self) -> bool {
        [&self.q, &self.class, &self.agent, &self.rule, &self.to, &self.age, &self.state, &self.by]
            .iter()
            .any(|text| !text.is_empty())
    }

    /// Its address, beginning at another place.
    pub(super) fn address(&self, path: &str, after: &str) -> String {
        let pairs = [
            ("q", self.q.as_str()),
            ("class", &self.class),
            ("agent", &self.agent),
            ("rule", &self.rule),
            ("to", &self.to),
            ("age", &self.age),
            ("state", &self.state),
            ("by", &self.by),
            ("after", after),
        ];
        query(path, &pairs)
    }

    fn rule(&self) -> Option<(String, String)> {
        self.rule.rsplit_once('/').map(|(policy, rule)| (policy.to_owned(), rule.to_owned()))
    }

    fn since(&self, now: i64) -> Option<i64> {
        AGES.iter().find(|(word, _, _)| *word == self.age).map(|(_, _, ms)| now - ms)
    }

    /// Whether a request that waits is among what is sought.
    pub(super) fn lets(&self, request: &Request, now: i64) -> bool {
        let is = |wanted: &str, found: &str| wanted.is_empty() || wanted == found;
        is(&self.class, request.action.class.as_str())
            && is(&self.agent, request.who.agent.as_str())
            && is(&self.rule, &rule_of(request))
            && is(&self.to, request.destination.authority.as_str())
            && self.since(now).is_none_or(|since| request.created_at_ms > since)
            && (self.q.is_empty() || request.matches(&self.q) == Found::Yes)
    }

    /// The same as a question to the history.
    pub(super) fn wanted(&self, status: Vec<Status>, me: &Person, now: i64, limit: u32) -> Wanted {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let chosen = STATES.iter().find(|(word, _, _)| *word == self.state).map(|(_, _, status)| *status);
        Wanted {
            status: chosen.map_or(status, |one| vec![one]),
            agent: some(&self.agent),
            class: some(&self.class),
            rule: self.rule(),
            authority: some(&self.to),
            words: self.q.split_whitespace().take(8).map(str::to_owned).collect(),
            since_ms: self.since(now),
            by: (self.by == "me").then(|| me.clone()),
            after: place(&self.after),
            limit,
        }
    }

    /// What can be chosen among requests that wait.
    pub(super) fn of_waiting(&self, requests: &[Request]) -> Vec<Select> {
        let names = |name: &dyn Fn(&Request) -> String| {
            let mut names: Vec<String> = requests.iter().map(name).collect();
            names.sort_unstable();
            names.dedup();
            names
        };
        vec![
            self.classes(names(&|r| r.action.class.to_string())),
            self.agents(names(&|r| r.who.agent.to_string())),
            self.rules(names(&rule_of)),
            self.places(names(&|r| r.destination.authority.to_string())),
            self.ages(),
        ]
    }

    /// What can be chosen in the history.
    pub(super) fn of_history(&self, tallies: &Tallies, whose: Whose) -> Vec<Select> {
        let mut rules: Vec<((String, String), &Tally)> =
            tallies.rules.iter().map(|(rule, tally)| (rule.clone(), tally)).collect();
        rules.sort_by_key(|(_, tally)| std::cmp::Reverse(tally.total));
        let rules = rules.into_iter().map(|((policy, rule), _)| format!("{policy}/{rule}")).collect();
        let states = STATES.iter().map(|(word, text, _)| Choice::of(word, text, &self.state)).collect();
        let mut selects = vec![
            Select::of("state", "Outcome", "Any outcome", states),
            self.classes(by_number(&tallies.classes)),
            self.agents(by_number(&tallies.agents)),
            self.rules(rules),
            self.places(by_number(&tallies.authorities)),
            self.ages(),
        ];
        match whose {
            Whose::Anybody => {
                let me = vec![Choice::of("me", "Decided by me", &self.by)];
                selects.push(Select::of("by", "By", "By anyone", me));
            }
            Whose::Mine => {}
        }
        selects
    }

    fn classes(&self, names: Vec<String>) -> Select {
        let words = |name: &str| class_words(name).to_string();
        Select::named("class", "Class", "Any class", names, &self.class, &words)
    }

    fn agents(&self, names: Vec<String>) -> Select {
        Select::named("agent", "Agent", "Any agent", names, &self.agent, &short)
    }

    fn rules(&self, names: Vec<String>) -> Select {
        Select::named("rule", "Rule", "Any rule", names, &self.rule, &short)
    }

    fn places(&self, names: Vec<String>) -> Select {
        Select::named("to", "Destination", "Any destination", names, &self.to, &short)
    }

    fn ages(&self) -> Select {
        let choices = AGES.iter().map(|(word, text, _)| Choice::of(word, text, &self.age)).collect();
        Select::of("age", "Asked", "Any time", choices)
    }
}

/// Whose history it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Whose {
    Anybody,
    Mine,
}

impl Choice {
    fn of(value: &str, text: &str, chosen: &str) -> Self {
        Self { value: value.to_owned(), text: text.to_owned(), selected: value == chosen }
    }
}

impl Select {
    fn of(name: &'static str, label: &'static str, any: &'static str, choices: Vec<Choice>) -> Self {
        Self { name, label, any, set: choices.iter().any(|choice| choice.selected), choices }
    }

    /// What is chosen stays to be seen, also where nothing of it is there any more.
    fn named(
        name: &'static str,
        label: &'static str,
        any: &'static str,
        mut names: Vec<String>,
        chosen: &str,
        words: &dyn Fn(&str) -> String,
    ) -> Self {
        names.truncate(CHOICES);
        if !chosen.is_empty() && !names.iter().any(|name| name == chosen) {
            names.push(chosen.to_owned());
        }
        let choices = names.iter().map(|name| Choice::of(name, &words(name), chosen)).collect();
        Self::of(name, label, any, choices)
    }
}

fn short(name: &str) -> String {
    inert_short(name, 48).to_string()
}

fn by_number(tallies: &std::collections::BTreeMap<String, Tally>) -> Vec<String> {
    let mut names: Vec<(&String, usize)> = tallies.iter().map(|(name, tally)| (name, tally.total)).collect();
    names.sort_by_key(|(_, total)| std::cmp::Reverse(*total));
    names.into_iter().map(|(name, _)| name.clone()).collect()
}

/// `policy/rule` of a request.
pub(super) fn rule_of(request: &Request) -> String {
    format!("{}/{}", request.policy.id, request.policy.rule)
}

/// A place in the history as addresses name it: `1795241040000.arq_…`.
pub(super) fn after(cursor: &Cursor) -> String {
    format!("{}.{}", cursor.at_ms, cursor.id)
}

fn place(text: &str) -> Option<Cursor> {
    let (at, id) = text.split_once('.')?;
    let at_ms = at.parse().ok()?;
    countersign_wire::names::is_task_id(id).then(|| Cursor { at_ms, id: id.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::{Filter, after, place};
    use crate::service::Cursor;

    #[test]
    fn a_place_in_the_history_survives_its_address() {
        let cursor = Cursor { at_ms: 1_795_241_040_000, id: "arq_01KAJ5S0".to_owned() };
        assert_eq!(place(&after(&cursor)), Some(cursor));
        for bad in ["", "1795241040000", "x.arq_1", "1.", "1.<script>"] {
            assert_eq!(place(bad), None, "{bad}");
        }
    }

    #[test]
    fn an_address_keeps_what_is_set_and_nothing_else() {
        let filter = Filter { q: "a&b".into(), rule: "p/r".into(), ..Filter::default() };
        assert_eq!(filter.address("/inbox", ""), "/inbox?q=a%26b&rule=p%2Fr");
        assert_eq!(Filter::default().address("/inbox", ""), "/inbox");
    }
}
