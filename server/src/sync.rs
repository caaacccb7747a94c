//! One sync: a signed request in, an answer out. Nothing of it is kept between requests but what is in the store.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::civil::Date;
use shared::ids::{DocumentId, PersonId, Scope};
use shared::limits;
use shared::problem::Code;
use shared::wire::{
    Acknowledgement, Cursor, DocumentChanges, DocumentHeads, EnvelopeFault, FilingVerdict, Grant, PROTOCOL, Reason, SYNC_AUDIENCE,
    SyncAnswer, SyncRequest, Verdict, accepted_digest,
};

use crate::auth::device::{person_of, signed_by};
use crate::directory::Directory;
use crate::error::{ApiError, ApiResult};
use crate::ingest::authorise::{authorise, visible_from};
use crate::ingest::guard;
use crate::progress::Arrival;
use crate::state::{App, SharedApp};
use crate::store::{Appended, Device, Epoch, Incoming, Page, PageQuery, Upload, UploadDocument};

/// Answers a sync request of a device: `token` is its signature, `body` its envelope.
pub async fn answer(app: SharedApp, device: Arc<Device>, token: String, body: impl AsRef<[u8]> + Send + 'static) -> ApiResult<Vec<u8>> {
    let judging = app.clone();
    let (round, upload) = app
        .clone()
        .computing(move || {
            let claims = signed_by(&judging, &device, &token, SYNC_AUDIENCE, body.as_ref())?;
            judged(judging, device, claims.jti, body.as_ref())
        })
        .await?;
    let appended = append(&app, upload).await?;
    app.computing(move || {
        let filed = file(&round)?;
        let answer = compose(round, &appended, filed)?;
        Ok(shared::wire::pack(&answer))
    })
    .await
}

/// Files the changes and the disputes of a request out of a rescue file, by the same rules. It says nothing of the device's clock, nor
/// whether the device has more.
pub fn rescued(app: &SharedApp, device: Arc<Device>, jti: String, body: &[u8]) -> ApiResult<(Appended, Vec<FilingVerdict>)> {
    let (round, upload) = judged(app.clone(), device, jti, body)?;
    let appended = app.store.append(Upload { skew_ms: 0, complete: false, ..upload })?;
    note(app, &appended);
    let filed = file(&round)?;
    Ok((appended, filed))
}

/// Authorship and authorisation: what is to be filed, and where. Whoever calls has checked the signature.
fn judged(app: SharedApp, device: Arc<Device>, jti: String, body: &[u8]) -> ApiResult<(Round, Upload)> {
    let now_ms = app.clock.now_ms();
    let mut request = read_request(body)?;
    check(&device, &request)?;
    let asked = Cursor::read(&request.cursor).ok_or_else(|| ApiError::new(Code::BadCursor))?;
    let directory = app.directory();
    let changes = std::mem::take(&mut request.changes);
    let today = directory.today(now_ms);
    // A revoked device is heard, and told nothing.
    let scopes = if device.revoked_ms.is_some() { Vec::new() } else { directory.grants(&device.person, today) };
    let device_part = device.device.part();
    let round = Round { app, directory, device, device_part, request, asked, scopes, today, now_ms };
    let documents = changes.into_iter().map(|changes| judge(&round, changes)).collect();
    let upload = Upload {
        device: round.device.device.clone(),
        jti,
        received_ms: now_ms,
        skew_ms: round.request.device_time_ms.saturating_sub(now_ms),
        // A device that has not heard of the restore may have more than it thinks.
        complete: round.request.remaining == 0 && round.request.epoch == round.app.epoch(),
        app: round.request.app.clone().filter(|app| app.len() <= limits::ID_BYTES_MAX),
        documents,
    };
    Ok((round, upload))
}

