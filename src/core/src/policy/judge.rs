//! Judging a call: which rules match, and what they come to together.

use std::sync::Arc;

use super::{
    Anonymise, DefaultEffect, Denied, Effect, Held, Judgement, Need, Passed, Policy, Recording, RuleRef,
    Terms, Tunnels, anonymise,
    fit::Fit,
    judgement::reason,
    members,
    pattern::Reading,
    rule::{Asker, Rule, Seen, Sight},
    scoped::one_by_one,
    terms,
};
use countersign_wire::people::Separation;

use crate::{
    action::{self, Action, Class, Decoded, Member, Overrides, Tunnel},
    call::{Ambiguity, Body, Call},
    requester::Human,
};

/// What the rules say of one action.
#[derive(Debug, Default)]
pub(super) struct Tally {
    /// Rules that match, by effect from the strictest; only those of the strictest are kept.
    effect: Option<Effect>,
    rules: Vec<usize>,
    /// The strictest effect of a rule that the body may still make match.
    unread: Option<Effect>,
    /// Rules that have something changed in the traffic, whatever their effect.
    anonymise: Vec<usize>,
    /// Whether the body may still make one of those match.
    unclear: bool,
}

/// What one action comes to.
struct Verdict {
    effect: Effect,
    /// The rules that say so; none where the default does.
    rules: Vec<usize>,
    /// The rules that have something changed in the traffic.
    anonymise: Vec<usize>,
    /// Whether the body can still change it.
    settled: Settled,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Settled {
    Yes,
    No,
}

impl Policy {
    pub(super) fn decide(&self, call: &Call, body: Body<'_>, asker: Asker<'_>) -> Judgement {
        if let Some(ambiguity) = call.ambiguity()
            && (self.may_guard(call, ambiguity) || !self.decoders.is_plain_read(call, body))
        {
            return deny(None, None, reason::AMBIGUOUS, ambiguity.to_string());
        }
        if self.decoders.is_plain_read(call, body) {
            let tally = self.tally(&sight(call, body, &Overrides::NONE, Seen::PlainRead), asker);
            if let Some(passed) = self.pass_plainly(&tally) {
                return Judgement::Pass(passed);
            }
        }
        if let Some(tunnel) = action::tunnel(call) {
            return self.judge_tunnel(call, tunnel, asker);
        }
        let overrides = Overrides::of(call, body);
        match self.decoders.decode(call, body) {
            Decoded::Contradiction(contradiction) => {
                deny(None, None, contradiction.code(), contradiction.to_string())
            }
            Decoded::NeedsBody => self.judge_unread(&sight(call, body, &overrides, Seen::Unread), asker),
            Decoded::Undecodable(opaque) => {
                let tally = self.tally(&sight(call, body, &overrides, Seen::Opaque), asker);
                let verdict = tally.verdict(self.default_write());
                one_by_one(self.conclude(vec![(&opaque.action, verdict)], asker))
            }
            Decoded::Known(members) => {
                let verdict = |member| self.verdict(member, call, body, &overrides, asker);
                let verdicts: Vec<_> = members.iter().map(verdict).collect();
                let effects: Vec<Effect> = verdicts.iter().map(|(_, verdict)| verdict.effect).collect();
                match self.conclude(verdicts, asker) {
                    Judgement::Hold(held) => {
                        let listed = members::listed(&members, &effects);
                        let batch = !listed.is_empty() || members.len() > 1;
                        let judgement = Judgement::Hold(Held { members: listed, ..held });
                        if batch { one_by_one(judgement) } else { judgement }
                    }
                    other @ (Judgement::Pass(_) | Judgement::Deny(_) | Judgement::NeedsBody) => other,
                }
            }
        }
    }

    /// Enters every rule that matches what is seen.
    pub(super) fn tally(&self, sight: &Sight<'_>, asker: Asker<'_>) -> Tally {
        let mut tally = Tally::default();
        self.index.each(sight.call.host(), sight.call.path(), sight.mask(), |number| {
            if let Some(rule) = self.rules.get(number) {
                let fit = rule.fit(sight, rule.reading(), asker);
                tally.enter(number, rule, fit);
                if rule.anonymise.is_some() {
                    let fit = match rule.reading() {
                        Reading::Guarding => fit,
                        Reading::Releasing => rule.fit(sight, Reading::Guarding, asker),
                    };
                    tally.change(number, fit);
                }
            }
        });
        tally
    }

