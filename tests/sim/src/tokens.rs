//! Access tokens that end, and refresh tokens that work once.

/// The tokens that a seller gave to an app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tokens {
    access: String,
    refresh: String,
    ends_ms: Option<i64>,
    life_ms: i64,
    count: u32,
    /// Those that are out of use.
    old: Vec<String>,
    /// How often they were refreshed.
    pub refreshed: u32,
}

impl Tokens {
    /// Tokens that were just given; the access token lives for so long from its first use on.
    #[must_use]
    pub fn new(access: String, refresh: String, life_ms: i64) -> Self {
        Self { access, refresh, ends_ms: None, life_ms, count: 0, old: Vec::new(), refreshed: 0 }
    }

    /// Whether this is the access token, and has not ended.
    pub fn is_good(&mut self, access: &str, now_ms: i64) -> bool {
        access == self.access && *self.ends_ms.get_or_insert(now_ms + self.life_ms) > now_ms
    }

    /// New tokens for a refresh token, which then is used up: access token, refresh token, and when the access token ends.
    pub fn refresh(&mut self, refresh: &str, now_ms: i64) -> Option<(&str, &str, i64)> {
        if refresh != self.refresh {
            return None;
        }
        self.count += 1;
        self.refreshed += 1;
        let access = format!("sim-access-token-{:08}", self.count);
        let refresh = format!("sim-refresh-token-{:08}", self.count);
        let old =
            [std::mem::replace(&mut self.access, access), std::mem::replace(&mut self.refresh, refresh)];
        self.old.extend(old);
        let ends_ms = now_ms + self.life_ms;
        self.ends_ms = Some(ends_ms);
        Some((&self.access, &self.refresh, ends_ms))
    }

    /// The access token ends now.
    pub fn expire(&mut self) {
        self.ends_ms = Some(i64::MIN);
    }

    /// All that there ever were.
    pub fn all(&self) -> impl Iterator<Item = String> + use<> {
        let now = [self.access.clone(), self.refresh.clone()];
        self.old.clone().into_iter().chain(now)
    }

    /// Both, as they are now.
    #[must_use]
    pub fn now(&self) -> (String, String) {
        (self.access.clone(), self.refresh.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::Tokens;

    #[test]
    fn a_refresh_token_works_once() {
        let mut tokens = Tokens::new("a".to_owned(), "r".to_owned(), 1000);
        assert!(tokens.is_good("a", 0) && tokens.is_good("a", 999) && !tokens.is_good("a", 1000));
        let new = tokens
            .refresh("r", 2000)
            .map(|(access, refresh, ends)| (access.to_owned(), refresh.to_owned(), ends));
        let (access, refresh, ends) = new.unwrap_or_default();
        assert_eq!((tokens.refresh("r", 2000), ends), (None, 3000));
        assert!(tokens.is_good(&access, 2999) && !tokens.is_good("a", 2000));
        assert!(tokens.refresh(&refresh, 2000).is_some());
        assert_eq!(tokens.all().count(), 6);
        assert!(tokens.all().any(|token| token == "a") && tokens.all().any(|token| token == refresh));
        tokens.expire();
        assert!(!tokens.is_good(&tokens.now().0, 2000));
    }
}
