//! HTTPS by the server itself: `roundsman serve --tls-cert … --tls-key …`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use client_core::device::Enrolment;
use client_core::transport::{Http, Response, Transport, TransportFault};
use client_core::{Device, System};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use tests::office::fushan;
use tests::program::{ServeProcess, run, text};
use ureq::Agent;
use ureq::tls::{Certificate, RootCerts, TlsConfig};

/// A certificate for this machine that is signed by itself, with its key, as files.
struct Identity {
    chain: PathBuf,
    key: PathBuf,
    pem: String,
}

fn identity(folder: &Path, name: &str) -> Identity {
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(["127.0.0.1".to_string()]).unwrap();
    let (chain, key) = (folder.join(format!("{name}.pem")), folder.join(format!("{name}-key.pem")));
    std::fs::write(&chain, cert.pem()).unwrap();
    std::fs::write(&key, signing_key.serialize_pem()).unwrap();
    Identity { chain, key, pem: cert.pem() }
}

/// A phone's line that trusts one certificate and no other.
struct Trusting {
    agent: Agent,
    url: String,
}

impl Trusting {
    fn new(url: &str, identity: &Identity) -> Self {
        let root = Certificate::from_pem(identity.pem.as_bytes()).unwrap();
        let tls = TlsConfig::builder().root_certs(RootCerts::Specific(Arc::new(vec![root]))).build();
        let config = Agent::config_builder().tls_config(tls).http_status_as_error(false).build();
        Self { agent: config.into(), url: url.to_string() }
    }
}

impl Transport for Trusting {
    fn post(&self, path: &str, bearer: Option<&str>, content_type: &str, body: &[u8]) -> Result<Response, TransportFault> {
        let mut request = self.agent.post(format!("{}{path}", self.url)).header("content-type", content_type);
        if let Some(bearer) = bearer {
            request = request.header("authorization", format!("Bearer {bearer}"));
        }
        let mut answer = request.send(body).map_err(|fault| TransportFault(fault.to_string()))?;
        let body = answer.body_mut().with_config().limit(64 << 20).read_to_vec().map_err(|fault| TransportFault(fault.to_string()))?;
        Ok(Response { status: answer.status().as_u16(), body, retry_after_s: None })
    }
}

fn roundsman(data: &Path, arguments: &[&str]) -> String {
    let output = run("roundsman", &[&["--data", data.to_str().unwrap()], arguments].concat());
    assert!(output.status.success(), "{}", text(&output.stderr));
    text(&output.stdout)
}

#[test]
fn a_device_enrols_and_syncs_over_https_and_trusts_nobody_else() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    roundsman(&data, &["import", fushan().to_str().unwrap()]);
    let code = roundsman(&data, &["enrol", "--person", "m05"]).trim().rsplit(',').next().unwrap().to_string();
    let (ours, others) = (identity(folder.path(), "ours"), identity(folder.path(), "others"));
    let files = ["--tls-cert", ours.chain.to_str().unwrap(), "--tls-key", ours.key.to_str().unwrap()];
    let server = ServeProcess::start_with(&data, &files);
    assert!(server.url.starts_with("https://127.0.0.1:"), "{}", server.url);

    let mut device = Device::open(&folder.path().join("device.db"), System).unwrap();
    let enrolment = Enrolment { server: &server.url, code: &code, name: "phone" };
    device.enrol(&Trusting::new(&server.url, &others), &enrolment).expect_err("it is another's certificate");
    device.enrol(&Http::new(&server.url.replace("https", "http")), &enrolment).expect_err("it speaks TLS alone");

    let line = Trusting::new(&server.url, &ours);
    let enrolled = device.enrol(&line, &enrolment).unwrap();
    assert_eq!(enrolled.person.as_str(), "m05");
    let synced = device.sync(&line).unwrap();
    assert!(synced.rows > 0, "the district has come");
}

#[test]
fn a_session_over_our_own_tls_is_for_tls_alone() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    roundsman(&data, &["import", fushan().to_str().unwrap()]);
    let password = roundsman(&data, &["password", "--login", "a01"]);
    let password = password.split_whitespace().last().unwrap();
    let ours = identity(folder.path(), "ours");
    let files = ["--tls-cert", ours.chain.to_str().unwrap(), "--tls-key", ours.key.to_str().unwrap()];
    let server = ServeProcess::start_with(&data, &files);
    let line = Trusting::new(&server.url, &ours);
    let body = serde_json::json!({ "login": "a01", "password": password, "cookie": true });
    let request = line.agent.post(format!("{}/v1/sessions", server.url)).header("content-type", "application/json");
    let answer = request.send(body.to_string()).unwrap();
    let cookie = answer.headers().get("set-cookie").expect("it asked for one").to_str().unwrap();
    assert!(cookie.ends_with("; Secure"), "{cookie}");
}

#[test]
fn files_that_do_not_fit_are_refused_in_one_sentence_before_anything_is_opened() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let (ours, others) = (identity(folder.path(), "ours"), identity(folder.path(), "others"));
    let neither = folder.path().join("neither.pem");
    std::fs::write(&neither, "no PEM at all\n").unwrap();
    let nowhere = folder.path().join("nowhere.pem");
    let name = |path: &Path| path.to_string_lossy().into_owned();
    let not_its_key = format!("{} is not the key of the first certificate in {}", name(&others.key), name(&ours.chain));
    for (chain, key, says) in [
        (&ours.chain, &others.key, not_its_key),
        (&ours.chain, &neither, format!("{} holds no private key in PEM", name(&neither))),
        (&neither, &ours.key, format!("{} holds no certificate in PEM", name(&neither))),
        (&ours.chain, &nowhere, format!("{}: No such file or directory", name(&nowhere))),
    ] {
        let arguments =
            ["--data", data.to_str().unwrap(), "serve", "--tls-cert", chain.to_str().unwrap(), "--tls-key", key.to_str().unwrap()];
        let output = run("roundsman", &arguments);
        let said = text(&output.stderr);
        assert!(!output.status.success() && said.contains(&says), "{says}: {said}");
        assert_eq!(said.trim_end().lines().count(), 1, "{said}");
        assert!(!data.exists(), "nothing was begun");
    }
}

#[test]
fn half_of_certificate_and_key_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let ours = identity(folder.path(), "ours");
    let data = folder.path().join("data");
    for (given, path, missing) in [("--tls-cert", &ours.chain, "--tls-key"), ("--tls-key", &ours.key, "--tls-cert")] {
        let output = run("roundsman", &["--data", data.to_str().unwrap(), "serve", given, path.to_str().unwrap()]);
        assert_eq!(output.status.code(), Some(2));
        assert!(text(&output.stderr).contains(missing), "{}", text(&output.stderr));
    }
}
