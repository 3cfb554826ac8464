//! A directory for tests: OpenLDAP's `slapd`, started from the installed program in a folder of its own, on a port of this
//! machine, as a user that is not root. It must listen on no other address, and know nobody but whom a test names.

use std::{
    fs,
    io::Write as _,
    net::{Ipv4Addr, TcpStream},
    path::{Path, PathBuf},
    process::Stdio,
};

use anyhow::{Context, Result, ensure};

use crate::{
    certificates::Certificates,
    keeper::{self, Keeper, Owner, free_port, last_line, program},
};

/// Where everything is.
pub const SUFFIX: &str = "dc=example,dc=com";

/// Who may look for people, and its password. Nobody else may look at anything.
pub const READER: &str = "cn=reader,dc=example,dc=com";
/// The password of [`READER`].
pub const READER_PASSWORD: &str = "reader-pass-1";

/// Where the server writes which process it is.
const PROCESS: &str = "process";

/// Kinds of entries, as the package brings them.
const SCHEMAS: [&str; 4] = ["core", "cosine", "inetorgperson", "nis"];

/// How Active Directory says that an account is disabled.
const CONTROL: &str = "attributetype ( 1.2.840.113556.1.4.8 NAME 'userAccountControl' \
     EQUALITY integerMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.27 SINGLE-VALUE )
objectclass ( 1.3.6.1.4.1.4203.666.1.1 NAME 'account-control' SUP top AUXILIARY MAY userAccountControl )
";

/// The server. It goes with its value.
pub struct Slapd {
    _keeper: Keeper,
    owner: Owner,
    programs: PathBuf,
    folder: PathBuf,
    certificates: Certificates,
    ports: [u16; 2],
}

impl Slapd {
    /// Starts a server with these entries below [`SUFFIX`], in LDIF.
    ///
    /// # Errors
    /// In one line: what is missing, or what failed.
    pub fn start(entries: &str) -> Result<Slapd> {
        let slapd = found()?;
        let owner = Owner::of_process(&["openldap", "nobody"])?;
        let folder = owner.folder("slapd")?;
        owner.folder_at(folder.join("data"))?;
        let certificates = Certificates::make(&owner)?;
        fs::write(folder.join("slapd.conf"), settings(&folder, &certificates))?;
        let ports = [free_port()?, free_port()?];
        let [plain, encrypted] = ports;
        let mut server = owner.kept(&slapd, &folder, PROCESS);
        server.args(["-d", "0", "-f", "slapd.conf", "-h"]);
        server.arg(format!("ldap://127.0.0.1:{plain}/ ldaps://127.0.0.1:{encrypted}/"));
        let programs = slapd.parent().unwrap_or(Path::new("/")).to_owned();
        change(&owner, &programs.join("slapadd"), &folder, &root())?;
        change(&owner, &programs.join("slapadd"), &folder, entries)?;
        let server = Slapd {
            _keeper: Keeper::start(server, folder.join(PROCESS))?,
            owner,
            programs,
            folder,
            certificates,
            ports,
        };
        server.wait()?;
        Ok(server)
    }

    /// Changes entries, as LDIF says it, while the server runs.
    ///
    /// # Errors
    /// What is said of it.
    pub fn change(&self, changes: &str) -> Result<()> {
        change(&self.owner, &self.programs.join("slapmodify"), &self.folder, changes)
    }

    /// Its address, not encrypted from its first byte.
    #[must_use]
    pub fn url(&self) -> String {
        format!("ldap://localhost:{}", self.ports[0])
    }

    /// Its address, encrypted from its first byte.
    #[must_use]
    pub fn encrypted_url(&self) -> String {
        format!("ldaps://localhost:{}", self.ports[1])
    }

    /// The certificate of the authority behind its own, in PEM.
    #[must_use]
    pub fn authority(&self) -> &str {
        &self.certificates.authority
    }

    fn wait(&self) -> Result<()> {
        keeper::answers("slapd", || {
            let connected = TcpStream::connect((Ipv4Addr::LOCALHOST, self.ports[0])).map(drop);
            connected.with_context(|| {
                let log = fs::read_to_string(self.folder.join("log")).unwrap_or_default();
                log.lines().last().unwrap_or_default().to_owned()
            })
        })
    }
}

/// The program; on Debian and Ubuntu root installs it where it is missing.
fn found() -> Result<PathBuf> {
    program("slapd", "slapd").context("OpenLDAP is missing: install the package slapd")
}

/// How it is set up: who searches is the reader alone, and everybody may show a password.
fn settings(folder: &Path, certificates: &Certificates) -> String {
    let includes: String = SCHEMAS
        .iter()
        .map(|name| format!("include /etc/ldap/schema/{name}.schema\n"))
        .collect();
    format!(
        "{includes}{CONTROL}
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile {process}
TLSCertificateFile {certificate}
TLSCertificateKeyFile {key}
sizelimit 2000
database mdb
suffix {SUFFIX}
directory {data}
maxsize 16777216
index objectClass eq
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact={READER} read by * auth
",
        process = folder.join(PROCESS).display(),
        certificate = certificates.certificate().display(),
        key = certificates.key().display(),
        data = folder.join("data").display(),
    )
}

/// What every directory of tests has.
fn root() -> String {
    format!(
        "dn: {SUFFIX}
objectClass: dcObject
objectClass: organization
dc: example
o: Example

dn: {READER}
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: reader
userPassword: {READER_PASSWORD}

dn: ou=people,{SUFFIX}
objectClass: organizationalUnit
ou: people

dn: ou=groups,{SUFFIX}
objectClass: organizationalUnit
ou: groups
"
    )
}

/// Gives LDIF to a program of the package.
fn change(owner: &Owner, program: &Path, folder: &Path, text: &str) -> Result<()> {
    let mut command = owner.command(program, folder);
    command.args(["-f", "slapd.conf", "-q"]);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    let mut running = command
        .spawn()
        .with_context(|| format!("running {}", program.display()))?;
    if let Some(mut input) = running.stdin.take() {
        input.write_all(text.as_bytes())?;
    }
    let ended = running.wait_with_output()?;
    ensure!(
        ended.status.success(),
        "{} failed: {}",
        program.display(),
        last_line(&ended)
    );
    Ok(())
}
