//! Asks a model of git config as the program would: `ask NAME QUESTION...`. It reads `git config --list` itself; in the program
//! only the `git` room runs git.

use kmigrate::llm::door::{Ask, Door, Entry, Message, Model, Role, Scope};
use std::error::Error;

fn entries() -> Result<Vec<Entry>, Box<dyn Error>> {
    let said = std::process::Command::new("git").args(["config", "--list", "-z", "--show-scope"]).output()?;
    let text = String::from_utf8_lossy(&said.stdout).into_owned();
    let fields: Vec<&str> = text.split('\0').collect();
    let entry = |pair: &[&str]| {
        let [scope, item] = pair else { return None };
        let (key, value) = item.split_once('\n').unwrap_or((item, "true"));
        Some(Entry { key: key.into(), value: value.into(), scope: Scope::from_git(scope) })
    };
    Ok(fields.chunks(2).filter_map(entry).collect())
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut words = std::env::args().skip(1);
    let name = words.next().ok_or("which model?")?;
    let model = Model::choose(Some(&name), &entries()?)?.ok_or("no model")?;
    let ask = |text: String| {
        Ask::new(text.clone(), vec![Message::new(Role::System, "Be terse."), Message::new(Role::User, text)])
    };
    let asks: Vec<Ask> = words.map(ask).collect();
    let mut door = Door::new(model)?;
    let answers = door.ask_all(&asks, &mut |_, _| {});
    for (ask, answer) in asks.iter().zip(answers) {
        match answer {
            Ok(answer) => println!("{}: {:?} {:?}", ask.label, answer.samples, answer.usage),
            Err(failure) => println!("{}: failed: {failure}", ask.label),
        }
    }
    println!("spent: {}", door.close()?);
    Ok(())
}