/// Files an upload; when this returns, it is on the disk.
async fn append(app: &SharedApp, upload: Upload) -> ApiResult<Appended> {
    let (sender, receiver) = tokio::sync::oneshot::channel();
    let noting = app.clone();
    let (device, at_ms, complete) = (upload.device.clone(), upload.received_ms, upload.complete);
    let done = move |result: crate::store::Result<Appended>| {
        if let Ok(appended) = &result {
            let changes = appended.verdicts.iter().filter(|(_, verdict, _)| *verdict == Verdict::Durable).count() as u64;
            let routes = appended.moved.keys().filter_map(|scope| if let Scope::Route(route) = scope { Some(route.clone()) } else { None });
            noting.presence.note(Arrival { device, at_ms, complete, changes, routes: routes.collect() });
            note(&noting, appended);
        }
        // The one who asked may be gone: what is filed stays filed.
        drop(sender.send(result));
    };
    // The writer's queue has more places than there are syncs at once: this does not wait.
    app.store.submit(upload, Box::new(done));
    Ok(receiver.await.map_err(|_| App::busy())??)
}

/// One request, and what it is answered from.
struct Round {
    app: SharedApp,
    directory: Arc<Directory>,
    device: Arc<Device>,
    /// What the actors of the device begin with.
    device_part: Option<[u8; 16]>,
    /// Without its changes.
    request: SyncRequest,
    /// Up to where the device says that it has everything.
    asked: Cursor,
    scopes: Vec<Grant>,
    /// In the district.
    today: Date,
    now_ms: i64,
}

impl Round {
    fn holds(&self, scope: &Scope) -> bool {
        self.scopes.iter().any(|grant| grant.scope == *scope)
    }
}

fn read_request(body: &[u8]) -> ApiResult<SyncRequest> {
    let request: SyncRequest = shared::wire::open(body, inflated_max(body.len())).map_err(|fault| match fault {
        EnvelopeFault::TooLarge(_) => ApiError::with(Code::TooLarge, fault),
        fault => ApiError::with(Code::BadEnvelope, fault),
    })?;
    if request.protocol != PROTOCOL {
        return Err(ApiError::with(Code::BadProtocol, format!("protocol {}, this server speaks {PROTOCOL}", request.protocol)));
    }
    let changes: usize = request.changes.iter().map(|document| document.chunks.len()).sum();
    for (what, found, bound) in [
        ("documents", request.changes.len().max(request.heads.len()), limits::SYNC_DOCUMENTS_MAX),
        ("changes", changes, limits::SYNC_CHANGES_MAX),
        ("filings", request.filings.len(), limits::SYNC_FILINGS_MAX),
    ] {
        if found > bound {
            return Err(ApiError::with(Code::TooLarge, format!("{found} {what} in one request, at most {bound}")));
        }
    }
    Ok(request)
}

/// Bytes that a request of a size may have when inflated: a small one can't fill the memory.
fn inflated_max(bytes: usize) -> usize {
    bytes.saturating_mul(limits::SYNC_INFLATION_MAX).clamp(limits::SYNC_INFLATED_LEAST, limits::SYNC_INFLATED_MAX)
}

fn check(device: &Device, request: &SyncRequest) -> ApiResult<()> {
    if request.device != device.device || Some(request.actor.device_part()) != device.device.part() {
        return Err(ApiError::with(Code::BadSignature, "the request is about another device than the one that signed it"));
    }
    Ok(())
}

/// Guard, author, authorise: what each change is, and where it may be filed.
fn judge(round: &Round, changes: DocumentChanges) -> UploadDocument {
    let document = changes.document.parse::<DocumentId>();
    let incoming = changes.chunks.into_iter().map(|chunk| {
        let bytes = Vec::from(chunk);
        let Ok(document) = &document else {
            return Incoming::Unreadable { hash: guard::fingerprint(&bytes), reason: Reason::BadDocument, bytes };
        };
        match guard::check_brought(&bytes, document, &round.app.office.device_part()) {
            Err((reason, hash)) => Incoming::Unreadable { hash, reason, bytes },
            Ok((change, names)) => {
                let author = author(round, &change);
                let relayed = matches!(author, Ok(Author::Office | Author::Relayed(_)));
                let directory = &round.directory;
                let allowed = author.and_then(|author| match author {
                    Author::Office => directory.scope_of(document, round.today).ok_or(Reason::NotAssigned),
                    // A visit is worth points to whoever it says that made it.
                    Author::Signer(person) | Author::Relayed(person)
                        if !names.only(&person, &change.actor.device(), |device| person_of(&round.app, device)) =>
                    {
                        Err(Reason::ForeignVisit)
                    }
                    Author::Signer(person) | Author::Relayed(person) => {
                        authorise(&directory.reference, &directory.shops, &directory.zone, &person, document, change.at_ms, round.today)
                    }
                });
                // Another's work is relayed only by who holds its route, too.
                let allowed = allowed.and_then(|scope| match relayed && !round.holds(&scope) {
                    true => Err(Reason::ForeignActor),
                    false => Ok(scope),
                });
                Incoming::Checked { change, allowed, relayed }
            }
        }
    });
    UploadDocument { changes: incoming.collect(), document: bounded(changes.document) }
}

