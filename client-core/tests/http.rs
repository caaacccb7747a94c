//! The HTTP transport against a socket: what it sends, and that it neither judges answers nor follows them elsewhere.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::thread::JoinHandle;

use client_core::transport::{Http, Response, Transport};

/// Answers one request with `answer`; yields its head and its body.
fn answering(answer: &'static str) -> (String, JoinHandle<(String, Vec<u8>)>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/", listener.local_addr().unwrap());
    let heard = std::thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        let mut reader = BufReader::new(&stream);
        let (mut head, mut line) = (String::new(), String::new());
        while reader.read_line(&mut line).unwrap() > 2 {
            head.push_str(&line.to_ascii_lowercase());
            line.clear();
        }
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).map_or(0, |n| n.trim().parse().unwrap());
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        (&stream).write_all(answer.as_bytes()).unwrap();
        (head, body)
    });
    (address, heard)
}

#[test]
fn a_request_is_signed_and_carries_its_body_as_it_is() {
    let (address, heard) = answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");
    let response = Http::new(&address).post("/v1/sync", Some("a.b.c"), "application/vnd.roundsman.sync", &[0, 255, 10]).unwrap();
    assert_eq!(response, Response { status: 200, body: b"hi".to_vec(), retry_after_s: None });
    let (head, body) = heard.join().unwrap();
    assert!(head.starts_with("post /v1/sync http/1.1"), "{head}");
    assert!(head.contains("authorization: bearer a.b.c") && head.contains("content-type: application/vnd.roundsman.sync"), "{head}");
    assert_eq!(body, [0, 255, 10]);
}

#[test]
fn a_problem_is_an_answer_like_any_other() {
    let (address, _heard) = answering("HTTP/1.1 503 Busy\r\nRetry-After: 12\r\nContent-Length: 0\r\n\r\n");
    let response = Http::new(&address).post("/v1/sync", None, "text/plain", b"").unwrap();
    assert_eq!((response.status, response.retry_after_s), (503, Some(12)));
}

#[test]
fn a_redirect_is_not_followed() {
    let (address, _heard) = answering("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n");
    assert_eq!(Http::new(&address).post("/v1/sync", Some("secret"), "text/plain", b"x").unwrap().status, 302);
}

#[test]
fn nobody_there_is_a_fault() {
    let fault = Http::new("http://127.0.0.1:1").post("/v1/sync", None, "text/plain", b"").unwrap_err();
    assert!(fault.to_string().starts_with("head office can't be reached"), "{fault}");
}
