//! The marketplaces' own vectors, and those of RFC 2202, RFC 4231 and FIPS 180-2.

use super::*;

fn sign(alg: &str, key: &str, text: &str, encoding: &str) -> Sign {
    let own = str::to_owned;
    Sign { alg: own(alg), key: own(key), text: own(text), encoding: own(encoding), into: own("s") }
}

fn secrets(values: &[(&str, &str)]) -> Secrets {
    Secrets::new(values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
}

#[track_caller]
fn check(values: &[(&str, &str)], wanted: &Sign, expected: &str) {
    let secrets = secrets(values);
    let signs = secrets.sign(std::slice::from_ref(wanted)).unwrap();
    assert_eq!(secrets.fill("{{sign:s}}", &signs).as_deref(), Ok(expected));
    assert_eq!(secrets.redact(&format!("wrong sign {expected}!")), "wrong sign ***!");
}

#[test]
fn shopee() {
    let text = "2001887/api/v2/product/update_stock1655714431{{secret:token}}14701711";
    check(
        &[("key", "testkey"), ("token", "59777174636562737266615546704c6d")],
        &sign("hmac-sha256", "{{secret:key}}", text, "hex"),
        "97bcaa52d9e23bc7498f88116864e08efdf673e8604af1255374b1f0dadd50fd",
    );
}

#[test]
fn lazada() {
    let text = "/order/getaccess_token{{secret:token}}app_key123456order_id1234sign_methodsha256timestamp1517820392000";
    check(
        &[("secret", "helloworld"), ("token", "test")],
        &sign("hmac-sha256", "{{secret:secret}}", text, "HEX"),
        "4190D32361CFB9581350222F345CB77F3B19F0E31D162316848A2C1FFD5FAB4A",
    );
}

#[test]
fn tiktok_wraps_the_text_in_the_secret() {
    let text = "{{secret:secret}}/product/202309/products/1729382561353664372/inventory/update\
        app_key123456shop_cipherGCP_Xtimestamp1234567890\
        {\"skus\":[{\"id\":\"1\",\"inventory\":[{\"warehouse_id\":\"2\",\"quantity\":5}]}]}{{secret:secret}}";
    check(
        &[("secret", "abc000def111")],
        &sign("hmac-sha256", "{{secret:secret}}", text, "hex"),
        "7dbfd1e062bf8d431b226dff823b2bce3e2578a326a4a351168ecb4baad1d768",
    );
}

#[test]
fn woocommerce_signs_by_oauth_1() {
    // The parameters are encoded once as parameters and once more as a part of the text, the key among them.
    let text = "GET&http%3A%2F%2F127.0.0.1%3A8090%2Fwp-json%2Fwc%2Fv3%2Fproducts&_fields%3Did%252Csku\
        %26oauth_consumer_key%3D{{secret:key|percent|percent}}%26oauth_nonce%3Dabcdef0123456789\
        %26oauth_signature_method%3DHMAC-SHA256%26oauth_timestamp%3D1700000000%26sku%3DMUG-1";
    let (key, secret) = (format!("ck_{}", "a".repeat(40)), format!("cs_{}", "b".repeat(40)));
    check(
        &[("key", &key), ("secret", &secret)],
        &sign("hmac-sha256", "{{secret:secret|percent}}&", text, "base64"),
        "tL7VzT97AqbYH1nIfov/sZV4vqZWyNydIMoATP1SquM=",
    );
}

#[test]
fn webhooks_of_shopify_shopee_and_lazada() {
    let body = r#"{"code":3,"shop_id":1}"#;
    for (key, text, encoding, expected) in [
        ("shpss", body.to_owned(), "base64", "A0Y0LilE7DXFl30cvepPaNvcZV73oUiD2DmggGwY3NU="),
        (
            "testkey",
            format!("https://example.com/push|{body}"),
            "hex",
            "c8e020aab7f86b646b83275a296a9c28121ce9b2f45c13c984cf31f4e46e108a",
        ),
        (
            "secret",
            format!("123456{body}"),
            "hex",
            "d733f0759866fd55099181aa57d424c36303c82f20117e7d17fe7cad6abc6c67",
        ),
    ] {
        check(&[("key", key)], &sign("hmac-sha256", "{{secret:key}}", &text, encoding), expected);
    }
}

#[test]
fn the_standards_own_vectors() {
    for (alg, key, text, expected) in [
        ("hmac-sha1", "Jefe", "what do ya want for nothing?", "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"),
        (
            "hmac-sha256",
            "Jefe",
            "what do ya want for nothing?",
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
        ),
        ("sha256", "", "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        ("plain", "", "abc", "616263"),
    ] {
        check(&[], &sign(alg, key, text, "hex"), expected);
    }
}

#[test]
fn a_later_signature_may_hold_an_earlier_one() {
    let first = sign("plain", "", "ck:{{secret:secret}}", "base64");
    let second = Sign { into: "t".to_owned(), ..sign("plain", "", "<{{sign:s|percent}}>", "hex") };
    let secrets = secrets(&[("secret", "cs")]);
    let signs = secrets.sign(&[first.clone(), second.clone()]).unwrap();
    let filled = secrets.fill("Basic {{sign:s}} {{sign:t}}", &signs).unwrap();
    assert_eq!(filled, "Basic Y2s6Y3M= 3c5932733659334d2533443e");
    assert!(secrets.sign(&[second, first]).is_err());
}

#[test]
fn what_is_not_known_is_refused() {
    let secrets = secrets(&[]);
    for (alg, key, encoding) in
        [("md5", "", "hex"), ("sha256", "", "base32"), ("hmac-sha1", "{{secret:k}}", "hex")]
    {
        assert!(secrets.sign(&[sign(alg, key, "", encoding)]).is_err(), "{alg} {encoding}");
    }
    assert!(secrets.sign(&vec![sign("sha256", "", "", "hex"); SIGNS_MAX + 1]).is_err());
}
