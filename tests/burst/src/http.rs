//! HTTP/1.1 by hand: requests are made before the clock starts, and answers cost the load's core next to nothing.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::seed::Failure;

#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub retry_after_s: Option<u64>,
    /// By its own words.
    pub server_ms: Option<f64>,
    pub body: Vec<u8>,
    /// Head and body.
    pub bytes: usize,
}

pub fn request(method: &str, path: &str, bearer: Option<&str>, content_type: &str, body: &[u8]) -> Vec<u8> {
    let bearer = bearer.map_or_else(String::new, |token| format!("authorization: Bearer {token}\r\n"));
    let head = format!(
        "{method} {path} HTTP/1.1\r\nhost: head-office\r\n{bearer}content-type: {content_type}\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

/// A connection that is opened when it is first needed, and again after the server has closed it.
pub struct Connection {
    address: SocketAddr,
    stream: Option<TcpStream>,
    buffer: Vec<u8>,
}

impl Connection {
    pub fn to(address: SocketAddr) -> Self {
        Self { address, stream: None, buffer: Vec::new() }
    }

    pub async fn call(&mut self, request: &[u8]) -> Result<Answer, Failure> {
        let stream = match &mut self.stream {
            Some(stream) => stream,
            none => none.insert(TcpStream::connect(self.address).await?),
        };
        stream.set_nodelay(true)?;
        stream.write_all(request).await?;
        self.buffer.clear();
        let head = loop {
            if let Some(at) = self.buffer.windows(4).position(|four| four == b"\r\n\r\n") {
                break at + 4;
            }
            read_more(stream, &mut self.buffer).await?;
        };
        let text = std::str::from_utf8(&self.buffer[..head])?;
        let status = text.split(' ').nth(1).ok_or("no status")?.parse()?;
        let header = |name: &str| {
            let mut fields = text.lines().filter_map(|line| line.split_once(": "));
            fields.find(|(field, _)| field.eq_ignore_ascii_case(name)).map(|(_, value)| value)
        };
        let length: Option<usize> = header("content-length").map(str::parse).transpose()?;
        let retry_after_s = header("retry-after").and_then(|value| value.parse().ok());
        let server_ms = header("server-timing").and_then(|value| value.split_once("dur=")?.1.parse().ok());
        let close = header("connection").is_some_and(|value| value == "close");
        let body = match length {
            Some(length) => {
                while self.buffer.len() < head + length {
                    read_more(stream, &mut self.buffer).await?;
                }
                self.buffer[head..head + length].to_vec()
            }
            None => in_chunks(stream, self.buffer.split_off(head)).await?,
        };
        if close {
            self.stream = None;
        }
        Ok(Answer { status, retry_after_s, server_ms, bytes: head + body.len(), body })
    }
}

/// A body whose length nobody knew when it began: chunks, each after its length in hexadecimal, up to an empty one.
async fn in_chunks(stream: &mut TcpStream, mut buffer: Vec<u8>) -> Result<Vec<u8>, Failure> {
    let (mut body, mut at) = (Vec::new(), 0);
    loop {
        let Some(line) = buffer[at..].windows(2).position(|two| two == b"\r\n") else {
            read_more(stream, &mut buffer).await?;
            continue;
        };
        let length = usize::from_str_radix(std::str::from_utf8(&buffer[at..at + line])?, 16)?;
        let from = at + line + 2;
        while buffer.len() < from + length + 2 {
            read_more(stream, &mut buffer).await?;
        }
        if length == 0 {
            return Ok(body);
        }
        body.extend_from_slice(&buffer[from..from + length]);
        at = from + length + 2;
    }
}

async fn read_more(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Result<(), Failure> {
    match stream.read_buf(buffer).await? {
        0 => Err("the server closed the connection".into()),
        _ => Ok(()),
    }
}