/// A crooked document name is kept, but not at any length.
fn bounded(document: String) -> String {
    if document.len() <= 256 { document } else { document.chars().take(64).collect() }
}

/// Who wrote a change.
enum Author {
    /// The device that sends it is this person's.
    Signer(PersonId),
    /// Another device's person: it is relayed, which is allowed after a restore, for what was written before it.
    Relayed(PersonId),
    /// Head office itself, before a restore: relayed, too.
    Office,
}

fn author(round: &Round, change: &crate::ingest::CheckedChange) -> Result<Author, Reason> {
    let (app, signer, now_ms) = (&round.app, &round.device, round.now_ms);
    if signer.revoked_ms.is_some() {
        return Err(Reason::DeviceRevoked);
    }
    if change.actor == shared::doc::GENESIS_ACTOR {
        return Err(Reason::GenesisActor);
    }
    if Some(change.actor.device_part()) == round.device_part {
        return Ok(Author::Signer(signer.person.clone()));
    }
    let author = change.actor.device();
    let restored = app.epochs().iter().skip(1).next_back();
    let relays = restored.is_some_and(|epoch| change.at_ms <= epoch.began_ms && now_ms - epoch.began_ms <= limits::RELAY_DAYS * 86_400_000);
    if relays && change.actor.device_part() == app.office.device_part() {
        return Ok(Author::Office);
    }
    match app.store.signer(&author) {
        Ok(Some(known)) if relays => Ok(Author::Relayed(known.person.clone())),
        _ => Err(Reason::ForeignActor),
    }
}

fn note(app: &App, appended: &Appended) {
    for (_, verdict, _) in &appended.verdicts {
        let counter = match verdict {
            Verdict::Durable => &app.metrics.changes_durable,
            Verdict::Duplicate => &app.metrics.changes_duplicate,
            Verdict::Waiting => &app.metrics.changes_waiting,
            Verdict::Quarantined | Verdict::Rejected => &app.metrics.changes_quarantined,
        };
        counter.add(1);
    }
    app.poke(&appended.moved);
    if !appended.moved.is_empty() {
        app.wake.ring();
    }
}

/// Takes the person's disputes in; each is judged by itself, and a refused one says why.
fn file(round: &Round) -> ApiResult<Vec<FilingVerdict>> {
    let Round { app, device, request, .. } = round;
    let mut out = Vec::with_capacity(request.filings.len());
    for filing in &request.filings {
        // A revoked device is heard: staff see who it says has filed it, and by what.
        let by = match device.revoked_ms {
            Some(_) => format!("{} by the revoked device {}", device.person, device.device),
            None => device.person.to_string(),
        };
        let about = match filing.dispute.person == device.person {
            true => crate::months::disputes::file(app, &filing.id, &filing.dispute, &by),
            false => Err(ApiError::with(Code::Forbidden, "it is about another person")),
        };
        let refused = match about {
            Ok(()) => None,
            // What is ours to mend is tried again.
            Err(error) if error.code.status() >= 500 => return Err(error),
            Err(error) => Some(error.detail.unwrap_or_else(|| error.code.sentence(false).into())),
        };
        out.push(FilingVerdict { id: filing.id.clone(), refused });
    }
    Ok(out)
}

