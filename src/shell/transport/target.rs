//! Where a request may go.

use super::trouble::{Trouble, refused};
use reqwest::Url;

/// The address of a request, if the store may be reached there. Looked at after the secrets are filled in: they could change the host.
pub(super) fn target(hosts: &[String], url: &str) -> Result<Url, Trouble> {
    let url =
        Url::parse(url).map_err(|error| refused(format!("the address of a request is wrong: {error}")))?;
    let host = url.host_str().unwrap_or_default();
    if !url.username().is_empty() || url.password().is_some() {
        return Err(refused("the address of a request holds a user or a password"));
    }
    if !hosts.iter().any(|pattern| matches_host(pattern, host)) {
        return Err(refused(format!("the connector may not reach `{host}`: its manifest does not name it")));
    }
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_loopback(host) => Ok(url),
        _ => Err(refused(format!("`{host}` is not asked over https"))),
    }
}

/// Where a redirect leads, if it stays with scheme, host and port.
pub(super) fn redirected(from: &Url, location: &str) -> Option<Url> {
    let to = from.join(location).ok()?;
    let stays = to.origin() == from.origin() && to.username().is_empty() && to.password().is_none();
    stays.then_some(to)
}

fn matches_host(pattern: &str, host: &str) -> bool {
    match pattern.strip_prefix("*.") {
        Some(domain) => {
            let inside = host.len().checked_sub(domain.len() + 1).and_then(|at| host.split_at_checked(at));
            inside.is_some_and(|(below, rest)| {
                !below.is_empty()
                    && rest.strip_prefix('.').is_some_and(|rest| rest.eq_ignore_ascii_case(domain))
            })
        }
        None => pattern.eq_ignore_ascii_case(host),
    }
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || address.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_match_by_name_or_below_a_domain() {
        for (pattern, host, matches) in [
            ("a.example", "A.example", true),
            ("a.example", "b.a.example", false),
            ("*.a.example", "b.a.example", true),
            ("*.a.example", "c.b.a.example", true),
            ("*.a.example", "a.example", false),
            ("*.a.example", "evila.example", false),
        ] {
            assert_eq!(matches_host(pattern, host), matches, "{pattern} {host}");
        }
    }

    #[test]
    fn a_redirect_stays_with_its_host() {
        let from = Url::parse("https://a.example/x/y?z").unwrap();
        for (location, to) in [
            ("/w", Some("https://a.example/w")),
            ("w?q", Some("https://a.example/x/w?q")),
            ("https://a.example:443/w", Some("https://a.example/w")),
            ("http://a.example/w", None),
            ("https://a.example:8443/w", None),
            ("https://b.example/w", None),
            ("//b.example/w", None),
            ("https://u@a.example/w", None),
            ("https://", None),
        ] {
            let found = redirected(&from, location);
            assert_eq!(found.as_ref().map(Url::as_str), to, "{location}");
        }
    }
}
