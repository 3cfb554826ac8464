//! Requests that the server is made to send (GHSA-j5h6-vqc3-phqh, GHSA-wv3h-5fx7-966h, GHSA-68g8-c275-xf2m,
//! GHSA-8p72-rcq4-h6pw, GHSA-j3rg-3rgm-537h, CVE-2022-23080): the one client by which it asks, against listeners on
//! this machine. The whole table of spellings is in the tests of the client itself.

use std::{
    io::{self, ErrorKind, Read as _, Write as _},
    net::{IpAddr, TcpListener},
    sync::{Arc, Mutex},
    thread,
};

use aedile_egress::{AllowList, Client, Error, Guard, Method, Request, Resolve};
use aedile_engine::access::ip::IpList;

/// Leads names to one address after the other.
struct Names(Mutex<Vec<&'static str>>);

impl Resolve for Names {
    fn resolve<'a>(
        &'a self,
        _: &'a str,
    ) -> std::pin::Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send + 'a>> {
        let ip = self.0.lock().unwrap().remove(0).parse().unwrap();
        Box::pin(async move { Ok(vec![ip]) })
    }
}

fn client(allow: &[&str], names: &[&'static str]) -> Client {
    let allow = AllowList::parse(allow.iter().copied()).unwrap();
    let names = Arc::new(Names(Mutex::new(names.to_vec())));
    Client::with(Guard::new(allow, IpList::nowhere()), names, None).unwrap()
}

fn ask(client: &Client, url: &str) -> Result<u16, Error> {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let request = Request::new(Method::GET, url)?;
    runtime.block_on(async { client.send(request).await.map(|answer| answer.status.as_u16()) })
}

fn listener(ip: &str, port: u16) -> (TcpListener, u16) {
    let listener = TcpListener::bind((ip, port)).unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, port)
}

/// Nobody came.
#[track_caller]
fn untouched(listener: &TcpListener) {
    let came = listener.accept();
    assert!(came.is_err_and(|error| error.kind() == ErrorKind::WouldBlock));
}

#[track_caller]
fn refused(hosts: &[&str]) {
    let (inside, port) = listener("127.0.0.1", 0);
    let client = client(&[], &[]);
    for host in hosts {
        let told = ask(&client, &format!("http://{host}:{port}/"));
        assert!(matches!(told, Err(Error::Refused { .. })), "{host}: {told:?}");
    }
    untouched(&inside);
}

#[test]
fn class_ss_ghsa_j5h6_vqc3_phqh_nothing_is_not_this_machine() {
    refused(&["0.0.0.0", "0", "[::]", "0x0", "0.0.0.1"]);
}

#[test]
fn class_ss_ghsa_wv3h_5fx7_966h_ipv4_in_ipv6_is_judged() {
    refused(&[
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::ffff:169.254.169.254]",
        "[::127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
    ]);
}

#[test]
fn class_ss_ghsa_68g8_c275_xf2m_all_of_loopback_is_loopback() {
    refused(&["127.0.0.2", "127.1.2.3", "127.255.255.254", "127.1", "2130706434"]);
}

#[test]
fn class_ss_cve_2022_23080_no_port_inside_is_reached() {
    refused(&[
        "127.0.0.1",
        "10.0.0.1",
        "192.168.0.1",
        "172.16.0.1",
        "[fd00::1]",
        "169.254.169.254",
    ]);
}

/// The outside is 127.0.0.2 here, which the list opens.
#[test]
fn class_ss_ghsa_8p72_rcq4_h6pw_a_redirect_is_judged() {
    let (inside, port) = listener("127.0.0.1", 0);
    let (outside, door) = listener("127.0.0.2", 0);
    outside.set_nonblocking(false).unwrap();
    let led = thread::spawn(move || {
        let (mut stream, _) = outside.accept().unwrap();
        assert!(stream.read(&mut [0; 1024]).unwrap() > 0);
        write!(
            stream,
            "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:{port}/\r\nContent-Length: 0\r\n\r\n"
        )
        .unwrap();
    });
    let told = ask(&client(&["127.0.0.2"], &[]), &format!("http://127.0.0.2:{door}/"));
    assert!(matches!(told, Err(Error::Refused { .. })), "{told:?}");
    led.join().unwrap();
    untouched(&inside);
}

/// What a name leads to is asked for once: the address that was judged is the one that is asked.
#[test]
fn class_ss_ghsa_j3rg_3rgm_537h_a_name_cannot_change_its_mind() {
    let (outside, port) = listener("127.0.0.2", 0);
    let (inside, _) = listener("127.0.0.1", port);
    outside.set_nonblocking(false).unwrap();
    let answered = thread::spawn(move || {
        let (mut stream, _) = outside.accept().unwrap();
        assert!(stream.read(&mut [0; 1024]).unwrap() > 0);
        write!(stream, "HTTP/1.1 204 Fine\r\n\r\n").unwrap();
    });
    let client = client(&["127.0.0.2"], &["127.0.0.2", "127.0.0.1"]);
    let url = format!("http://rebinding.example:{port}/");
    assert_eq!(ask(&client, &url), Ok(204));
    answered.join().unwrap();
    assert!(matches!(ask(&client, &url), Err(Error::Refused { .. })));
    untouched(&inside);
}
