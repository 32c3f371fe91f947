//! How the network is reached: `network` in `stocksync.yaml`.

use super::reader::Found;
use super::tree::Node;

/// How the network is reached.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Network {
    /// The proxy of every request that leaves the machine.
    pub proxy: Option<String>,
    /// A file of certificates (PEM) of authorities that are trusted beside the system's; relative to the project.
    pub ca_file: Option<String>,
}

pub(super) fn read(node: &Node, found: &mut Found) -> Network {
    let fields = found.fields(node, "`network`", &["proxy", "ca_file"]);
    let proxy = fields.get("proxy").and_then(|node| proxy(node, found));
    let ca_file = fields.get("ca_file").and_then(|node| {
        let path = found.text(node, "`ca_file`")?;
        if path.is_empty() {
            found.fault(node.span, "`ca_file` is empty", "name a file of certificates in PEM form");
        }
        Some(path.to_owned()).filter(|path| !path.is_empty())
    });
    Network { proxy, ca_file }
}

fn proxy(node: &Node, found: &mut Found) -> Option<String> {
    let text = found.text(node, "`proxy`")?;
    let host = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://")).unwrap_or_default();
    if host.contains('@') {
        // It may hold a password: it is never shown.
        found.fault(
            node.span,
            "`proxy` must not hold a user or a password",
            "name such a proxy in the environment variable `HTTPS_PROXY`, and leave it out here",
        );
        return None;
    }
    if host.is_empty() || host.contains(char::is_whitespace) {
        found.fault(
            node.span,
            "`proxy` must be an address that begins with `http://` or `https://`",
            "write it like `http://proxy.example:3128`",
        );
        return None;
    }
    Some(text.to_owned())
}

#[cfg(test)]
mod tests {
    use crate::config;
    use crate::source::Sources;

    #[test]
    fn a_proxy_is_an_address_without_a_password() {
        for (proxy, said) in [
            ("http://proxy.example:3128", None),
            ("https://proxy.example", None),
            ("proxy.example", Some("begins with `http://`")),
            ("socks5://proxy.example", Some("begins with `http://`")),
            ("http://", Some("begins with `http://`")),
            ("http://me:hunter2@proxy.example", Some("must not hold a user")),
        ] {
            let text = format!("network: {{ proxy: \"{proxy}\", ca_file: ca.pem }}\n");
            let (config, found) = config::read(Sources::new().add("stocksync.yaml", text.as_str()), &text);
            let told: Vec<&str> = found.iter().map(|one| one.message.as_str()).collect();
            assert_eq!(told.len(), usize::from(said.is_some()), "{proxy}: {told:?}");
            assert!(
                told.iter().zip(said).all(|(told, said)| told.contains(said) && !told.contains("hunter2"))
            );
            assert_eq!(config.network.proxy.is_some(), said.is_none(), "{proxy}");
            assert_eq!(config.network.ca_file.as_deref(), Some("ca.pem"));
        }
    }
}