    /// The fast path: nothing matches, or only what releases.
    fn pass_plainly(&self, tally: &Tally) -> Option<Passed> {
        let (record, anonymise) = (self.allowed, None);
        // What is changed is recorded, and what is recorded is decoded.
        if tally.unclear || !tally.anonymise.is_empty() {
            return None;
        }
        match (tally.effect, self.read, record) {
            (None, DefaultEffect::Pass, Recording::Counted) => {
                Some(Passed { action: None, rule: None, record, anonymise })
            }
            (Some(Effect::Allow), _, Recording::Counted) => {
                Some(Passed { action: None, rule: self.first_of(&tally.rules), record, anonymise })
            }
            _ => None,
        }
    }

    fn verdict<'m>(
        &self,
        member: &'m Member,
        call: &Call,
        body: Body<'_>,
        overrides: &Overrides,
        asker: Asker<'_>,
    ) -> (&'m Action, Verdict) {
        let tally = self.tally(&sight(call, body, overrides, Seen::Member(member)), asker);
        let reads = member.action.class == Class::ReadOnly;
        let default = if reads { effect_of(self.read) } else { self.default_write() };
        (&member.action, tally.verdict(default))
    }

    fn default_write(&self) -> Effect {
        effect_of(self.write)
    }

    /// Before the body is read: what can no longer change.
    fn judge_unread(&self, sight: &Sight<'_>, asker: Asker<'_>) -> Judgement {
        let tally = self.tally(sight, asker);
        match (tally.effect, tally.unread) {
            (Some(Effect::Deny), _) => self.deny_by(None, &tally.rules),
            (Some(Effect::Allow), None) if !tally.unclear && tally.anonymise.is_empty() => {
                let rule = self.first_of(&tally.rules);
                Judgement::Pass(Passed {
                    action: None,
                    rule,
                    record: Recording::Counted.max_with(self.allowed),
                    anonymise: None,
                })
            }
            // A hold needs the body anyway: its digest is what is approved. The default depends on the class.
            (Some(Effect::Allow | Effect::Observe | Effect::Hold) | None, _) => Judgement::NeedsBody,
        }
    }

    /// What flows through a tunnel is opaque: a rule that guards any part of the host guards the tunnel to it.
    fn judge_tunnel(&self, call: &Call, tunnel: Tunnel, asker: Asker<'_>) -> Judgement {
        let Decoded::Known(members) = self.decoders.decode(call, Body::Absent) else {
            return deny(None, None, reason::TUNNEL, tunnel_sentence(tunnel));
        };
        let Some(member) = members.first() else {
            return deny(None, None, reason::TUNNEL, tunnel_sentence(tunnel));
        };
        let tally = self.tally(&sight(call, Body::Absent, &Overrides::NONE, Seen::Member(member)), asker);
        let guards = self
            .rules_of_host(call)
            .any(|rule| matches!(rule.effect, Effect::Hold | Effect::Deny) || rule.anonymise.is_some());
        let action = &member.action;
        if !tally.anonymise.is_empty() && tally.effect != Some(Effect::Deny) {
            let rule = self.first_of(&tally.anonymise);
            return deny(Some(action), rule, reason::TUNNEL, tunnel_sentence(tunnel));
        }
        match (tally.effect, guards) {
            (Some(Effect::Deny), _) => self.deny_by(Some(action), &tally.rules),
            (Some(Effect::Hold), _) => match self.terms_of(&tally.rules, Defaults::Apart) {
                Some(terms) if terms.connect == Tunnels::Hold => {
                    one_by_one(self.hold(action, terms, None, asker))
                }
                Some(_) | None => {
                    deny(Some(action), self.first_of(&tally.rules), reason::TUNNEL, tunnel_sentence(tunnel))
                }
            },
            (Some(Effect::Allow | Effect::Observe), false) => {
                let effect = tally.effect.unwrap_or(Effect::Observe);
                let (rules, anonymise) = (tally.rules, Vec::new());
                self.conclude(
                    vec![(action, Verdict { effect, rules, anonymise, settled: Settled::Yes })],
                    asker,
                )
            }
            (Some(Effect::Allow | Effect::Observe) | None, _) => {
                deny(Some(action), None, reason::TUNNEL, tunnel_sentence(tunnel))
            }
        }
    }

