//! `countersign mask`: what a reviewer would see of a text, for people who prepare fixtures, logs and corpora.
//!
//! It masks with the very detectors of the filter, and shows all of it: nothing is cut to what an approval can carry. A
//! file is read whole, up to 16 MiB; rows of JSON Lines are read one at a time.

mod confidence;
mod explain;
mod jsonl;

use std::{
    fs::File,
    io::{Read, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

use countersign_mask::{Masker, Shown, Understood};

use crate::{
    exit,
    policy::{self, Fault, finish, print},
};

/// Largest text that is masked at once, in bytes: what the masking looks into.
const MOST: u64 = 16 << 20;

/// `countersign mask [FILE]`
#[derive(clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(crate) struct Arguments {
    /// The text: JSON, form, XML, YAML, CSV, SQL, an HTTP message, a log, prose. Stdin where there is none, or `-`.
    file: Option<PathBuf>,
    /// What it is; else its first look tells.
    #[arg(long, value_name = "TYPE")]
    media_type: Option<String>,
    /// Mask as this policy's `masking` says: strategies, detectors, names, and what may stay.
    #[arg(short, long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// 64 hexadecimal digits that pseudonyms are made with; without them a pseudonym is a label.
    #[arg(long, value_name = "FILE", requires = "policy")]
    pseudonym_key_file: Option<PathBuf>,
    /// Read `{"id", "text", "media_type"?}` a line, and write `{"id", "masked_text"}` a line.
    #[arg(long, conflicts_with = "explain")]
    jsonl: bool,
    /// Also list on stderr what was found where by which detector, and the proof of the masking; never a value.
    #[arg(long)]
    explain: bool,
    /// Print that list on stdout as JSON, and no text.
    #[arg(long, requires = "explain")]
    json: bool,
    /// Print no text, and exit with 1 where something would be masked: for fixtures that must be clean.
    #[arg(long)]
    check: bool,
}

/// How many texts there were, and in how many something would be masked.
#[derive(Default)]
struct Changes {
    all: u64,
    changed: u64,
}

/// Masks a file or stdin.
pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    finish(mask(arguments))
}

fn mask(arguments: &Arguments) -> Result<ExitCode, Fault> {
    let masker = match &arguments.policy {
        Some(policy) => policy::masker(policy, arguments.pseudonym_key_file.as_deref())?,
        None => Masker::plain().clone(),
    };
    let file = arguments.file.as_deref().filter(|file| *file != Path::new("-"));
    let name = file.map_or("stdin".to_owned(), |file| format!("`{}`", file.display()));
    let from: Box<dyn Read> = match file {
        Some(file) => Box::new(File::open(file).map_err(|error| Fault::file(file, &error))?),
        None => Box::new(std::io::stdin().lock()),
    };
    if arguments.jsonl {
        let rows = if arguments.check { jsonl::Rows::Counted } else { jsonl::Rows::Written };
        let Changes { all, changed } = jsonl::mask(from, arguments.media_type.as_deref(), &masker, rows)?;
        return Ok(if arguments.check && changed > 0 {
            let sentence = format!("something would be masked in {changed} of {all} rows of {name}");
            exit::say(exit::failed(), &sentence)
        } else {
            exit::OK
        });
    }
    let shown = whole(from, &name, arguments.media_type.as_deref(), &masker)?;
    let told = explain::Told::of(&shown.report);
    if arguments.json {
        let json = serde_json::to_string_pretty(&told).map_err(|error| Fault::Usage(error.to_string()))?;
        print(&format!("{json}\n"))?;
    } else if !arguments.check {
        print(shown.excerpt.as_str())?;
    }
    if arguments.explain && !arguments.json {
        // Where stderr is closed, the text is masked all the same.
        write!(std::io::stderr().lock(), "{}", told.text()).unwrap_or_default();
    }
    if arguments.check && (!shown.report.is_empty() || shown.understood != Understood::Whole) {
        return Ok(exit::say(exit::failed(), &format!("something would be masked in {name}")));
    }
    Ok(exit::OK)
}

/// All of a text, masked. What can only be shown by size and type is no text to mask.
fn whole(from: impl Read, name: &str, media_type: Option<&str>, masker: &Masker) -> Result<Shown, Fault> {
    let mut bytes = Vec::new();
    from.take(MOST + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| Fault::Usage(format!("cannot read {name}: {error}")))?;
    if bytes.len() as u64 > MOST {
        let sentence =
            format!("{name} is larger than 16 MiB, the most that is masked at once; `--jsonl` takes rows");
        return Err(Fault::Usage(sentence));
    }
    let shown = masker.payload(media_type, None, &bytes, usize::MAX);
    match shown.understood {
        Understood::NotUnderstood { why } => Err(Fault::Usage(format!("cannot mask {name}: {why}"))),
        Understood::Whole | Understood::Cut => Ok(shown),
    }
}
