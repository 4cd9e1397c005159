#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::*;

fn yes(sub: &str, group: &str) -> Approver {
    let (iss, group) = ("https://idp.example.com".into(), group.into());
    Approver { iss, sub: sub.into(), email: None, group, channel: None, at: 0 }
}

fn groups(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn nobody() -> Requesters {
    Requesters::default()
}

#[test]
fn one_human_in_two_groups_is_one_human() {
    let twice = [yes("bob", "a"), yes("bob", "b")];
    assert_eq!(
        quorum(&twice, 2, &groups(&["a", "b"]), &nobody()),
        Err(QuorumFault::TooFew { found: 1, required: 2 })
    );
    assert_eq!(quorum(&twice, 1, &groups(&["a", "b"]), &nobody()), Err(QuorumFault::Groups));
}

#[test]
fn two_accounts_with_one_mailbox_are_one_human() {
    let mut pair = [yes("bob", "a"), yes("b0b", "a")];
    pair[0].email = Some("Bob+work@Example.com".into());
    pair[1].email = Some("bob@example.com".into());
    assert!(quorum(&pair, 2, &groups(&["a"]), &nobody()).is_err());
    pair[1].email = Some("carol@example.com".into());
    assert_eq!(quorum(&pair, 2, &groups(&["a"]), &nobody()), Ok(()));
}

#[test]
fn an_assignment_is_found_where_there_is_one() {
    // bob can do a or b, carol only a, dave b or c: a=carol, b=bob, c=dave.
    let votes = [yes("bob", "a"), yes("bob", "b"), yes("carol", "a"), yes("dave", "b"), yes("dave", "c")];
    assert_eq!(quorum(&votes, 3, &groups(&["a", "b", "c"]), &nobody()), Ok(()));
    assert_eq!(quorum(&votes[..4], 3, &groups(&["a", "b", "c"]), &nobody()), Err(QuorumFault::Groups));
}

#[test]
fn a_vote_for_another_group_counts_for_nothing() {
    assert!(quorum(&[yes("bob", "friends")], 1, &groups(&["security"]), &nobody()).is_err());
    assert!(quorum(&[], 0, &groups(&[]), &nobody()).is_err());
}

fn seats(people: u8, of: &[&str]) -> Seats {
    Seats { people, of: groups(of) }
}

fn met(ways: &[Way], required: u8, approvers: &[Approver]) -> Result<(), QuorumFault> {
    let groups = groups(&["a", "b", "c"]);
    Wanted { required, groups: &groups, ways }.met_by(approvers, &nobody(), &nobody())
}

#[test]
fn either_group_is_enough_where_the_rule_says_or() {
    let either = [vec![seats(1, &["a", "b"])]];
    assert_eq!(met(&either, 1, &[yes("bob", "a")]), Ok(()));
    assert_eq!(met(&either, 1, &[yes("bob", "b")]), Ok(()));
    assert_eq!(met(&either, 1, &[yes("bob", "c")]), Err(QuorumFault::Groups));
    let or_two = [vec![seats(1, &["a"])], vec![seats(2, &["b"])]];
    assert_eq!(met(&or_two, 1, &[yes("bob", "a")]), Ok(()));
    assert_eq!(met(&or_two, 1, &[yes("bob", "b")]), Err(QuorumFault::Groups));
    assert_eq!(met(&or_two, 1, &[yes("bob", "b"), yes("carol", "b")]), Ok(()));
}

#[test]
fn m_of_a_group_are_m_people_and_one_short_is_short() {
    let two = [vec![seats(2, &["a"]), seats(1, &["b"])]];
    let (bob, carol, dave) = (yes("bob", "a"), yes("carol", "a"), yes("dave", "b"));
    assert_eq!(met(&two, 3, &[bob.clone(), carol.clone(), dave.clone()]), Ok(()));
    assert_eq!(
        met(&two, 3, &[bob.clone(), dave.clone()]),
        Err(QuorumFault::TooFew { found: 2, required: 3 })
    );
    assert_eq!(met(&two, 1, &[bob.clone(), dave.clone()]), Err(QuorumFault::Groups));
    // A second vote of the same person, for the other group, is nobody else.
    assert_eq!(met(&two, 1, &[bob.clone(), yes("bob", "b"), carol]), Err(QuorumFault::Groups));
    // Nor is one person twice in the same group.
    assert_eq!(met(&two, 1, &[bob.clone(), bob, dave]), Err(QuorumFault::Groups));
}

#[test]
fn a_way_nobody_could_go_is_never_met() {
    let people: Vec<Approver> = (0..12).map(|n| yes(&format!("p{n}"), "a")).collect();
    assert!(met(&[vec![seats(11, &["a"])]], 1, &people).is_err());
    assert!(met(&[vec![seats(255, &["a"]), seats(255, &["a"])]], 1, &people).is_err());
    assert!(met(&[vec![seats(1, &[])]], 1, &people).is_err());
    assert!(met(&[vec![seats(10, &["a"])]], 1, &people).is_ok());
    // Even a way without a seat needs somebody.
    assert!(met(&[vec![]], 0, &[]).is_err());
}

#[test]
fn an_author_of_the_policy_counts_for_nothing_where_the_rule_forbids_it() {
    let authors = Requesters::named(&groups(&["Bob@example.com"]));
    let wanted_groups = groups(&["a"]);
    let wanted = Wanted { required: 1, groups: &wanted_groups, ways: &[] };
    let mut bob = yes("00u-bob", "a");
    bob.email = Some("bob+work@example.com".into());
    let found = wanted.met_by(&[bob.clone(), yes("carol", "a")], &nobody(), &authors);
    assert_eq!(found, Err(QuorumFault::PolicyAuthor));
    assert_eq!(alone(&[bob.clone()], &wanted_groups, &nobody(), &authors), Err(QuorumFault::PolicyAuthor));
    assert_eq!(wanted.met_by(&[bob], &nobody(), &nobody()), Ok(()));
}

#[test]
fn the_glass_is_broken_by_one_person_of_a_group_that_may() {
    let may = groups(&["on-call"]);
    let alone =
        |approvers: &[Approver], requesters: &Requesters| alone(approvers, &may, requesters, &nobody());
    assert_eq!(alone(&[yes("bob", "on-call")], &nobody()), Ok(()));
    assert_eq!(alone(&[yes("bob", "security")], &nobody()), Err(QuorumFault::BreakGlass));
    assert_eq!(alone(&[], &nobody()), Err(QuorumFault::BreakGlass));
    let two = [yes("bob", "on-call"), yes("carol", "on-call")];
    assert_eq!(alone(&two, &nobody()), Err(QuorumFault::BreakGlass));
    let asks = Requesters::named(&groups(&["bob"]));
    assert_eq!(alone(&[yes("bob", "on-call")], &asks), Err(QuorumFault::SelfApproval));
}

/// Whether some assignment gives every seat a person of its own: all of them are tried.
fn tried(seats: &[&[&str]], people: &[Vec<&str>], used: &mut Vec<usize>) -> bool {
    let Some((seat, rest)) = seats.split_first() else { return true };
    (0..people.len()).any(|person| {
        if used.contains(&person) || !people[person].iter().any(|group| seat.contains(group)) {
            return false;
        }
        used.push(person);
        let found = tried(rest, people, used);
        used.pop();
        found
    })
}

const NAMES: [&str; 3] = ["a", "b", "c"];

/// The groups whose bit is set.
fn subset(bits: usize) -> Vec<&'static str> {
    NAMES.iter().enumerate().filter(|(n, _)| bits & (1 << n) != 0).map(|(_, name)| *name).collect()
}

