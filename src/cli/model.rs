//! A model, as the user set it up: its door, and the walk that goes through it.
//!
//! The walk asks nobody. It is walked once, what it could not settle is asked all at once, and it is walked again with the answers, until
//! nothing new is asked: an answer to one question may change another one.

use crate::error::{Error, Result};
use crate::git::{Account, Git, Repo, Setting};
use crate::llm::door::{
    Answer as Heard, Ask, Budget, CacheDir, Consent, CredentialRequest, Credentials, Door, Entry, Failure, Finish,
    Message, Model, Role, Scope, Sending, Spent, TYPED,
};
use crate::llm::{self, Ended, Limit, Prompt};
use crate::pick::{self, Asking, Unanswered};
use crate::rebase::{ANSWERS, Rebase};
use crate::report::{self, Bar, Manner};
use clap::Args;
use signal_hook::consts::SIGINT;
use signal_hook::flag;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

/// How often a walk is walked again at most: a hunk's place is asked for four times, the hunk three times, and what depends on it after that.
const ROUNDS: usize = 14;
/// So many files are named of those that a person is asked about.
const PATHS: usize = 20;
/// Bytes of answers that are kept of a repository.
const CACHE: u64 = 256 << 20;

/// Which model, and what it may cost.
#[derive(Clone, Debug, Default, Args)]
pub struct ModelArgs {
    /// Ask this model about what no method settles: a name of your settings (kmigrate.model.NAME.*), command:PROGRAM, or none
    #[arg(long, value_name = "name")]
    pub model: Option<String>,
    /// Spend no more than so many tokens (200k), so much money (2.50), or both (200k,2.50)
    #[arg(long, value_name = "limit")]
    pub budget: Option<String>,
    /// Write each question and its answer here, to be read, and to be replayed
    #[arg(long, value_name = "folder")]
    pub record: Option<PathBuf>,
    /// Take answers from what --record wrote, and ask nobody
    #[arg(long, value_name = "folder", conflicts_with = "record")]
    pub replay: Option<PathBuf>,
}

impl ModelArgs {
    /// Was it said that nobody is asked? Then what was answered before doesn't count either.
    pub fn asks_nobody(&self) -> bool {
        self.model.as_deref() == Some("none")
    }
}

/// A model, the way to it, and what the walk needs to know of it.
pub struct Asker {
    /// The way.
    pub door: Door,
    /// For the walk.
    pub asking: Asking,
    /// What the settings call it; `None` for a program that was typed, which has to be typed again.
    pub name: Option<String>,
}

impl Asker {
    /// As the user set it up; `None` if nobody is asked. `earlier` is the model of the run, where nothing is typed.
    ///
    /// # Errors
    /// A setting is wrong or missing.
    pub fn of(repo: &Repo, typed: &ModelArgs, earlier: Option<&str>) -> Result<Option<Self>> {
        let model = chosen(repo, typed, earlier)?;
        let given = [
            ("--record", typed.record.is_some()),
            ("--replay", typed.replay.is_some()),
            ("--budget", typed.budget.is_some()),
        ];
        if let (None, Some((option, _))) = (&model, given.iter().find(|(_, is_given)| *is_given)) {
            return Err(Error::usage(format!("{option} is about a model, and none is asked"))
                .hint("name one with --model=NAME or kmigrate.model; the man page tells how to set one up"));
        }
        model.map(|model| Self::to(repo, model, typed)).transpose()
    }

    /// The same, with nothing that leaves the machine: what is not known stays open.
    ///
    /// # Errors
    /// A setting is wrong or missing, or there is no model.
    pub fn offline(repo: &Repo, typed: &ModelArgs, earlier: Option<&str>) -> Result<Self> {
        let none = || {
            Error::usage("no model is set up, so there is nobody to ask")
                .hint("name one with --model=NAME or kmigrate.model; the man page tells how to set one up")
        };
        let mut model = chosen(repo, typed, earlier)?.ok_or_else(none)?;
        model.consent = Consent::Never;
        Self::to(repo, model, typed)
    }

