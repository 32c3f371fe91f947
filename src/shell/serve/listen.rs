//! Where the daemon listens, and whether it may.

use crate::config::Config;
use crate::shell::exit::Stop;
use crate::shell::fault::plainly;
use std::net::{SocketAddr, TcpListener};

/// Takes the address that is asked for. Without a token, only one that no other machine reaches is taken.
pub(super) fn listen(asked: Option<SocketAddr>, config: &Config) -> Result<TcpListener, Stop> {
    let address = asked.unwrap_or(config.serve.listen);
    if !address.ip().is_loopback() && config.serve.tokens.is_empty() {
        return Err(Stop::failed(format_args!(
            "`{address}` can be reached from other machines, and no token is named: anybody could change the stock"
        ))
        .with_help("name a token under `serve.tokens` in `stocksync.yaml`, or listen at `127.0.0.1`"));
    }
    TcpListener::bind(address).map_err(|fault| {
        Stop::failed(format_args!("cannot listen at `{address}`: {}", plainly(&fault)))
            .with_help("`--listen ADDRESS:PORT` names another place; port 0 is any that is free")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Secret;

    #[test]
    fn other_machines_are_served_only_with_a_token() {
        let mut config = Config::default();
        let anywhere = Some(SocketAddr::from(([0, 0, 0, 0], 0)));
        let stop = listen(anywhere, &config).unwrap_err();
        assert!(stop.message.contains("no token is named"), "{}", stop.message);
        let here = listen(Some(SocketAddr::from(([127, 0, 0, 1], 0))), &config).unwrap();
        let taken = listen(Some(here.local_addr().unwrap()), &config).unwrap_err();
        assert!(taken.message.starts_with("cannot listen at `127.0.0.1:"), "{}", taken.message);
        config.serve.tokens.push(("shop".to_owned(), Secret::Env("T".to_owned())));
        assert!(listen(anywhere, &config).is_ok());
    }
}
