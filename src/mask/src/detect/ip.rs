//! Public IP addresses (RFC 791, RFC 4291), with what may follow: a port, a prefix length, a zone.
//!
//! Addresses that name no machine on the internet stay: private, loopback, link-local, shared, multicast, documentation,
//! unspecified (RFC 6890). What looks like an address and is none stays, too: versions, paths of code, MAC addresses,
//! times, section numbers. What it cannot know: whether four small numbers in a text without words are a version.

use crate::bytes::{at, before, ends_word, part, run, run_back};
use crate::detect::Scan;
use crate::detect::number::Near;
use crate::kind::Kind;
use crate::marks::Marks;

/// Words before four numbers that are no address.
const VERSIONS: &str = "version|versions|ver|release|releases|section|sect|chapter|clause|paragraph|build|firmware|revision|rev|oid|\
    asn|app|bump|upgrade|upgraded|downgrade|tag|nuget|assembly|driver|sdk|jdk|kernel|chrome|edge|safari|opera";

/// Words before small numbers that are one.
const ADDRESSES: &str = "ip|ipv|addr|address|host|client|remote|server|ping|ssh|peer|source|src|dst|dest|gateway|dns|nameserver|\
    connect|login|curl|traceroute|whois|forwarded|real ip|origin|scp|rdp|nmap|cidr|netmask|subnet|firewall|allow|deny|block";

pub(super) fn find(scan: Scan<'_>, i: usize, marks: &mut Marks) -> Option<usize> {
    let text = scan.text;
    let first = run(text, i, 5, |b| b.is_ascii_hexdigit());
    let end = match at(text, first) {
        b'.' if at(text, i).is_ascii_digit() => {
            let (end, address) = four(text, i)?;
            if !is_public4(address) || is_version(text, i, end, address) {
                return Some(end);
            }
            end
        }
        b':' if first - i < 5 && (first > i || at(text, i + 1) == b':') => {
            let (end, public) = six(text, i)?;
            if !public {
                return Some(end);
            }
            end
        }
        _ => return None,
    };
    marks.add(i..end, Kind::IpAddress, "ip_address");
    // The prefix length stays, a reviewer needs it.
    Some(end)
}

/// The four numbers at `i`, and where they end.
fn four(text: &str, i: usize) -> Option<(usize, [u8; 4])> {
    let mut address = [0_u8; 4];
    let mut end = i;
    for (n, place) in address.iter_mut().enumerate() {
        if n > 0 {
            if at(text, end) != b'.' {
                return None;
            }
            end += 1;
        }
        let start = end;
        end = run(text, start, 3, |b| b.is_ascii_digit());
        *place = part(text, start..end).parse().ok()?;
        if end - start > 1 && at(text, start) == b'0' {
            return None;
        }
    }
    let goes_on = matches!(at(text, end), b'.' | b'-' | b'_') && at(text, end + 1).is_ascii_alphanumeric();
    (ends_word(text, end) && at(text, end) != b'_' && !goes_on).then_some((end, address))
}

fn is_public4(address: [u8; 4]) -> bool {
    !matches!(
        address,
        [0 | 10 | 127 | 224.., ..]
            | [100, 64..=127, ..]
            | [169, 254, ..]
            | [172, 16..=31, ..]
            | [192, 168, ..]
            | [192, 0, 0 | 2, _]
            | [198, 18 | 19, ..]
            | [198, 51, 100, _]
            | [203, 0, 113, _]
            // Whole networks, and versions of browsers
            | [_, _, 0, 0]
    )
}

