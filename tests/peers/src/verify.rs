//! What survived: an empty client asks the restarted server for every document that the killed one acknowledged.

use std::collections::HashMap;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;
use clap::Args;
use futures::future::join_all;
use samod::{ConnectionId, Repo};
use serde::{Deserialize, Serialize};
use tokio::time::timeout;

use crate::client::{connect, holds};
use crate::data::{self, Doc};
use crate::load::Acknowledged;

/// A server that lacks a document says so at once; a peer that says nothing for so long has lost it.
const PATIENCE: Duration = Duration::from_secs(20);

#[derive(Args)]
pub struct Options {
    /// The derived devices
    #[arg(long)]
    devices: PathBuf,
    #[arg(long)]
    port: u16,
    /// What the load was told
    #[arg(long)]
    acknowledged: PathBuf,
}

#[derive(Serialize, Deserialize)]
pub struct Verdict {
    pub lost: usize,
}

pub async fn verify(options: &Options) -> Result<()> {
    let mut places: HashMap<u32, Vec<usize>> = HashMap::new();
    for (device, place) in serde_json::from_slice::<Vec<Acknowledged>>(&fs::read(&options.acknowledged)?)? {
        places.entry(device).or_default().push(place);
    }
    let mut wanted = Vec::new();
    data::each(&options.devices, |device| {
        let places = places.remove(&device.n).unwrap_or_default();
        let docs = device.docs.into_iter().enumerate().filter(|(place, _)| places.contains(place)).map(|(_, doc)| doc);
        wanted.push((device.n, docs.collect::<Vec<_>>()));
        Ok(())
    })?;
    let mut lost = 0;
    for (device, docs) in wanted.iter().filter(|(_, docs)| !docs.is_empty()) {
        let repo = Repo::build_tokio().with_peer_id("verifier".into()).load().await;
        let connection = connect(&repo, options.port, *device, Default::default()).await?;
        let kept = join_all(docs.iter().map(|doc| is_whole(&repo, connection, doc))).await;
        lost += kept.into_iter().collect::<Result<Vec<_>>>()?.iter().filter(|whole| !**whole).count();
        repo.stop().await;
    }
    println!("{}", serde_json::to_string(&Verdict { lost })?);
    Ok(())
}

async fn is_whole(repo: &Repo, connection: ConnectionId, doc: &Doc) -> Result<bool> {
    let Ok(found) = timeout(PATIENCE, repo.find(doc.id()?)).await else { return Ok(false) };
    let Some(document) = found? else { return Ok(false) };
    // A document is found with the first of its changes; the others may be on their way.
    if !holds(&document, &doc.dev) {
        drop(timeout(PATIENCE, document.we_have_their_changes(connection)).await);
    }
    Ok(holds(&document, &doc.dev))
}
