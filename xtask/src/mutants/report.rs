//! The report: totals for each file, and every survivor with its reason. It tells what was found and nothing else.

use std::fmt::Write as _;

use super::{
    census::{Census, Counts, Verdict},
    equivalents::Equivalents,
};

const HEAD: &str = "\
# Mutants

Would the tests notice if access control were wrong? `cargo xtask mutants` breaks every function of the access and
planning modules in small ways, one at a time: a comparison turned round, a condition always true, a branch gone, a
result made up. Each such mutant has to be noticed by the engine's own tests, or by the proofs that compare the product
with the reference evaluator. This page is written by that command, which fails when a mutant survives that is not listed
below.
";

const EQUIVALENT: &str = "\
## Equivalent mutants

These change nothing that is granted, refused or answered. The reasons stand in `xtask/mutants.toml`; the command fails
when one of these is noticed after all, and when there are more than one in twenty.
";

/// The whole report.
pub fn text(census: &Census, equivalents: &Equivalents, version: &str) -> String {
    let mut out = String::from(HEAD);
    totals(&mut out, census, equivalents, version);
    files(&mut out, census);
    survivors(&mut out, census, equivalents);
    listed(&mut out, census, equivalents);
    out
}

/// Survivors that are listed with a reason.
fn equivalent(census: &Census, equivalents: &Equivalents) -> usize {
    let survived = census
        .mutants
        .iter()
        .filter(|mutant| mutant.verdict == Some(Verdict::Survived));
    survived
        .filter(|mutant| equivalents.reason(&mutant.key).is_some())
        .count()
}

fn totals(out: &mut String, census: &Census, equivalents: &Equivalents, version: &str) {
    let n = census.counts();
    let equivalent = equivalent(census, equivalents);
    let rows = [
        ("Mutants", n.all),
        ("of them, do not compile", n.unviable),
        ("noticed by the engine's tests", n.engine),
        ("noticed by the proofs", n.proofs),
        ("noticed because tests came to no end", n.timeout),
        ("equivalent, see below", equivalent),
        ("survive", n.survived - equivalent),
        ("not tried", n.unknown),
    ];
    out.push_str("\n## Totals\n\n| | |\n|---|---:|\n");
    for (what, count) in rows {
        // Writing to a string cannot fail.
        writeln!(out, "| {what} | {count} |").ok();
    }
    // In tenths of a percent, without a float.
    let tenths = (equivalent * 1000).checked_div(n.viable()).unwrap_or_default();
    writeln!(
        out,
        "\n{}.{} % of the mutants that compile are equivalent. Made by {version}.",
        tenths / 10,
        tenths % 10
    )
    .ok();
}

fn files(out: &mut String, census: &Census) {
    out.push_str("\n## By file\n\n| File | Mutants | Do not compile | Engine's tests | Proofs | No end | Survive |\n");
    out.push_str("|---|---:|---:|---:|---:|---:|---:|\n");
    for (file, counts) in census.by_file() {
        let Counts {
            all,
            engine,
            proofs,
            timeout,
            unviable,
            survived,
            ..
        } = counts;
        writeln!(
            out,
            "| `{file}` | {all} | {unviable} | {engine} | {proofs} | {timeout} | {survived} |"
        )
        .ok();
    }
}

fn survivors(out: &mut String, census: &Census, equivalents: &Equivalents) {
    out.push_str("\n## Survivors\n\n");
    let before = out.len();
    for mutant in &census.mutants {
        let survives = mutant.verdict == Some(Verdict::Survived) && equivalents.reason(&mutant.key).is_none();
        if survives {
            writeln!(out, "- `{}`", mutant.name).ok();
        }
    }
    if out.len() == before {
        out.push_str("None.\n");
    }
}

fn listed(out: &mut String, census: &Census, equivalents: &Equivalents) {
    out.push('\n');
    out.push_str(EQUIVALENT);
    for mutant in &census.mutants {
        let Some(reason) = equivalents.reason(&mutant.key) else {
            continue;
        };
        if mutant.verdict == Some(Verdict::Survived) {
            writeln!(
                out,
                "\n- `{}`, at `{}` in `{}`  \n  {}",
                mutant.key.change,
                mutant.key.line,
                mutant.key.file,
                reason.split_whitespace().collect::<Vec<_>>().join(" ")
            )
            .ok();
        }
    }
}

#[cfg(test)]
mod tests;