/// Whether the four numbers rather say which version, or which section.
fn is_version(text: &str, i: usize, end: usize, address: [u8; 4]) -> bool {
    let near = Near::new(text, i, end);
    let previous = before(text, i);
    let joined = match previous {
        // `Chrome/1.2.3.4`, but `https://1.2.3.4` and `/hosts/1.2.3.4`
        b'/' => {
            let name = run_back(text, i - 1, 40, |b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
            name < i - 1 && !matches!(before(text, name), b'/' | b'.')
        }
        b'=' => matches!(before(text, i - 1), b'=' | b'~' | b'!' | b'>' | b'<'),
        b'-' | b'.' | b'_' | b'~' | b'^' | b'>' | b'<' | b'+' => true,
        _ => false,
    };
    let small = address.iter().all(|n| *n < 32);
    joined
        || near.is_called(VERSIONS)
        || (small && at(text, end) != b'/' && previous != b'/' && !near.is_called(ADDRESSES))
}

/// Where the IPv6 address at `i` ends, and whether it is public.
fn six(text: &str, i: usize) -> Option<(usize, bool)> {
    let (mut groups, mut head, mut long, mut empty, mut end) = (0, 0_u32, false, false, i);
    let mut second = 0;
    while groups < 8 {
        let stop = run(text, end, 5, |b| b.is_ascii_hexdigit());
        if stop - end > 4 {
            return None;
        }
        if stop > end {
            if at(text, stop) == b'.'
                && at(text, end).is_ascii_digit()
                && groups > 0
                && let Some((stop, address)) = four(text, end)
            {
                // Mapped (`::ffff:1.2.3.4`) or translated: what it holds counts.
                return Some((stop, is_public4(address)));
            }
            let value = u32::from_str_radix(part(text, end..stop), 16).ok()?;
            if groups == 0 && !empty {
                head = value;
            } else if groups == 1 {
                second = value;
            }
            long |= stop - end > 2;
            groups += 1;
            end = stop;
        }
        if at(text, end) != b':' || groups == 8 {
            break;
        }
        if at(text, end + 1) == b':' {
            if empty {
                return None;
            }
            empty = true;
            end += 2;
            if !at(text, end).is_ascii_hexdigit() {
                break;
            }
        } else if groups > 0 && at(text, end + 1).is_ascii_hexdigit() {
            end += 1;
        } else {
            break;
        }
    }
    let goes_on = matches!(at(text, end), b':') && at(text, end + 1).is_ascii_alphanumeric();
    // Compressed, only what is given out today (2000::/3) is told from paths in code (`add::fed`).
    let assigned = (0x2000..0x3fff).contains(&head) && !(head == 0x2001 && second == 0xdb8);
    let special = matches!(head, 0 | 0xfc00..=0xfdff | 0xfe80..=0xfebf | 0xff00.. | 0x2001 | 0x3fff);
    let (whole, public) = if empty {
        (groups >= 2, groups >= 3 && assigned)
    } else {
        (groups == 8 && long, assigned || !special)
    };
    (whole && ends_word(text, end) && at(text, end) != b'_' && !goes_on).then_some((end, public))
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use crate::text;

    #[test]
    fn public_addresses_go_with_port_prefix_and_brackets() {
        for address in [
            "175.38.145.253",
            "2a02:8108:9640:1f00::17",
            "2606:4700:10:0:0:0:6814:155",
            "::ffff:93.184.216.34",
        ] {
            for around in [
                ("", ""),
                ("from ", ":443"),
                ("[", "]:443"),
                ("http://", "/x"),
                ("\"", "\""),
                ("ip=", "&a=b"),
            ] {
                let shown = format!("{}{address}{}", around.0, around.1);
                let (masked, _) = text(&shown);
                assert!(!masked.as_str().contains(address), "{shown}: {}", masked.as_str());
            }
        }
    }

    #[test]
    fn what_names_no_machine_or_is_no_address_stays() {
        for shown in [
            "10.1.2.3 192.168.0.1 127.0.0.1 169.254.169.254 172.16.0.9 100.64.1.1 224.0.0.1 203.0.113.7 0.0.0.0",
            "fe80::1%eth0 fd12:3456:789a::1 2001:db8::1 ::1 :: ff02::1",
            "Mozilla/5.0 Chrome/120.0.6099.71 Safari/537.36",
            "version 31.155.2.3, v1.2.3.4, see section 54.3.2.1 and pkg==41.200.3.4",
            "1.3.6.1.4.1.311.21",
            "std::fmt::Display add::dead::beef",
            "00:1b:44:11:3a:b7 at 12:30:45",
            "1.2.3.4.5",
            "image: app-1.20.30.44",
        ] {
            assert_eq!(text(shown).0.as_str(), shown);
        }
    }
}