fn compose(mut round: Round, appended: &Appended, filed: Vec<FilingVerdict>) -> ApiResult<SyncAnswer> {
    let asked = std::mem::take(&mut round.asked);
    let Round { app, device, request, now_ms, .. } = &round;
    let restored = request.epoch != 0 && request.epoch != app.epoch();
    let cursor = if restored { lowered(asked, request.epoch, app.epochs()) } else { asked };
    let left = cursor.scopes.keys().filter(|scope| !round.holds(scope)).cloned().collect();
    let page = page(&round, cursor)?;
    let accepted = appended.verdicts.iter().filter(|(_, verdict, _)| matches!(verdict, Verdict::Durable | Verdict::Duplicate));
    let digest = accepted_digest(accepted.map(|(hash, ..)| hash));
    let verdicts: Vec<_> = appended.verdicts.iter().map(|(_, verdict, reason)| (*verdict, *reason)).collect();
    Ok(SyncAnswer {
        epoch: app.epoch(),
        acknowledgement: Acknowledgement::of(&verdicts, digest),
        settled: page.settled,
        documents: page.documents,
        reference: page.reference,
        wanted: wanted(&round)?,
        left,
        cursor: page.cursor.to_bytes(),
        more: page.more,
        fresh_generation: verdicts.iter().any(|(_, reason)| *reason == Some(Reason::ActorConflict)),
        server_time_ms: *now_ms,
        complete_up_to_ms: complete_up_to(&app.store.devices_of(&device.person)?),
        access_token: if device.revoked_ms.is_some() {
            String::new()
        } else {
            app.keys.access_token(&device.person, &device.device, *now_ms)?
        },
        restored,
        filed,
        scopes: round.scopes,
    })
}

fn page(round: &Round, cursor: Cursor) -> ApiResult<Page> {
    let query = PageQuery {
        device: round.device.device.clone(),
        actor: round.request.actor,
        scopes: round.scopes.iter().map(|grant| grant.scope.clone()).collect(),
        cursor,
        visible_from: visible_from(round.today),
        max_bytes: round.request.max_bytes.min(limits::ANSWER_BYTES) as usize,
    };
    Ok(round.app.store.page(&query)?)
}

/// A cursor of an older epoch, lowered to where each scope stood when the epochs since then began.
fn lowered(cursor: Cursor, epoch: u64, epochs: &[Epoch]) -> Cursor {
    let later = || epochs.iter().filter(|later| later.epoch > epoch);
    // An epoch that this server never had: what the device has says nothing here.
    if !epochs.iter().any(|known| known.epoch == epoch) {
        return Cursor::default();
    }
    let lowest = |scope: &Scope| later().map(|later| later.positions.get(scope).copied().unwrap_or(0)).min().unwrap_or(0);
    let scopes: BTreeMap<Scope, u64> = cursor.scopes.into_iter().map(|(scope, at)| (scope.clone(), at.min(lowest(&scope)))).collect();
    // Verdicts are numbered anew after a restore; told twice, they do nothing.
    Cursor { scopes, settled: 0 }
}

/// Documents whose heads, as the device has them, are not all here. A restored head office may have lost the very assignment
/// that a document was written by: it is asked for all the same, and held back until an assignment allows it. How far it is
/// here is told only to who holds it.
fn wanted(round: &Round) -> ApiResult<Vec<DocumentHeads>> {
    let (app, directory) = (&round.app, &round.directory);
    let (mut out, mut seen) = (Vec::new(), BTreeSet::new());
    for offered in &round.request.heads {
        let Ok(document) = offered.document.parse::<DocumentId>() else { continue };
        let scope = match &document {
            DocumentId::Day { route, .. } => Some(Scope::Route(route.clone())),
            DocumentId::Shop { retailer, .. } => directory.shops.shop_scope(retailer.as_str(), round.today),
            DocumentId::Goals { person, .. } => Some(Scope::Person(person.clone())),
        };
        // Nothing is looked up twice.
        if offered.heads.len() > limits::CHANGE_DEPENDENCIES_MAX || !seen.insert(document.clone()) {
            continue;
        }
        if app.store.lacks(&document, &offered.heads)? {
            let heads = match scope.is_some_and(|scope| round.holds(&scope)) {
                true => app.store.heads(std::slice::from_ref(&document))?.pop().flatten().unwrap_or_default(),
                false => Vec::new(),
            };
            out.push(DocumentHeads { document: offered.document.clone(), heads });
        }
    }
    Ok(out)
}

/// Until when head office has all work of all of a person's devices: the oldest of their last complete syncs. Revoked
/// devices don't count. None: a device has never been complete, or there is none.
pub fn complete_up_to(devices: &[Device]) -> Option<i64> {
    let active: Vec<_> = devices.iter().filter(|device| device.revoked_ms.is_none()).collect();
    active.iter().map(|device| device.complete_ms).min().flatten()
}
