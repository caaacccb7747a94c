//! Half past five: who is admitted, who is asked to come back, and that nobody's place is taken by another.

use std::io::{Read, Write};
use std::net::TcpStream;

use shared::ids::DocumentId;
use shared::limits;
use shared::wire::{self, Verdict};
use tests::clock::{TestClock, local};
use tests::forge::{ForgedDevice, bytes, changes, diary};
use tests::office::HeadOffice;

const DATE: &str = "2026-08-05";

/// A sync of which the head is sent, and the body is not yet.
struct Slow {
    stream: TcpStream,
    body: Vec<u8>,
}

impl Slow {
    fn begins(office: &HeadOffice, device: &mut ForgedDevice, body: Vec<u8>) -> Self {
        let claims = device.claims(office, &body);
        let address = office.url().replace("http://", "");
        let mut stream = TcpStream::connect(&address).unwrap();
        let head = format!(
            "POST /v1/sync HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
            device.sign(&claims),
            body.len()
        );
        stream.write_all(head.as_bytes()).unwrap();
        Self { stream, body }
    }

    /// The head of the answer, once the body is sent.
    fn ends(mut self) -> String {
        self.stream.write_all(&self.body).unwrap();
        let mut answer = Vec::new();
        self.stream.read_to_end(&mut answer).unwrap();
        String::from_utf8_lossy(&answer).split("\r\n\r\n").next().unwrap_or_default().to_string()
    }
}

fn admitted(office: &HeadOffice, count: usize) {
    while office.app().admission.in_flight() != count {
        std::thread::yield_now();
    }
}

#[test]
fn a_device_that_asks_again_and_again_waits_and_takes_nobody_elses_place() {
    let clock = TestClock::at(DATE, "17:30:00");
    let office = HeadOffice::with_fushan(&clock);
    let mut eager = ForgedDevice::enrolled(&office, "m03", 7);
    let mut other = ForgedDevice::enrolled(&office, "m04", 8);
    let body = |device: &ForgedDevice| wire::pack(&device.request(&office, vec![]));

    let empty = body(&eager);
    let slow: Vec<Slow> = (0..limits::SYNCS_OF_A_DEVICE_MAX).map(|_| Slow::begins(&office, &mut eager, empty.clone())).collect();
    admitted(&office, slow.len());
    let refused = Slow::begins(&office, &mut eager, empty.clone()).ends();
    assert!(refused.starts_with("HTTP/1.1 503"), "{refused}");
    let seconds = refused.lines().find_map(|line| line.strip_prefix("retry-after: ")?.parse::<u32>().ok());
    assert!(seconds.is_some_and(|seconds| (1..=limits::RETRY_AFTER_SECONDS_MAX).contains(&seconds)), "{refused}");
    let theirs = body(&other);
    assert_eq!(other.send(&office, &theirs).status, 200);

    for slow in slow {
        let answer = slow.ends();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }
    admitted(&office, 0);
    assert_eq!(eager.send(&office, &empty).status, 200);
}

#[test]
fn bodies_on_their_way_are_bounded_all_together_and_nothing_of_who_is_sent_away_is_lost() {
    let clock = TestClock::at(DATE, "17:30:00");
    let office = HeadOffice::with_fushan(&clock);
    let full = limits::SYNC_BODIES_BYTES_MAX / limits::REQUEST_BYTES_MAX;
    let mut devices: Vec<_> =
        (0..full.div_ceil(limits::SYNCS_OF_A_DEVICE_MAX) as u8).map(|n| ForgedDevice::enrolled(&office, "m03", 20 + n)).collect();
    // As large as a request may be, and never sent: only their heads count.
    let large = vec![0; limits::REQUEST_BYTES_MAX];
    let slow: Vec<Slow> =
        (0..full).map(|n| Slow::begins(&office, &mut devices[n / limits::SYNCS_OF_A_DEVICE_MAX], large.clone())).collect();
    admitted(&office, full);

    let mut late = ForgedDevice::enrolled(&office, "m03", 7);
    let sheet: DocumentId = format!("day/r030/{DATE}").parse().unwrap();
    let chunks = late.author(&sheet, local(DATE, "12:00:00"), &[diary("rain")]);
    let request = wire::pack(&late.request(&office, vec![changes(&sheet.to_string(), &bytes(&chunks))]));
    assert_eq!(late.send(&office, &request).status, 503);

    drop(slow);
    admitted(&office, 0);
    let answer = late.send(&office, &request).sync();
    assert_eq!(answer.acknowledgement.verdicts(1).unwrap(), [(Verdict::Durable, None)]);
}