    fn to(repo: &Repo, model: Model, typed: &ModelArgs) -> Result<Self> {
        let asking = asking(&model);
        let name = (model.name != TYPED).then(|| model.name.clone());
        Ok(Self { door: door(repo, model, typed)?, asking, name })
    }
}

/// The model of a run; `None` if none is asked. `earlier` is that of the run, where nothing was typed.
fn chosen(repo: &Repo, typed: &ModelArgs, earlier: Option<&str>) -> Result<Option<Model>> {
    let variable = std::env::var("KMIGRATE_MODEL").ok();
    let word = typed.model.as_deref().or(earlier).or(variable.as_deref());
    let scoped = |setting: &Setting| Entry {
        key: setting.key.clone(),
        value: setting.value.clone(),
        scope: Scope::from_git(&setting.scope),
    };
    let entries: Vec<Entry> = repo.settings().iter().map(scoped).collect();
    Model::choose(word, &entries)
}

/// The door to a model, with the answers that this repository has already.
fn door(repo: &Repo, model: Model, typed: &ModelArgs) -> Result<Door> {
    let budget = match typed.budget.as_deref().map(str::to_owned).or_else(|| budget_of(repo)) {
        Some(text) => Budget::parse(&text)?,
        None => Budget::default(),
    };
    let cache = CacheDir { dir: repo.common_dir().join("kmigrate").join(ANSWERS), limit: CACHE };
    let mut door = Door::new(model)?.with_budget(budget)?.with_cache(&cache)?;
    if let Some(place) = &typed.record {
        door = door.recording(place)?;
    }
    if let Some(place) = &typed.replay {
        door = door.replaying(place)?;
    }
    let door = match CtrlC::get() {
        Some(ctrl_c) => door.interrupted_by(Arc::clone(&ctrl_c.pressed)),
        None => door,
    };
    Ok(door.permitted_by(permission).with_credentials(Helpers(repo.git.clone())))
}

/// `kmigrate.budget` of the user's own settings: a repository does not say what may be spent.
fn budget_of(repo: &Repo) -> Option<String> {
    let is_own = |s: &&Setting| s.key == "kmigrate.budget" && Scope::from_git(&s.scope) == Scope::User;
    repo.settings().iter().rev().find(is_own).map(|s| s.value.clone())
}

/// What the walk needs to know of the model.
fn asking(model: &Model) -> Asking {
    let room = model.limits.context.saturating_sub(u64::from(model.sampling.max_tokens));
    let most = usize::try_from(room).unwrap_or(usize::MAX);
    Asking::of(model.id().to_owned(), Limit { tokens: most.min(Limit::default().tokens) })
}

/// What asking came to.
#[derive(Debug, Default)]
pub struct Walked {
    /// Questions that stayed without an answer.
    pub open: Vec<Unanswered>,
    /// Questions that have one.
    pub answered: Vec<Unanswered>,
    /// Why there is none.
    pub silence: Silence,
}

/// What can be done about it, of a model with this name: a program that was typed is in no settings.
fn hint_of(failure: &Failure, model: &str) -> Option<String> {
    let hint = failure.hint()?;
    Some(match (failure, model == TYPED && hint.contains("<name>")) {
        (Failure::Down { .. }, true) => "see whether a shell can start the program".to_owned(),
        (_, true) => format!("{hint}, for which the program needs a name: kmigrate.model.<name>.command"),
        (_, false) => hint.replace("<name>", model),
    })
}

/// Why questions have no answer: each reason with how many there are, and what a person can do about it.
#[derive(Debug, Default)]
pub struct Silence {
    reasons: BTreeMap<String, (usize, Option<String>)>,
    is_interrupted: bool,
}

impl Silence {
    /// Of a model, by its name in the settings.
    pub fn note(&mut self, failure: &Failure, model: &str) {
        self.is_interrupted |= matches!(failure, Failure::Interrupted);
        self.reasons.entry(failure.kind()).or_insert_with(|| (0, hint_of(failure, model))).0 += 1;
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.reasons.values().map(|(count, _)| count).sum()
    }

