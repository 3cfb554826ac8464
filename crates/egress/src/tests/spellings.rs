//! Ways to write an address that is not to be reached. Every name leads to this machine here, so that whatever is taken
//! for a name is the worst one.

use super::{Names, client, get, is_refused, server::Server};

/// The least that this table has to hold.
const LEAST: usize = 120;

/// Hosts, each asked with the port of a listener.
const HOSTS: &[&str] = &[
    // Loopback in digits.
    "127.0.0.1",
    "127.0.0.1.",
    "127.0.0.2",
    "127.1",
    "127.0.1",
    "127.255.255.255",
    "127.000.000.001",
    "127.65530",
    "0177.0.0.1",
    "0177.1",
    "00000177.0.0.01",
    "017700000001",
    "2130706433",
    "2130706434",
    "0x7f.1",
    "0x7f.0.0.1",
    "0x7F000001",
    "0X7f000001",
    "0x7f.0x0.0x0.0x1",
    "0x0000007f.1",
    "127.0x1",
    "127.0.0.0x1",
    "0x7f.0.1",
    "0177.0x0.0.1",
    "%31%32%37.0.0.1",
    "127%2e0%2e0%2e1",
    "127.0.0%2E1",
    "１２７.０.０.１",
    "①②⑦.⓪.⓪.①",
    "127。0。0。1",
    "127．0．0．1",
    "127｡0｡0｡1",
    "𝟏𝟐𝟕.𝟎.𝟎.𝟏",
    "127.0.0.\u{ad}1",
    "127.0.0.1\u{2060}",
    "０x7f.1",
    "²130706433",
    // Nothing at all.
    "0",
    "00",
    "0x0",
    "0x",
    "0.0",
    "0.",
    "0.0.0.0",
    "0.0.0.0.",
    "0x00000000",
    "00000000000",
    "0.0.0.1",
    "0.255.255.255",
    "1",
    // Names.
    "localhost",
    "LOCALHOST",
    "LocalHost",
    "localhost.",
    "loca%6Chost",
    "ｌｏｃａｌｈｏｓｔ",
    "ⓛⓞⓒⓐⓛⓗⓞⓢⓣ",
    "localhost.localdomain",
    "ip6-localhost",
    "any.localhost",
    "127.0.0.1.nip.io",
    "localtest.me",
    "127-0-0-1.example.com",
    "xn--fiqs8s",
    "a.b.c.d",
    "kubernetes.default.svc",
    "metadata.google.internal",
    "host.docker.internal",
    "example.com",
    "127.0.0.1.example.com",
    "localhost\u{ad}",
    "ｌocalhost。",
    "1.2.3.4.5",
    "127.0.0.one",
    // Private networks, and those shared by providers.
    "10.0.0.1",
    "10.1",
    "012.1",
    "0xa000001",
    "167772161",
    "172.16.0.1",
    "172.31.255.255",
    "0xac100001",
    "2886729729",
    "192.168.0.1",
    "192.168.1",
    "0300.0250.1",
    "0xc0a80001",
    "3232235521",
    "100.64.0.1",
    "100.127.255.255",
    "1681915905",
    // Services of clouds.
    "169.254.169.254",
    "169.254.43518",
    "0xa9fea9fe",
    "2852039166",
    "0251.0376.0251.0376",
    "025177524776",
    "0xA9.0xFE.0xA9.0xFE",
    "169.254.170.2",
    "100.100.100.200",
    "192.0.0.192",
    "168.63.129.16",
    "[fd00:ec2::254]",
    "[fd20:ce::254]",
    "[fe80::a9fe:a9fe]",
    // What is nobody's.
    "192.0.0.8",
    "192.0.2.1",
    "192.88.99.1",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "0xffffffff",
    "4294967295",
    // IPv6, and IPv4 in it.
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[0000:0000:0000:0000:0000:0000:0000:0001]",
    "[::0001]",
    "[::]",
    "[0::0]",
    "[::127.0.0.1]",
    "[::7f00:1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::FFFF:7F00:0001]",
    "[0:0:0:0:0:ffff:127.0.0.1]",
    "[::ffff:10.0.0.1]",
    "[::ffff:169.254.169.254]",
    "[::ffff:0.0.0.0]",
    "[::ffff:8.8.8.8]",
    "[::ffff:0:127.0.0.1]",
    "[64:ff9b::127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[64:ff9b::a9fe:a9fe]",
    "[64:ff9b::10.0.0.1]",
    "[64:ff9b:1::127.0.0.1]",
    "[64:ff9b::0.0.0.0]",
    "[2002:7f00:1::]",
    "[2002:a9fe:a9fe::1]",
    "[2002:a00:1::]",
    "[2002:808:808::]",
    "[2001::1]",
    "[2001:0:7f00:1::]",
    "[2001:0:4136:e378:8000:63bf:80ff:fffe]",
    "[fe80::5efe:127.0.0.1]",
    "[2606:4700::5efe:127.0.0.1]",
    "[2606:4700::200:5efe:10.0.0.1]",
    "[fe80::1]",
    "[febf::1]",
    "[fe80::1%25eth0]",
    "[fe80::1%eth0]",
    "[::1%25lo]",
    "[::1%lo]",
    "[::1%251]",
    "[fc00::1]",
    "[fd12:3456:789a::1]",
    "[fec0::1]",
    "[ff02::1]",
    "[ff0e::1]",
    "[2001:db8::1]",
    "[3fff::1]",
    "[5f00::1]",
    "[100::1]",
    "[100:0:0:1::1]",
    "[2001:2::1]",
    "[2001:10::1]",
    "[1::1]",
    "[4000::1]",
    "[::2]",
    "[::ffff:127.1]",
    "[[::1]]",
    "[::1].",
    "[127.0.0.1]",
    "::1",
    // Logins before the host, and what looks like one.
    "user@127.0.0.1",
    "user:pass@127.0.0.1",
    "example.com@127.0.0.1",
    "example.com:80@127.0.0.1",
    "127.0.0.1@example.com",
    "@127.0.0.1",
    ":@127.0.0.1",
    "example.com%40127.0.0.1",
    "example.com\\@127.0.0.1",
    "127.0.0.1\\@example.com",
    "example.com%00@127.0.0.1",
    "a@b@127.0.0.1",
    "example.com&@127.0.0.1#@example.org",
    "127.0.0.1%00.example.com",
    "127.0.0.1%09",
    "127.0.0.1 ",
    " 127.0.0.1",
    "127.0.0.1\t",
    "127.0.0.1\r\nHost: x",
    "127.0.0.1;example.com",
    "127.0.0.1,example.com",
    "127.0.0.1|example.com",
    "-127.0.0.1",
    "127.0.0.1..",
    "127..0.0.1",
    "256.0.0.1",
    "0x100000000",
];

