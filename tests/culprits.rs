//! Whose change of upstream's a conflict is with: said beside the conflict, and told to whoever is asked about it.

use crate::support::Repo;

const BEFORE: &str = "int chip_start(struct chip *chip)\n{\n\tint ret;\n\n\tret = chip_power(chip);\n\tif (ret)\n\t\treturn ret;\n\n\treturn chip_run(chip, 0);\n}\n\nint chip_stop(struct chip *chip)\n{\n\treturn chip_halt(chip);\n}\n";

/// Upstream has three commits: one that is elsewhere in the file, one that makes the conflict, and one that removes a file.
fn series() -> (Repo, String, String) {
    let repo = Repo::new();
    repo.write("chip.c", BEFORE).write("gone.c", "int gone;\n").write("other.c", "int other;\n").commit("base");
    repo.git(&["tag", "v1"]);
    let rewritten = BEFORE.replace(
        "\tret = chip_power(chip);\n\tif (ret)\n\t\treturn ret;\n",
        "\tret = chip_resume_and_get(chip, CHIP_WAIT);\n\tif (ret < 0)\n\t\treturn dev_err_probe(chip->dev, ret, \"power\\n\");\n",
    );
    let culprit =
        repo.write("chip.c", &rewritten).commit("chip: resume instead of switching on\n\nThe regulator is shared now.");
    repo.write("chip.c", rewritten.replace("chip_halt(chip)", "chip_halt(chip, 0)")).commit("chip: say how to halt");
    std::fs::remove_file(repo.path().join("gone.c")).expect("it is there");
    let remover = repo.commit("gone: nobody has one any more");
    repo.git(&["tag", "v2"]);
    repo.branch("topic", "v1");
    let patched = BEFORE.replace(
        "\tret = chip_power(chip);\n\tif (ret)\n\t\treturn ret;\n",
        "\tret = chip_power(chip);\n\tif (ret == -EPROBE_DEFER)\n\t\tret = chip_power_again(chip);\n\tif (ret)\n\t\treturn ret;\n",
    );
    repo.write("chip.c", patched).commit("chip: try twice");
    repo.write("gone.c", "int gone = 1;\n").commit("gone: is one");
    (repo, culprit, remover)
}

#[test]
fn the_upstream_commit_that_a_conflict_is_with_is_named() {
    let (repo, culprit, remover) = series();
    let (outcomes, _) = repo.outcomes(&["v1..topic", "--onto", "v2", "--dry-run", "--methods=text"]);
    let evidence = outcomes[0]["evidence"].as_array().expect("a list");
    let said = |at: &str| evidence.iter().find(|seen| seen["place"] == at).map(|seen| seen["statement"].to_string());
    let named = said(&culprit).expect("it is named");
    assert!(named.contains("in conflict with") && named.contains("chip: resume instead of switching on"), "{named}");
    assert_eq!(evidence.iter().filter(|seen| seen["statement"].to_string().contains("in conflict with")).count(), 1);
    let removed = &outcomes[1]["evidence"];
    let found = removed.as_array().expect("a list").iter().find(|seen| seen["place"] == remover.as_str());
    let told = found.expect("it is named")["statement"].to_string();
    assert!(told.contains("upstream removed the file with"), "{told}");
}

#[test]
fn its_message_is_in_the_question() {
    let (repo, ..) = series();
    assert_eq!(repo.run(&["v1..topic", "--onto", "v2", "--methods=text"]).code, 1);
    let shown = repo.run(&["prompts", "show", "1", "--model", "command:cat"]);
    assert_eq!(shown.code, 0, "{}", shown.err);
    assert!(shown.out.contains("The regulator is shared now."), "{}", shown.out);
    assert!(!shown.out.contains("say how to halt"), "{}", shown.out);
}
