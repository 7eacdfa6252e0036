//! One request: all that its answer depends on, and the hash of that. In: a [`Model`] and an [`Ask`]. Out: questions with ids.
//!
//! The address is not part of it: the same model answers the same elsewhere, and an answer may come back by file.

use super::ask::{Ask, Message, Role};
use super::id::Id;
use super::model::{Draws, Model, Provider};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Changes when the same [`Question`] would be asked in another way: old answers are then not found any more.
const FORMAT: u32 = 1;

/// All that an answer depends on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Question {
    /// [`FORMAT`]
    format: u32,
    /// `openai`, `anthropic` or `command`.
    pub provider: String,
    /// What the server calls it, or what a program is called.
    pub model: String,
    /// Hash of a program's command line, which may hold what nobody else should see.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    command: Option<String>,
    /// How it is asked.
    pub parameters: Parameters,
    /// The conversation.
    pub messages: Vec<Message>,
}

/// How a question is asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Parameters {
    /// Most tokens of one sample.
    pub max_tokens: u32,
    /// Without it, the server's default.
    pub temperature: Option<f64>,
    /// This draw's.
    pub seed: Option<u64>,
    /// Samples wanted of this request.
    pub n: u32,
    /// Which draw it is, from 0: the same question, asked apart, is another question.
    pub draw: u32,
    /// Are log-probabilities wanted?
    pub log_probabilities: bool,
    /// Members of the body over ours.
    pub body: Map<String, Value>,
}

impl Question {
    /// The requests that an ask is made of: one, or one a draw.
    pub fn all_of(model: &Model, ask: &Ask) -> Vec<Self> {
        let (requests, n) = match model.draws() {
            Draws::Together => (1, model.sampling.n),
            Draws::Apart => (model.sampling.n, 1),
        };
        (0..requests).map(|draw| Self::new(model, ask, draw, n)).collect()
    }

    /// One of them.
    fn new(model: &Model, ask: &Ask, draw: u32, n: u32) -> Self {
        let provider = match model.provider {
            Provider::Chat(_) => "openai",
            Provider::Messages(_) => "anthropic",
            Provider::Command(_) => "command",
        };
        let parameters = Parameters {
            max_tokens: ask.max_tokens.unwrap_or(model.sampling.max_tokens),
            temperature: ask.temperature.or(model.sampling.temperature),
            seed: model.sampling.seed.map(|seed| seed.wrapping_add(u64::from(draw))),
            n,
            draw,
            log_probabilities: model.sampling.log_probabilities,
            body: model.sampling.body.clone(),
        };
        let command = match &model.provider {
            Provider::Command(program) => Some(Id::of(program.as_bytes()).to_string()),
            Provider::Chat(_) | Provider::Messages(_) => None,
        };
        let (provider, model) = (provider.to_owned(), model.id().to_owned());
        Self { format: FORMAT, provider, model, command, parameters, messages: ask.messages.clone() }
    }

    /// The hash of all of it.
    pub fn id(&self) -> Id {
        Id::of(&serde_json::to_vec(self).expect("strings and numbers can be written"))
    }

    /// Bytes of the texts.
    pub fn bytes(&self) -> u64 {
        self.messages.iter().map(|m| m.text.len() as u64).sum()
    }

    /// The system's turns as one text, empty if there are none.
    pub fn system(&self) -> String {
        let texts: Vec<&str> =
            self.messages.iter().filter(|m| m.role == Role::System).map(|m| m.text.as_str()).collect();
        texts.join("\n\n")
    }

    /// As plain text, for a program: the turns with an empty line between, under a heading each if the model spoke before.
    pub fn plain(&self) -> String {
        let several = self.messages.iter().any(|m| m.role == Role::Assistant);
        let turn = |m: &Message| match several {
            true => format!("== {}\n{}", m.role.word(), m.text),
            false => m.text.clone(),
        };
        self.messages.iter().map(turn).collect::<Vec<_>>().join("\n\n")
    }

    /// Puts the user's own members into a body.
    pub fn amend(&self, mut body: Map<String, Value>) -> Value {
        for (name, value) in &self.parameters.body {
            match value {
                Value::Null => body.remove(name),
                value => body.insert(name.clone(), value.clone()),
            };
        }
        Value::Object(body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model() -> Model {
        Model::new("m", Provider::Command("cat".into()))
    }

    fn ask(text: &str) -> Ask {
        Ask::new("label", vec![Message::new(Role::User, text)])
    }

    #[test]
    fn every_part_changes_the_id_but_not_the_label() {
        let id = |model: &Model, ask: &Ask| Question::all_of(model, ask)[0].id();
        let first = id(&model(), &ask("x"));
        let other_label = Ask { label: "other".into(), ..ask("x") };
        assert_eq!(id(&model(), &other_label), first);
        let mut seeded = model();
        seeded.sampling.seed = Some(1);
        let mut logged = model();
        logged.sampling.log_probabilities = true;
        let mut bodied = model();
        bodied.sampling.body.insert("top_p".into(), 1.into());
        let others = [
            id(&model(), &ask("y")),
            id(&model(), &Ask { max_tokens: Some(1), ..ask("x") }),
            id(&model(), &Ask { temperature: Some(0.5), ..ask("x") }),
            id(&Model::new("m", Provider::Command("tac".into())), &ask("x")),
            id(&seeded, &ask("x")),
            id(&logged, &ask("x")),
            id(&bodied, &ask("x")),
        ];
        let mut all: Vec<String> = others.iter().chain([&first]).map(ToString::to_string).collect();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), others.len() + 1);
    }

    #[test]
    fn more_draws_keep_the_earlier_questions() {
        let mut three = model();
        three.sampling.n = 3;
        let mut five = model();
        five.sampling.n = 5;
        let (few, many) = (Question::all_of(&three, &ask("x")), Question::all_of(&five, &ask("x")));
        assert_eq!((few.len(), many.len()), (3, 5));
        assert_eq!(few[..], many[..3]);
        assert_ne!(many[0].id(), many[1].id());
    }
}