    /// What all actions of a call come to: the strictest decides.
    fn conclude(&self, verdicts: Vec<(&Action, Verdict)>, asker: Asker<'_>) -> Judgement {
        let strictest = verdicts.iter().map(|(_, verdict)| verdict.effect).max();
        let settled = verdicts.iter().all(|(_, verdict)| verdict.settled == Settled::Yes);
        let (Some(effect), true) = (strictest, settled || strictest == Some(Effect::Deny)) else {
            return Judgement::NeedsBody;
        };
        let anonymise = match self.anonymise_of(verdicts.iter().flat_map(|(_, verdict)| &verdict.anonymise)) {
            Ok(anonymise) => anonymise,
            Err(rule) => {
                let detail =
                    "its rules name more fields to anonymise than can be looked for at once".to_owned();
                return deny(None, rule, reason::NOT_ANONYMISED, detail);
            }
        };
        let deciding = verdicts.into_iter().filter(|(_, verdict)| verdict.effect == effect);
        let mut rules = Vec::new();
        let mut default = Defaults::Apart;
        let mut actions = Vec::new();
        for (action, verdict) in deciding {
            if verdict.rules.is_empty() {
                default = Defaults::Counts;
            }
            rules.extend(verdict.rules);
            actions.push(action);
        }
        let Some(action) = actions.into_iter().max_by_key(|action| action.class) else {
            return Judgement::NeedsBody;
        };
        match effect {
            Effect::Deny => self.deny_by(Some(action), &rules),
            Effect::Hold => match self.terms_of(&rules, default) {
                Some(terms) => self.hold(action, terms, anonymise, asker),
                None => self.deny_by(Some(action), &rules),
            },
            Effect::Observe => self.pass(action, &rules, Recording::Recorded, anonymise),
            Effect::Allow => self.pass(action, &rules, self.allowed, anonymise),
        }
    }

    fn pass(
        &self,
        action: &Action,
        rules: &[usize],
        record: Recording,
        anonymise: Option<Arc<Anonymise>>,
    ) -> Judgement {
        let record = if anonymise.is_some() { Recording::Recorded } else { record };
        Judgement::Pass(Passed {
            action: Some(action.clone()),
            rule: self.first_of(rules),
            record,
            anonymise,
        })
    }

    /// What these rules have changed in the traffic. Where that is too much for one look, the first of the rules.
    fn anonymise_of<'n>(
        &self,
        rules: impl Iterator<Item = &'n usize>,
    ) -> Result<Option<Arc<Anonymise>>, Option<RuleRef>> {
        let mut all: Vec<Arc<Anonymise>> = Vec::new();
        let mut numbers = Vec::new();
        for number in rules {
            let Some(one) = self.rules.get(*number).and_then(|rule| rule.anonymise.clone()) else { continue };
            if let Err(place) = all.binary_search_by(|known| known.rule.cmp(&one.rule)) {
                all.insert(place, one);
                numbers.push(*number);
            }
        }
        match (all.is_empty(), anonymise::together(&all)) {
            (true, _) => Ok(None),
            (false, None) => Err(self.first_of(&numbers)),
            (false, together) => Ok(together),
        }
    }

    fn deny_by(&self, action: Option<&Action>, rules: &[usize]) -> Judgement {
        match self.first_of(rules) {
            Some(rule) => {
                let detail = format!("the policy denies this by rule `{}`", rule.name);
                deny(action, Some(rule), reason::RULE, detail)
            }
            None => deny(action, None, reason::DEFAULT, "the policy denies what no rule allows".to_owned()),
        }
    }

    /// The demands of these rules together, and of the defaults where they count.
    fn terms_of(&self, rules: &[usize], default: Defaults) -> Option<Arc<Terms>> {
        let defaults = self.default_terms.clone().filter(|_| default == Defaults::Counts);
        let mut all: Vec<Arc<Terms>> = Vec::new();
        for terms in rules.iter().filter_map(|number| self.rules.get(*number)?.terms.clone()).chain(defaults)
        {
            if let Err(place) = all.binary_search_by(|known| known.rule.cmp(&terms.rule)) {
                all.insert(place, terms);
            }
        }
        terms::together(&all)
    }

    /// The rule to name: the first by name, whatever the order in the document.
    fn first_of(&self, rules: &[usize]) -> Option<RuleRef> {
        let named = rules.iter().filter_map(|number| self.rules.get(*number)).map(|rule| &rule.reference);
        named.min_by(|a, b| a.name.cmp(&b.name)).cloned()
    }

    fn rules_of_host(&self, call: &Call) -> impl Iterator<Item = &Rule> {
        let mut numbers = Vec::new();
        self.index.each_of_host(call.host(), |number| numbers.push(number));
        let host = call.host().to_owned();
        numbers
            .into_iter()
            .filter_map(|number| self.rules.get(number))
            .filter(move |rule| rule.may_match_host(&host))
    }

    /// Whether a rule other than one that allows may be meant by an ambiguous call.
    fn may_guard(&self, call: &Call, ambiguity: Ambiguity) -> bool {
        let guards = |rule: &Rule| rule.effect != Effect::Allow || rule.anonymise.is_some();
        match ambiguity {
            Ambiguity::TwoAuthorities | Ambiguity::UserInfo | Ambiguity::Host | Ambiguity::Port => {
                self.rules.iter().any(guards)
            }
            Ambiguity::MethodCase
            | Ambiguity::NotAPath
            | Ambiguity::DotSegment
            | Ambiguity::EscapedSlash
            | Ambiguity::Backslash
            | Ambiguity::EmptySegment
            | Ambiguity::EscapedPercent
            | Ambiguity::PathParameter
            | Ambiguity::BrokenEscape
            | Ambiguity::EscapedControl
            | Ambiguity::EscapedBytes
            | Ambiguity::Fragment => self.rules_of_host(call).any(guards),
        }
    }
}