    /// Did somebody press Ctrl-C?
    pub fn is_interrupted(&self) -> bool {
        self.is_interrupted
    }

    /// Says what asking took, and why there are questions without an answer.
    pub fn tell(&self, (spent, paid): (Spent, Spent)) {
        let known = match spent == paid {
            true => String::new(),
            false => format!(" in all, {paid} of them for what was asked now"),
        };
        report::asked(&format!("{spent}{known}"), self.count());
        self.reasons.iter().for_each(|(why, (count, _))| report::aside(&format!("  {count} of them: {why}")));
        let mut hints: Vec<String> = self.reasons.values().filter_map(|(_, hint)| hint.clone()).collect();
        hints.sort();
        hints.dedup();
        report::advise(&hints);
    }
}

/// Walks until nothing new is asked. The last walk is the one that counts.
///
/// # Errors
/// Those of the walk.
pub fn walk(rebase: &mut Rebase, door: &mut Door, manner: Manner) -> Result<Walked> {
    let mut walked = Walked::default();
    for _ in 0..ROUNDS {
        rebase.by_ref().try_for_each(|outcome| outcome.map(drop))?;
        let questions = rebase.take_unanswered();
        if questions.is_empty() {
            break;
        }
        let answers = answers((door, &mut walked.silence), &questions, manner);
        for (question, heard) in questions.into_iter().zip(answers) {
            rebase.hear(&question.prompt, heard.clone());
            let is_open = matches!(heard, pick::Heard::Nothing(_));
            let side = if is_open { &mut walked.open } else { &mut walked.answered };
            side.push(question);
        }
        if walked.silence.is_interrupted() {
            break;
        }
        rebase.rewind()?;
    }
    walked.answered.extend(rebase.recalled_questions().iter().cloned());
    for side in [&mut walked.open, &mut walked.answered] {
        side.sort_by(|a, b| (a.n, &a.path).cmp(&(b.n, &b.path)));
    }
    Ok(walked)
}

/// Asks all of them, says how far it is, and notes why some have no answer.
pub fn answers(
    (door, silence): (&mut Door, &mut Silence),
    questions: &[Unanswered],
    manner: Manner,
) -> Vec<pick::Heard> {
    let asks: Vec<Ask> = questions.iter().map(ask).collect();
    let bar = Bar::new(manner, asks.len());
    let answers = CtrlC::held(|| door.ask_all(&asks, &mut |_, _| bar.tick()));
    bar.finish();
    let failed = answers.iter().filter_map(|answer| answer.as_ref().err());
    failed.for_each(|failure| silence.note(failure, &door.model().name));
    answers.into_iter().map(heard).collect()
}

/// Asks one question by itself: all samples of the answer.
///
/// # Errors
/// Why there is no answer, in words.
pub fn one(door: &mut Door, prompt: &Prompt) -> llm::Answers {
    each(door, std::slice::from_ref(prompt)).pop().unwrap_or_else(|| Err("nothing came".to_owned()))
}

/// Asks questions together, with MigGPT's temperature for the step of each where the user set none; what came of each.
pub fn each(door: &mut Door, prompts: &[Prompt]) -> Vec<llm::Answers> {
    let is_set = door.model().sampling.temperature.is_some();
    let ask = |prompt: &Prompt| {
        let mut ask = Ask::new(format!("{:?}", prompt.stage), messages(prompt));
        ask.temperature = (!is_set).then(|| prompt.stage.temperature());
        ask
    };
    let asks: Vec<Ask> = prompts.iter().map(ask).collect();
    let answer = |answer| match heard(answer) {
        pick::Heard::Answers(answers) if answers.is_empty() => Err("no sample came".to_owned()),
        pick::Heard::Answers(answers) => Ok(answers),
        pick::Heard::Nothing(why) => Err(why),
    };
    CtrlC::held(|| door.ask_all(&asks, &mut |_, _| {})).into_iter().map(answer).collect()
}

