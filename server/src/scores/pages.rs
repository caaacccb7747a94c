//! A month's scores as JSON in pieces, each made when it is asked for: how much memory an answer takes does not follow how
//! many managers there are, nor how slowly it is read.

use shared::limits;
use shared::time::Month;

use super::kept::Kept;
use super::{Asked, Known, answer, of_all, published};
use crate::error::{ApiError, ApiResult};
use crate::state::App;

/// Put together, what [`super::answer`] says.
pub type Pages = Box<dyn Iterator<Item = ApiResult<Vec<u8>>> + Send>;

pub fn pages(app: &App, month: Month, asked: &Asked) -> ApiResult<Pages> {
    let whole = match &asked.person {
        Some(_) => Some(answer(app, month, asked)?),
        None => published(app, month, asked)?,
    };
    if let Some(json) = whole {
        return Ok(Box::new(std::iter::once(Ok(json.into_bytes()))));
    }
    let known = Known::read(app)?;
    let kept = of_all(app, month, asked.as_of)?;
    let frame = serde_json::to_string(&known.publish(kept.frame()?, kept.people())).map_err(ApiError::internal)?;
    // Within a text every quotation mark has a backslash before it: this is the list and nothing else.
    let (before, after) = frame.split_once("\"managers\":[]").ok_or_else(|| ApiError::internal("a score has no list of managers"))?;
    let (before, after) = (format!("{before}\"managers\":[").into_bytes(), format!("]{after}").into_bytes());
    let mut first = true;
    let managers = (0..kept.parts()).step_by(limits::SCORE_MANAGERS).map(move |from| page(&kept, from, &mut first));
    Ok(Box::new(std::iter::once(Ok(before)).chain(managers).chain(std::iter::once(Ok(after)))))
}

/// Some managers' scores, with a comma before each but the very first.
fn page(kept: &Kept, from: usize, first: &mut bool) -> ApiResult<Vec<u8>> {
    let mut out = Vec::new();
    for manager in kept.managers(from, from + limits::SCORE_MANAGERS)? {
        if !std::mem::take(first) {
            out.push(b',');
        }
        serde_json::to_writer(&mut out, &manager).map_err(ApiError::internal)?;
    }
    Ok(out)
}
