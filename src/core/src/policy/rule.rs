//! A compiled rule, and whether it matches a call.

use std::{ops::ControlFlow, sync::Arc};

use super::{
    Anonymise, Effect, RuleRef, Terms,
    argument::Argument,
    fit::Fit,
    index::Mask,
    pattern::{Glob, HostPattern, PathPattern, Reading},
};
use crate::{
    action::{Action, Class, Document, Member, Others, Overrides, Protocol},
    call::{Body, Call, Scheme},
    requester::{Human, NoRequester, Requester},
};

/// Asks who asks; the caller remembers the answer.
pub(super) type Asker<'a> = &'a mut dyn FnMut() -> Result<Requester, NoRequester>;

/// A compiled rule.
#[derive(Debug)]
pub(super) struct Rule {
    pub(super) reference: RuleRef,
    pub(super) effect: Effect,
    pub(super) hosts: Vec<HostPattern>,
    pub(super) methods: Vec<String>,
    pub(super) paths: Vec<PathPattern>,
    pub(super) headers: Vec<(String, Glob)>,
    pub(super) action: ActionMatch,
    pub(super) arguments: Vec<Argument>,
    pub(super) requester: RequesterMatch,
    pub(super) scheme: Option<Scheme>,
    pub(super) port: Option<u16>,
    /// What is changed in the traffic.
    pub(super) anonymise: Option<Arc<Anonymise>>,
    /// What a hold demands; `None` for every other effect.
    pub(super) terms: Option<Arc<Terms>>,
}

/// What an action must be; an empty list demands nothing.
#[derive(Debug, Default)]
pub(super) struct ActionMatch {
    pub(super) classes: Vec<Class>,
    pub(super) protocols: Vec<Protocol>,
    pub(super) services: Vec<Glob>,
    pub(super) operations: Vec<Glob>,
    pub(super) resources: Vec<Glob>,
}

/// Who must ask.
#[derive(Debug, Default)]
pub(super) struct RequesterMatch {
    pub(super) subject: Option<Glob>,
    pub(super) actor: Option<Glob>,
    pub(super) human: Option<Glob>,
}

/// What is known of a call when rules are matched against it.
pub(super) struct Sight<'a> {
    pub(super) call: &'a Call,
    pub(super) body: Body<'a>,
    /// The methods it may be read as besides its own.
    pub(super) overrides: &'a Overrides,
    pub(super) seen: Seen<'a>,
}

/// What is known of the action.
#[derive(Clone, Copy)]
pub(super) enum Seen<'a> {
    /// A read by its head, without a body: nothing was decoded.
    PlainRead,
    /// This.
    Member(&'a Member),
    /// It cannot be read.
    Opaque,
    /// The body will tell.
    Unread,
}

