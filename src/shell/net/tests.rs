use super::*;
use crate::shell::secrets::{Keyring, Vault};
use crate::shell::transport::{
    Landed, Transport, Way,
    server::{Say, Server},
};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::Path;
use stocksync_sdk::message::{EventKind, Http};

/// A store that speaks TLS, certified by an authority that no system knows.
fn tls_store() -> u16 {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/tls");
    let certificate = CertificateDer::from_pem_file(folder.join("server.pem")).unwrap();
    let key = PrivateKeyDer::from_pem_file(folder.join("server.key")).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        let stream = listener.accept().unwrap().0;
        let mut stream = StreamOwned::new(ServerConnection::new(config).unwrap(), stream);
        let _ = stream.read(&mut [0; 4096]);
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
        let _ = stream.flush();
    });
    port
}

fn land(settings: NetSettings, host: &str, url: String) -> Result<Landed, String> {
    let folder = tempfile::tempdir().unwrap();
    let vault = Arc::new(Vault::new(folder.path(), "shop", BTreeMap::new()));
    let keys = Keyring::new(&vault, &vault.load().unwrap());
    let net = Net::new(settings);
    let turns = net.turns("shop", CallLimits::default(), 0.0);
    let lane = net.lane("shop", || Lane::new(0, turns, net.settings()));
    let mut transport = Transport::new(&Arc::new(Way::new(&net, &[host.to_owned()], &lane)), keys);
    transport.send(Http { method: "GET".to_owned(), url, ..Http::default() }, Vec::new())?;
    Ok(transport.landed().unwrap())
}

fn trusting(name: &str) -> NetSettings {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/tls").join(name);
    NetSettings { ca_file: Some(file), ..NetSettings::default() }
}

#[test]
fn a_private_authority_is_trusted_where_it_is_named() {
    let url = || format!("https://127.0.0.1:{}/", tls_store());
    let landed = land(trusting("authority.pem"), "127.0.0.1", url()).unwrap();
    assert!(matches!(landed.event, EventKind::Response { status: 200, .. }), "{landed:?}");
    let landed = land(NetSettings::default(), "127.0.0.1", url()).unwrap();
    assert!(matches!(&landed.event, EventKind::Failed { kind, .. } if kind == "tls"), "{landed:?}");
}

#[test]
fn a_file_of_certificates_that_is_none_is_told() {
    for name in ["no-such.pem", "server.key"] {
        let said = land(trusting(name), "127.0.0.1", "https://127.0.0.1:1/".to_owned()).unwrap_err();
        assert!(said.contains(name), "{said}");
    }
}

#[test]
fn what_leaves_the_machine_goes_by_the_proxy_and_nothing_else() {
    let proxy = Server::answering(|_, _| Say::status("407 Proxy Authentication Required", "", ""));
    let settings = || NetSettings { proxy: Some(proxy.url("")), ..NetSettings::default() };
    let landed = land(settings(), "shop.example", "https://shop.example/stock".to_owned()).unwrap();
    assert!(matches!(&landed.event, EventKind::Failed { .. }), "{landed:?}");
    let asked = proxy.asked();
    assert!(asked.len() == 1 && asked[0].head.starts_with("CONNECT shop.example:443 "), "{asked:?}");
    let store = Server::answering(|_, _| Say::ok(""));
    land(settings(), "127.0.0.1", store.url("/")).unwrap();
    assert_eq!((store.asked().len(), proxy.asked().len()), (1, 1));
    let said = land(
        NetSettings { proxy: Some("no: address, but a:p4ssword".to_owned()), ..NetSettings::default() },
        "127.0.0.1",
        store.url("/"),
    );
    let said = said.unwrap_err();
    assert!(said.contains("network.proxy") && !said.contains("p4ssword"), "{said}");
}