/// A prompt as a server takes it.
fn messages(prompt: &Prompt) -> Vec<Message> {
    let Prompt { system, user, .. } = prompt;
    vec![Message::new(Role::System, system.clone()), Message::new(Role::User, user.clone())]
}

/// Ctrl-C: while a model is asked it ends the asking, so that what came is kept; at any other time it ends the program, as ever.
struct CtrlC {
    pressed: Arc<AtomicBool>,
    /// Nobody is being asked.
    idle: Arc<AtomicBool>,
}

impl CtrlC {
    /// The one of the process; `None` if the system lets nobody listen.
    fn get() -> Option<&'static Self> {
        static THE: OnceLock<Option<CtrlC>> = OnceLock::new();
        let make = || {
            let (pressed, idle) = (Arc::default(), Arc::new(AtomicBool::new(true)));
            flag::register_conditional_default(SIGINT, Arc::clone(&idle)).ok()?;
            flag::register(SIGINT, Arc::clone(&pressed)).ok()?;
            Some(Self { pressed, idle })
        };
        THE.get_or_init(make).as_ref()
    }

    /// Does something that looks for it.
    fn held<T>(work: impl FnOnce() -> T) -> T {
        let Some(ctrl_c) = Self::get() else { return work() };
        ctrl_c.idle.store(false, Ordering::SeqCst);
        let done = work();
        ctrl_c.idle.store(true, Ordering::SeqCst);
        done
    }
}

/// A question as the door takes it.
pub fn ask(question: &Unanswered) -> Ask {
    let Unanswered { n, path, prompt } = question;
    Ask::new(format!("{n}: {path}"), messages(prompt))
}

fn heard(answer: std::result::Result<Heard, Failure>) -> pick::Heard {
    match answer {
        Ok(answer) => {
            let sample = |sample: crate::llm::door::Sample| llm::Answer {
                ended: if sample.finish == Finish::Length { Ended::Cut } else { Ended::Whole },
                text: sample.text,
                mean_log_probability: sample.mean_log_probability,
            };
            pick::Heard::Answers(answer.samples.into_iter().map(sample).collect())
        }
        Err(failure) => pick::Heard::Nothing(failure.to_string()),
    }
}

/// Asks the person before anything leaves the machine; without a terminal nothing does.
fn permission(sending: &Sending) -> bool {
    let labels = sending.labels.iter().take(PATHS).map(|label| format!("  about {label}"));
    let more = sending.labels.len().saturating_sub(PATHS);
    let more = (more > 0).then(|| format!("  and {more} more files"));
    let head = [
        format!(
            "{} questions ({} bytes, about {} tokens) are to be sent",
            sending.questions, sending.bytes, sending.tokens
        ),
        format!("to {} at {}{}", sending.model, sending.host, if sending.encrypted { "" } else { ", not encrypted" }),
        sending.cost.map(|cost| format!("for at most {cost}; you are asked again before more is")).unwrap_or_default(),
    ];
    let [what, to, cost] = head;
    let lines: Vec<String> = std::iter::once(what).chain(labels).chain(more).chain([to, cost]).collect();
    report::permission(&lines)
}

/// git's credential helpers.
struct Helpers(Git);

impl Helpers {
    fn tell(&self, about: &CredentialRequest, password: &str, taken: bool) {
        let CredentialRequest { protocol, host, username } = about;
        self.0.tell_password(&Account { protocol, host, username }, password, taken);
    }
}

impl Credentials for Helpers {
    fn fill(&self, about: &CredentialRequest) -> Option<String> {
        let CredentialRequest { protocol, host, username } = about;
        self.0.password(&Account { protocol, host, username })
    }

    fn approve(&self, about: &CredentialRequest, password: &str) {
        self.tell(about, password, true);
    }

    fn reject(&self, about: &CredentialRequest, password: &str) {
        self.tell(about, password, false);
    }
}
