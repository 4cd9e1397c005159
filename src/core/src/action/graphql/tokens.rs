//! The tokens of a GraphQL document (GraphQL October 2021, section 2.1), as far as a scan tells them apart.

/// A token, as far as the scan tells them apart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Token<'a> {
    Name(&'a str),
    Open(char),
    Close(char),
    Mark(char),
    Value,
    End,
}

/// The tokens of a document, one after the other.
pub(super) struct Tokens<'a> {
    rest: &'a str,
}

impl<'a> Tokens<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        Self { rest: text.trim_start_matches('\u{feff}') }
    }

    /// The next token, `None` where there is none and yet not the end.
    pub(super) fn next(&mut self) -> Option<Token<'a>> {
        loop {
            self.rest = self.rest.trim_start_matches([' ', '\t', '\r', '\n', ',']);
            match self.rest.strip_prefix('#') {
                Some(comment) => {
                    self.rest = comment.get(comment.find(['\n', '\r']).unwrap_or(comment.len())..)?;
                }
                None => break,
            }
        }
        let Some(first) = self.rest.chars().next() else { return Some(Token::End) };
        let after = self.rest.get(first.len_utf8()..)?;
        let token = match first {
            '{' | '(' | '[' => Token::Open(first),
            '}' | ')' | ']' => Token::Close(first),
            '!' | '$' | '&' | ':' | '=' | '@' | '|' => Token::Mark(first),
            '.' => {
                self.rest = self.rest.strip_prefix("...")?;
                return Some(Token::Mark('.'));
            }
            '"' => {
                self.rest = after_string(self.rest)?;
                return Some(Token::Value);
            }
            _ => {
                let number = first == '-' || first.is_ascii_digit();
                let of_token =
                    |c: char| c.is_ascii_alphanumeric() || c == '_' || number && matches!(c, '.' | '+' | '-');
                let end = self.rest.find(|c| !of_token(c)).unwrap_or(self.rest.len());
                let word = self.rest.get(..end).filter(|word| !word.is_empty())?;
                self.rest = self.rest.get(end..)?;
                return Some(if number { Token::Value } else { Token::Name(word) });
            }
        };
        self.rest = after;
        Some(token)
    }

    /// Skips to the bracket that closes one already open; brackets within must match.
    pub(super) fn skip_to(&mut self, close: char) -> Option<()> {
        let mut open = vec![close];
        while let Some(wanted) = open.last().copied() {
            match self.next()? {
                Token::Open(bracket) => open.push(closing(bracket)?),
                Token::Close(bracket) if bracket == wanted => {
                    open.pop();
                }
                Token::Close(_) | Token::End => return None,
                Token::Name(_) | Token::Mark(_) | Token::Value => {}
            }
        }
        Some(())
    }
}

/// The bracket that closes one.
pub(super) fn closing(bracket: char) -> Option<char> {
    match bracket {
        '{' => Some('}'),
        '(' => Some(')'),
        '[' => Some(']'),
        _ => None,
    }
}

/// What follows a string or block string.
fn after_string(text: &str) -> Option<&str> {
    if let Some(block) = text.strip_prefix("\"\"\"") {
        let mut rest = block;
        loop {
            let end = rest.find("\"\"\"")?;
            let escaped = rest.get(..end)?.ends_with('\\');
            rest = rest.get(end + 3..)?;
            if !escaped {
                return Some(rest);
            }
        }
    }
    let mut escaped = false;
    let body = text.strip_prefix('"')?;
    for (place, c) in body.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return body.get(place + 1..),
            '\n' | '\r' => return None,
            _ => {}
        }
    }
    None
}
