//! A matrix of runs in the words of what will start them: a Slurm job array, a GitHub Actions matrix, a GitLab child pipeline, or
//! JSON Lines for anything else.
//!
//! In come jobs, each with a command line that is already quoted for a shell and holds no control character; here it is quoted
//! once more for the format around it. Out goes text that can be handed over as it is.

use crate::run::{Job, for_shell};
use serde_json::{Value, json};
use std::fmt::Write;

/// A job a line.
pub fn jsonl(jobs: &[Job]) -> String {
    let line = |job: &Job| serde_json::to_string(job).expect("a job is plain data") + "\n";
    jobs.iter().map(line).collect()
}

/// A batch script for `sbatch`: an array with a task for each job. What a person typed stands only in commands, quoted for the shell.
pub fn slurm(jobs: &[Job], results: &str) -> String {
    let last = jobs.len().saturating_sub(1);
    let merge = format!("git kmigrate report --merge {}/*.jsonl --markdown", for_shell(results.trim_end_matches('/')));
    let mut text = format!(
        "#!/bin/sh\n\
         #SBATCH --job-name=kmigrate\n\
         #SBATCH --array=0-{last}\n\
         #SBATCH --ntasks=1\n\
         #SBATCH --cpus-per-task=2\n\
         #SBATCH --output=kmigrate-%A_%a.log\n\
         # Each series onto each new upstream, a task each: hand this to sbatch, in the repository. What sbatch is told on its\n\
         # command line (--array=0-{last}%4, --partition, --time) wins over the lines above. A task that exits with 1 has\n\
         # conflicts or commits to review. Afterwards:\n\
         #     {merge}\n\
         case \"${{SLURM_ARRAY_TASK_ID:?is set by sbatch}}\" in\n"
    );
    for job in jobs {
        let _ = writeln!(text, "{}) {} ;;", job.job, job.command);
    }
    text.push_str("*) echo \"no job $SLURM_ARRAY_TASK_ID\" >&2; exit 129 ;;\nesac\n");
    text
}

/// The value of `strategy.matrix`, in one line, as `$GITHUB_OUTPUT` and `fromJSON` take it.
pub fn github(jobs: &[Job]) -> String {
    let one = |job: &Job| json!({"name": job.name, "series": job.series, "onto": job.onto, "output": job.output, "command": job.command});
    let include: Vec<Value> = jobs.iter().map(one).collect();
    format!("{}\n", json!({ "include": include }))
}

/// A child pipeline: a job for each run and one that merges what they told. A JSON string is a YAML string.
pub fn gitlab(jobs: &[Job], results: &str) -> String {
    let results = results.trim_end_matches('/');
    let all = format!("{results}/*.jsonl");
    let merge = format!("git kmigrate report --merge {}/*.jsonl --junit kmigrate.xml", for_shell(results));
    let mut text = format!(
        "# Each series onto each new upstream, a job each, for trigger: include: artifact. Images, tags and rules come from a file of\n\
         # yours that is included beside it. A job that exits with 1 has conflicts or commits to review.\n\
         .kmigrate:\n\
         \x20 stage: test\n\
         \x20 allow_failure: {{exit_codes: [1]}}\n\
         \x20 artifacts: {{when: always, paths: [{}]}}\n",
        quoted(&all)
    );
    for job in jobs {
        let title = quoted(&format!("kmigrate {}", job.name));
        let _ = write!(text, "{title}:\n  extends: .kmigrate\n  script:\n    - {}\n", quoted(&job.command));
    }
    let _ = write!(
        text,
        "\"kmigrate report\":\n  stage: .post\n  when: always\n  script:\n    - {}\n  artifacts: {{when: always, reports: {{junit: kmigrate.xml}}}}\n",
        quoted(&merge)
    );
    text
}

fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}