/// Whether the defaults' demands count among those of rules.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Defaults {
    Counts,
    Apart,
}

impl Tally {
    fn enter(&mut self, number: usize, rule: &Rule, fit: Fit) {
        let guards = matches!(rule.effect, Effect::Hold | Effect::Deny);
        match fit {
            Fit::No => {}
            Fit::Unread => self.unread = self.unread.max(Some(rule.effect)),
            // What cannot be known counts for a rule that guards, and not for one that releases.
            Fit::Unknown if !guards => {}
            Fit::Yes | Fit::Unknown => match self.effect.cmp(&Some(rule.effect)) {
                std::cmp::Ordering::Less => {
                    self.effect = Some(rule.effect);
                    self.rules.clear();
                    self.rules.push(number);
                }
                std::cmp::Ordering::Equal if !self.rules.contains(&number) => self.rules.push(number),
                std::cmp::Ordering::Equal | std::cmp::Ordering::Greater => {}
            },
        }
    }

    /// Notes a rule that has something changed. What cannot be known counts.
    fn change(&mut self, number: usize, fit: Fit) {
        match fit {
            Fit::No => {}
            Fit::Unread => self.unclear = true,
            Fit::Yes | Fit::Unknown => self.anonymise.push(number),
        }
    }

    fn verdict(self, default: Effect) -> Verdict {
        let open = match (self.effect, self.unread) {
            (_, None) => false,
            (None, Some(_)) => true,
            // Another hold adds its demands.
            (Some(effect), Some(unread)) => unread > effect || (unread == effect && effect == Effect::Hold),
        };
        let settled = if open || self.unclear { Settled::No } else { Settled::Yes };
        let effect = self.effect.unwrap_or(default);
        Verdict { effect, rules: self.rules, anonymise: self.anonymise, settled }
    }
}

impl Recording {
    /// The one of two that keeps more.
    fn max_with(self, other: Self) -> Self {
        match (self, other) {
            (Self::Counted, Self::Counted) => Self::Counted,
            (Self::Recorded, _) | (_, Self::Recorded) => Self::Recorded,
        }
    }
}

impl Policy {
    /// A hold needs somebody who asks; where no human is known behind them, more reviewers or none at all.
    fn hold(
        &self,
        action: &Action,
        terms: Arc<Terms>,
        anonymise: Option<Arc<Anonymise>>,
        asker: Asker<'_>,
    ) -> Judgement {
        let requester = match asker() {
            Ok(requester) => requester,
            Err(nobody) => return deny(Some(action), None, reason::NO_REQUESTER, nobody.to_string()),
        };
        if terms.quorum.separation.contains(&Separation::PolicyAuthor) && self.authors.is_empty() {
            let detail = "the rule keeps the authors of the policy from reviewing, and the policy names none: bundle it \
                          from its repository, or write `authors`";
            return deny(Some(action), None, reason::NO_AUTHOR, detail.to_owned());
        }
        let held =
            |terms| Judgement::Hold(Held { action: action.clone(), terms, anonymise, members: Vec::new() });
        match (requester.known_human, terms.known_principal) {
            (Human::Known, _) => held(terms),
            (Human::Unknown, Need::Optional) => held(terms::without_principal(terms)),
            (Human::Unknown, Need::Required) => {
                let detail = "the rule demands that the human behind the agent is known".to_owned();
                deny(Some(action), None, reason::NO_PRINCIPAL, detail)
            }
        }
    }
}

pub(super) fn sight<'a>(
    call: &'a Call,
    body: Body<'a>,
    overrides: &'a Overrides,
    seen: Seen<'a>,
) -> Sight<'a> {
    Sight { call, body, overrides, seen }
}

fn effect_of(default: DefaultEffect) -> Effect {
    match default {
        DefaultEffect::Pass => Effect::Allow,
        DefaultEffect::Hold => Effect::Hold,
        DefaultEffect::Deny => Effect::Deny,
    }
}

fn deny(action: Option<&Action>, rule: Option<RuleRef>, reason: &'static str, detail: String) -> Judgement {
    Judgement::Deny(Denied { action: action.cloned(), rule, reason, detail })
}

fn tunnel_sentence(tunnel: Tunnel) -> String {
    match tunnel {
        Tunnel::Connect => "a tunnel to a guarded host is refused: its traffic could not be seen".to_owned(),
        Tunnel::Upgrade => {
            "an upgrade on a guarded host is refused: its traffic could not be seen".to_owned()
        }
    }
}
