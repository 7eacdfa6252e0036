//! A model behind a program of the user's. In: a question. Out: the sample that it printed.

use super::ask::{Finish, Response, Sample};
use super::estimate;
use super::failure::Failure;
use super::program::Run;
use super::question::Question;
use std::time::Duration;

/// Most bytes of an answer.
const MOST: usize = 4 << 20;

/// Asks a program. Its environment says `KMIGRATE_MAX_TOKENS`, and `KMIGRATE_DRAW`, which counts samples from 0.
pub(crate) async fn ask(shell: &str, question: &Question, timeout: Duration) -> Result<Response, Failure> {
    let variables = vec![
        ("KMIGRATE_MAX_TOKENS", question.parameters.max_tokens.to_string()),
        ("KMIGRATE_DRAW", question.parameters.draw.to_string()),
    ];
    let input = question.plain().into_bytes();
    let bytes = Run { shell, input, variables, most: MOST, timeout }.output().await?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    if text.trim().is_empty() {
        return Err(Failure::Empty);
    }
    let sample = Sample { text, finish: Finish::Whole, mean_log_probability: None };
    Ok(estimate::response(question, vec![sample], None))
}
