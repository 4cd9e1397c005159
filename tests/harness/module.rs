//! A module with a fault in it: the one under test, of which one callback traps.
//!
//! The module that is shipped has no way to be made to die, and must not have one for tests. So a copy of it is changed: the
//! code of one exported function becomes `unreachable`, as a panic compiles to, and everything else stays as it is. Only as
//! much of the binary format is read as that takes (WebAssembly Core Specification 2.0, section 5).

use anyhow::{Context, Result, bail, ensure};

/// The bytes of a module, read from the front.
struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn byte(&mut self) -> Result<u8> {
        let byte = self.bytes.get(self.at).copied().context("the module ends early")?;
        self.at += 1;
        Ok(byte)
    }

    /// An unsigned number in LEB128.
    fn number(&mut self) -> Result<usize> {
        let (mut number, mut shift) = (0_usize, 0);
        loop {
            let byte = self.byte()?;
            ensure!(shift < 32, "a number of the module is too long");
            number |= usize::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
            shift += 7;
        }
    }

    fn skip(&mut self, count: usize) -> Result<()> {
        self.at = self
            .at
            .checked_add(count)
            .filter(|at| *at <= self.bytes.len())
            .context("the module ends early")?;
        Ok(())
    }

    fn name(&mut self) -> Result<&[u8]> {
        let length = self.number()?;
        let start = self.at;
        self.skip(length)?;
        self.bytes.get(start..self.at).context("the module ends early")
    }

    /// The minimum of a table or memory, and its maximum where there is one.
    fn limits(&mut self) -> Result<()> {
        let has_most = self.byte()? & 1 == 1;
        self.number()?;
        if has_most {
            self.number()?;
        }
        Ok(())
    }
}

/// A copy of `module` whose exported function `export` traps as soon as it is called.
///
/// # Errors
/// When the bytes are no module, or it has no such function.
pub fn trapping(module: &[u8], export: &str) -> Result<Vec<u8>> {
    ensure!(module.starts_with(b"\0asm\x01\0\0\0"), "this is no WebAssembly module");
    let mut reader = Reader { bytes: module, at: 8 };
    let (mut imported, mut wanted, mut code) = (0, None, None);
    while reader.at < module.len() {
        let id = reader.byte()?;
        let size = reader.number()?;
        let start = reader.at;
        match id {
            2 => imported = imports(&mut reader)?,
            7 => wanted = exported(&mut reader, export)?,
            10 => code = Some(start),
            _ => {}
        }
        reader.at = start;
        reader.skip(size)?;
    }
    let wanted = wanted.with_context(|| format!("the module exports no function `{export}`"))?;
    let own = wanted.checked_sub(imported).context("the function is imported")?;
    reader.at = code.context("the module has no code")?;
    let count = reader.number()?;
    ensure!(own < count, "the module has no code for `{export}`");
    for _ in 0..own {
        let size = reader.number()?;
        reader.skip(size)?;
    }
    let size = reader.number()?;
    let mut changed = module.to_vec();
    let body = changed.get_mut(reader.at..reader.at + size).context("the module ends early")?;
    // No locals, `unreachable`, as many `nop` as there is room for, `end`.
    let [locals, first, rest @ .., end] = body else { bail!("the function is too short to hold a trap") };
    (*locals, *first, *end) = (0, 0, 0x0b);
    rest.fill(0x01);
    Ok(changed)
}

/// How many functions are imported: they are numbered first.
fn imports(reader: &mut Reader<'_>) -> Result<usize> {
    let mut functions = 0;
    for _ in 0..reader.number()? {
        reader.name()?;
        reader.name()?;
        match reader.byte()? {
            0 => {
                reader.number()?;
                functions += 1;
            }
            1 => {
                reader.byte()?;
                reader.limits()?;
            }
            2 => reader.limits()?,
            3 => reader.skip(2)?,
            kind => bail!("the module imports something of kind {kind}"),
        }
    }
    Ok(functions)
}

/// The number of an exported function.
fn exported(reader: &mut Reader<'_>, export: &str) -> Result<Option<usize>> {
    for _ in 0..reader.number()? {
        let found = reader.name()? == export.as_bytes();
        let (kind, number) = (reader.byte()?, reader.number()?);
        if found && kind == 0 {
            return Ok(Some(number));
        }
    }
    Ok(None)
}
