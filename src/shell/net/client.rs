//! The HTTP client as the settings want it.

use super::NetSettings;
use crate::shell::fault::plainly;
use crate::shell::transport::reason;
use reqwest::{Certificate, Client, NoProxy, Proxy, redirect};
use std::env;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::time::Duration;

/// The most bytes of a file of certificates.
const CA_BYTES_MAX: u64 = 4 << 20;
/// The variables that name a proxy, the first that is set counts. There is none for plain HTTP, which does not leave the machine.
const PROXY_VARIABLES: &[&str] = &["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
/// Never by way of a proxy: it would be the proxy's own machine.
const LOOPBACK: &str = "localhost,127.0.0.0/8,::1";

pub(super) fn make(settings: &NetSettings) -> Result<Client, String> {
    // A second network finds it installed already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = Client::builder()
        .user_agent(concat!("stocksync/", env!("CARGO_PKG_VERSION")))
        .redirect(redirect::Policy::none())
        .connect_timeout(Duration::from_millis(settings.connect_ms))
        .no_proxy();
    if let Some(proxy) = proxy(settings.proxy.as_deref())? {
        builder = builder.proxy(proxy);
    }
    if let Some(path) = &settings.ca_file {
        let said = |why: String| format!("the certificates in `{}` cannot be used: {why}", path.display());
        builder = builder.tls_certs_merge(certificates(path).map_err(said)?);
    }
    builder.build().map_err(|error| format!("cannot set up HTTP: {}", reason(&error)))
}

fn proxy(configured: Option<&str>) -> Result<Option<Proxy>, String> {
    let variable = || {
        PROXY_VARIABLES.iter().find_map(|name| {
            let value = env::var(name).ok().filter(|value| !value.is_empty())?;
            Some((*name, value))
        })
    };
    let Some((place, address)) =
        configured.map(|proxy| ("network.proxy", proxy.to_owned())).or_else(variable)
    else {
        return Ok(None);
    };
    // Not shown: it may hold a password.
    let proxy = Proxy::all(&address).map_err(|_| format!("`{place}` is not the address of a proxy"))?;
    let theirs = env::var("NO_PROXY").or_else(|_| env::var("no_proxy")).unwrap_or_default();
    Ok(Some(proxy.no_proxy(NoProxy::from_string(&format!("{LOOPBACK},{theirs}")))))
}

fn certificates(path: &Path) -> Result<Vec<Certificate>, String> {
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(|error| plainly(&error))?;
    file.take(CA_BYTES_MAX).read_to_end(&mut bytes).map_err(|error| plainly(&error))?;
    let found = Certificate::from_pem_bundle(&bytes).map_err(|error| reason(&error))?;
    if found.is_empty() { Err("there is none in PEM form".to_owned()) } else { Ok(found) }
}