/// One condition of a rule, for explanations.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Condition<'a> {
    Host,
    Scheme,
    Port,
    Method,
    Path,
    Header(&'a str),
    Class,
    Protocol,
    Service,
    Operation,
    Resource,
    Argument(&'a str),
    Subject,
    Actor,
    Human,
}

impl Rule {
    pub(super) fn reading(&self) -> Reading {
        match self.effect {
            Effect::Hold | Effect::Deny => Reading::Guarding,
            Effect::Observe | Effect::Allow => Reading::Releasing,
        }
    }

    pub(super) fn may_match_host(&self, host: &str) -> bool {
        self.hosts.is_empty() || self.hosts.iter().any(|pattern| pattern.matches(host))
    }

    /// Whether the rule matches: stops at the first condition that does not fit.
    pub(super) fn fit(&self, sight: &Sight<'_>, reading: Reading, asker: Asker<'_>) -> Fit {
        let mut whole = Fit::Yes;
        let looked = self.conditions(sight, reading, asker, &mut |_, fit| {
            whole = whole.and(fit);
            if whole == Fit::No { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        match looked {
            ControlFlow::Break(()) => Fit::No,
            ControlFlow::Continue(()) => whole,
        }
    }

    /// Looks at each condition, the cheap ones first.
    pub(super) fn conditions<'r>(
        &'r self,
        sight: &Sight<'_>,
        reading: Reading,
        asker: Asker<'_>,
        visit: &mut dyn FnMut(Condition<'r>, Fit) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let call = sight.call;
        if !self.methods.is_empty() {
            visit(Condition::Method, self.fit_method(sight, reading))?;
        }
        if !self.hosts.is_empty() {
            visit(Condition::Host, Fit::of(self.may_match_host(call.host())))?;
        }
        if let Some(scheme) = self.scheme {
            visit(Condition::Scheme, Fit::of(scheme == call.scheme()))?;
        }
        if let Some(port) = self.port {
            visit(Condition::Port, Fit::of(port == call.port()))?;
        }
        if !self.paths.is_empty() {
            let fits = self.paths.iter().any(|path| path.matches(call.path(), reading));
            visit(Condition::Path, Fit::of(fits))?;
        }
        for (name, glob) in &self.headers {
            visit(Condition::Header(name), fit_header(call, name, glob, reading))?;
        }
        self.action.conditions(sight, reading, visit)?;
        for argument in &self.arguments {
            let fit = match (sight.seen, sight.body) {
                (Seen::Unread, _) => Fit::Unread,
                (Seen::PlainRead, _) => argument.fit(&Document::Absent, reading),
                (Seen::Opaque, _) => Fit::Unknown,
                (Seen::Member(member), body) => match (&member.document, body) {
                    (Document::Opaque, Body::Unread) => Fit::Unread,
                    (document, _) => argument.fit(document, reading),
                },
            };
            visit(Condition::Argument(&argument.written), fit)?;
        }
        self.requester.conditions(asker, reading, visit)
    }

    /// For a rule that guards any method the call may be read as, for one that releases each of them.
    fn fit_method(&self, sight: &Sight<'_>, reading: Reading) -> Fit {
        let wanted = |method: &str| self.methods.iter().any(|own| own == method);
        let fits_own = wanted(sight.call.method());
        let fit = match reading {
            Reading::Guarding => fits_own || sight.overrides.methods.iter().any(|method| wanted(method)),
            Reading::Releasing => fits_own && sight.overrides.methods.iter().all(|method| wanted(method)),
        };
        // Another method could still make a guard match, or a release not.
        let open = match reading {
            Reading::Guarding => !fit,
            Reading::Releasing => fit,
        };
        match sight.overrides.others {
            Others::Unread if open => Fit::Unread,
            Others::Unknown if open => Fit::Unknown,
            Others::None | Others::Unread | Others::Unknown => Fit::of(fit),
        }
    }
}

fn fit_header(call: &Call, name: &str, glob: &Glob, reading: Reading) -> Fit {
    let fits = call.headers().get_all(name).map(|value| match std::str::from_utf8(value) {
        Ok(text) => Fit::of(glob.matches(text.trim(), reading)),
        Err(_) => Fit::Unknown,
    });
    let mut fits = fits.peekable();
    match (fits.peek().is_some(), reading) {
        (false, _) => Fit::No,
        (true, Reading::Guarding) => fits.fold(Fit::No, Fit::or),
        (true, Reading::Releasing) => fits.fold(Fit::Yes, Fit::and),
    }
}

impl ActionMatch {
    fn conditions<'r>(
        &'r self,
        sight: &Sight<'_>,
        reading: Reading,
        visit: &mut dyn FnMut(Condition<'r>, Fit) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let Self { classes, protocols, services, operations, resources } = self;
        let call = sight.call;
        if !classes.is_empty() {
            let fits = |class| Fit::of(classes.contains(&class));
            visit(Condition::Class, sight.fit(|| fits(Class::ReadOnly), |action| fits(action.class)))?;
        }
        if !protocols.is_empty() {
            let fits = |protocol| Fit::of(protocols.contains(&protocol));
            visit(Condition::Protocol, sight.fit(|| fits(Protocol::Http), |action| fits(action.protocol)))?;
        }
        let any = |globs: &[Glob], text: &str| Fit::of(globs.iter().any(|glob| glob.matches(text, reading)));
        if !services.is_empty() {
            let fit = sight.fit(|| any(services, call.host()), |action| any(services, &action.service));
            visit(Condition::Service, fit)?;
        }
        if !operations.is_empty() {
            let fit =
                sight.fit(|| any(operations, call.method()), |action| any(operations, &action.operation));
            visit(Condition::Operation, fit)?;
        }
        if !resources.is_empty() {
            let fit = sight.fit(|| any(resources, &call.url()), |action| any(resources, &action.resource.id));
            visit(Condition::Resource, fit)?;
        }
        ControlFlow::Continue(())
    }
}

impl Sight<'_> {
    /// By what rules can be passed over: the methods and the class that the call may have.
    pub(super) fn mask(&self) -> Mask {
        let class = match self.seen {
            Seen::PlainRead => Some(Class::ReadOnly),
            Seen::Member(member) => Some(member.action.class),
            Seen::Opaque | Seen::Unread => None,
        };
        let methods =
            std::iter::once(self.call.method()).chain(self.overrides.methods.iter().map(String::as_str));
        let mask = Mask::of_call(methods, class);
        match self.overrides.others {
            Others::Unread | Others::Unknown => mask.of_any_method(),
            Others::None => mask,
        }
    }

    fn fit(&self, plain: impl Fn() -> Fit, decoded: impl Fn(&Action) -> Fit) -> Fit {
        match self.seen {
            Seen::PlainRead => plain(),
            Seen::Member(member) => decoded(&member.action),
            Seen::Opaque => Fit::Unknown,
            Seen::Unread => Fit::Unread,
        }
    }
}

impl RequesterMatch {
    fn conditions<'r>(
        &'r self,
        asker: Asker<'_>,
        reading: Reading,
        visit: &mut dyn FnMut(Condition<'r>, Fit) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let Self { subject, actor, human } = self;
        if subject.is_none() && actor.is_none() && human.is_none() {
            return ControlFlow::Continue(());
        }
        let requester = asker().ok();
        let fit = |known: &dyn Fn(&Requester) -> Fit| requester.as_ref().map_or(Fit::Unknown, known);
        if let Some(glob) = subject {
            visit(Condition::Subject, fit(&|who| Fit::of(glob.matches(&who.subject.id, reading))))?;
        }
        if let Some(glob) = actor {
            visit(Condition::Actor, fit(&|who| Fit::of(glob.matches(&who.actor.id, reading))))?;
        }
        if let Some(glob) = human {
            let human = |who: &Requester| match who.known_human {
                // The nearest hop is the human; those behind it are whom the token names besides.
                Human::Known => {
                    Fit::of(who.actor.act.as_ref().is_some_and(|act| glob.matches(&act.sub, reading)))
                }
                Human::Unknown => Fit::Unknown,
            };
            visit(Condition::Human, fit(&human))?;
        }
        ControlFlow::Continue(())
    }
}