#[test]
fn every_small_quorum_is_what_trying_all_assignments_says() {
    let wanted_groups = groups(&NAMES);
    // Up to three seats, each of any non-empty set of groups; up to three people, each in any set.
    let triples = || {
        let all = (0..8).flat_map(|a| (a..8).flat_map(move |b| (b..8).map(move |c| [a, b, c])));
        all.collect::<Vec<[usize; 3]>>()
    };
    let mut cases = 0;
    for wanted in triples() {
        let sets: Vec<Vec<&str>> = wanted.into_iter().filter(|set| *set > 0).map(subset).collect();
        let way: Way = sets.iter().map(|of| seats(1, of)).collect();
        let single: Vec<&[&str]> = sets.iter().map(Vec::as_slice).collect();
        for crowd in triples() {
            let people: Vec<Vec<&str>> = crowd.into_iter().map(subset).collect();
            let votes: Vec<Approver> = people
                .iter()
                .enumerate()
                .flat_map(|(n, groups)| groups.iter().map(move |group| yes(&format!("p{n}"), group)))
                .collect();
            let count = people.iter().filter(|groups| !groups.is_empty()).count();
            let ways = [way.clone()];
            let wanted = Wanted { required: 1, groups: &wanted_groups, ways: &ways };
            let found = wanted.met_by(&votes, &nobody(), &nobody()).is_ok();
            let expected = count > 0 && tried(&single, &people, &mut Vec::new());
            assert_eq!(found, expected, "{single:?} by {people:?}");
            cases += 1;
        }
    }
    assert_eq!(cases, 120 * 120);
}