/// Whole addresses; `PORT` is that of the listener.
const WHOLE: &[&str] = &[
    "http:127.0.0.1:PORT",
    "http:/127.0.0.1:PORT/",
    "http:///127.0.0.1:PORT/",
    "http:////127.0.0.1:PORT/",
    "http:\\\\127.0.0.1:PORT\\",
    "HTTP://127.0.0.1:PORT/",
    "hTtP://LocalHost:PORT",
    "ht\ntp://127.0.0.1:PORT/",
    " http://127.0.0.1:PORT/",
    "\u{feff}http://127.0.0.1:PORT/",
    "http://example.com#@127.0.0.1:PORT/",
    "http://example.com?@127.0.0.1:PORT/",
    "http://example.com:PORT#127.0.0.1",
    "http://example.com;@127.0.0.1:PORT/",
    "http://127.0.0.1:PORT:80/",
    "http://127.0.0.1:0PORT/",
    "http://127.0.0.1:+PORT/",
    "http://127.0.0.1:/",
    "http://127.0.0.1:0/",
    "http://127.0.0.1:99999/",
    "//127.0.0.1:PORT/",
    "127.0.0.1:PORT",
    "/127.0.0.1:PORT",
    "",
    "http://",
    "https://127.0.0.1:PORT/",
    "ftp://127.0.0.1:PORT/",
    "ws://127.0.0.1:PORT/",
    "gopher://127.0.0.1:PORT/_x",
    "dict://127.0.0.1:PORT/",
    "ldap://127.0.0.1:PORT/",
    "file:///etc/passwd",
    "file://127.0.0.1/etc/passwd",
    "data:text/plain,x",
    "javascript:alert(1)",
    "jar:http://127.0.0.1:PORT/!/",
    "blob:http://127.0.0.1:PORT/x",
    "view-source:http://127.0.0.1:PORT/",
    "unix:/run/x.sock",
    "http+unix://%2Frun%2Fx.sock/",
];

#[tokio::test]
async fn none_of_them_is_reached() {
    let server = Server::saying("127.0.0.1", 0, "inside").await;
    // The same port in IPv6, where there is any.
    let twin = match std::net::TcpListener::bind(("::1", server.port)) {
        Ok(probe) => {
            drop(probe);
            Some(Server::saying("::1", server.port, "inside").await)
        }
        Err(_) => None,
    };
    let port = server.port.to_string();
    let hosts = HOSTS.iter().map(|host| format!("http://{host}:{port}/"));
    let urls: Vec<String> = hosts
        .chain(WHOLE.iter().map(|url| url.replace("PORT", &port)))
        .collect();
    assert!(urls.len() >= LEAST, "only {}", urls.len());
    for leading in [
        &["127.0.0.1"][..],
        &["::1"],
        &["::ffff:127.0.0.1"],
        &["8.8.8.8", "127.0.0.1"],
    ] {
        let names = Names::leading(&[leading]);
        let client = client(&[], &names);
        for url in &urls {
            let told = get(&client, url).await;
            assert!(is_refused(&told), "{url:?} with {leading:?}: {told:?}");
        }
    }
    assert_eq!(server.seen(), [] as [String; 0]);
    assert!(twin.is_none_or(|twin| twin.seen().is_empty()));
}

/// The listener is there: what keeps the others from it is the guard alone.
#[tokio::test]
async fn all_of_loopback_is_reached_once_it_is_opened() {
    let server = Server::saying("127.0.0.1", 0, "inside").await;
    let names = Names::leading(&[&["127.0.0.1"]]);
    let client = client(&["127.0.0.0/8"], &names);
    for host in [
        "127.0.0.1",
        "127.1",
        "0x7f000001",
        "localhost",
        "１２７.０.０.１",
        "xn--fiqs8s",
        "localhost.",
    ] {
        let told = get(&client, &format!("http://{host}:{}/", server.port)).await;
        assert_eq!(told.as_deref(), Ok("inside"), "{host}");
    }
    assert_eq!(server.seen().len(), 7);
}
