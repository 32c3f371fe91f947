//! Where an API is reached, as a setting.

/// Scheme and host of a setting such as `https://api.example.com` or `http://127.0.0.1:8080`, and the host alone, as a manifest names it.
///
/// # Errors
/// What is wrong with it, to stand behind the setting's name.
pub fn origin(url: &str) -> Result<(String, String), String> {
    let wrong = || "must be like `https://api.example.com`, without a path".to_owned();
    let (scheme, rest) = url.split_once("://").ok_or_else(wrong)?;
    let rest = rest.strip_suffix('/').unwrap_or(rest);
    let host = rest.rsplit_once(':').map_or(rest, |(host, _)| host);
    let port = rest.strip_prefix(host).unwrap_or_default();
    let is_host =
        !host.is_empty() && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-.".contains(&byte));
    let is_port = port.is_empty() || port.strip_prefix(':').is_some_and(|port| port.parse::<u16>().is_ok());
    if !matches!(scheme, "https" | "http") || !is_host || !is_port {
        return Err(wrong());
    }
    Ok((format!("{scheme}://{rest}"), host.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::origin;

    #[test]
    fn origins() {
        let good = |url: &str| origin(url).ok().map(|(base, host)| format!("{base} {host}"));
        assert_eq!(good("https://a.example/").as_deref(), Some("https://a.example a.example"));
        assert_eq!(good("http://127.0.0.1:80").as_deref(), Some("http://127.0.0.1:80 127.0.0.1"));
        for bad in [
            "",
            "a.example",
            "ftp://a",
            "https://",
            "https://a/b",
            "https://a:x",
            "https://u@a",
            "https://{{secret:x}}",
        ] {
            assert!(origin(bad).is_err(), "{bad}");
        }
    }
}