#[test]
fn several_ways_and_several_people_of_one_group_are_what_trying_all_says() {
    let wanted_groups = groups(&NAMES);
    // Two ways, each of up to two kinds of seats, each for one or two people: by a fixed sequence of numbers.
    let mut number = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = |most: u64| {
        number ^= number << 13;
        number ^= number >> 7;
        number ^= number << 17;
        usize::try_from(number % most).unwrap()
    };
    let (mut yes_count, mut no_count) = (0, 0);
    for _ in 0..5_000 {
        let ways: Vec<Way> = (0..=next(2))
            .map(|_| {
                let some = |_| seats(u8::try_from(next(2) + 1).unwrap(), &subset(next(7) + 1));
                (0..=1).map(some).collect()
            })
            .collect();
        let people: Vec<Vec<&str>> = (0..next(6)).map(|_| subset(next(8))).collect();
        let votes: Vec<Approver> = people
            .iter()
            .enumerate()
            .flat_map(|(n, groups)| groups.iter().map(move |group| yes(&format!("p{n}"), group)))
            .collect();
        let required = u8::try_from(next(4)).unwrap();
        let wanted = Wanted { required, groups: &wanted_groups, ways: &ways };
        let found = wanted.met_by(&votes, &nobody(), &nobody()).is_ok();
        let count = people.iter().filter(|groups| !groups.is_empty()).count();
        let some_way = ways.iter().any(|way| {
            let of: Vec<Vec<&str>> = way
                .iter()
                .flat_map(|seats| {
                    let of: Vec<&str> = seats.of.iter().map(String::as_str).collect();
                    std::iter::repeat_n(of, usize::from(seats.people))
                })
                .collect();
            let of: Vec<&[&str]> = of.iter().map(Vec::as_slice).collect();
            tried(&of, &people, &mut Vec::new())
        });
        let expected = count >= usize::from(required.max(1)) && some_way;
        assert_eq!(found, expected, "{required} {ways:?} by {people:?}");
        if found { yes_count += 1 } else { no_count += 1 }
    }
    assert!(yes_count > 500 && no_count > 500, "{yes_count} {no_count}");
}

#[test]
fn a_demand_is_said_in_words() {
    let all = groups(&["data-owners", "security"]);
    assert_eq!(Wanted { required: 2, groups: &all, ways: &[] }.words(), "data-owners + security");
    let ways =
        [vec![seats(1, &["platform", "security"]), seats(2, &["data-owners"])], vec![seats(1, &["ciso"])]];
    let wanted = Wanted { required: 1, groups: &all, ways: &ways };
    assert_eq!(wanted.words(), "1 of platform or security + 2 of data-owners, or ciso");
    assert_eq!(wanted.least(), 1);
}
