//! Every check both ways: silent on a project that is kept well, and heard when exactly that is spoilt which it looks for.
//! Facts are gathered from a real database; what spoils them is data.

mod applied;
mod asked;
mod near;
mod project;
mod report;
mod sarif;
mod spoilt;

use std::collections::BTreeSet;

use super::*;
use project::Project;

fn found(facts: &Facts) -> BTreeSet<&'static str> {
    judged(facts).findings.iter().map(|finding| finding.check).collect()
}

#[tokio::test]
async fn a_project_that_is_kept_well_has_no_findings() {
    let project = Project::new().await;
    let report = judged(&project.facts().await);
    assert!(report.findings.is_empty(), "{}", report.text());
    assert!(report.notes.is_empty(), "{:?}", report.notes);
    assert!(
        report.text().ends_with("checks: nothing found; 0 accepted\n"),
        "{}",
        report.text()
    );
}

#[tokio::test]
async fn each_check_is_heard_when_it_is_spoilt() {
    let kept = Project::new().await.facts().await;
    let mut heard = BTreeSet::new();
    for (check, spoil) in spoilt::SPOILT {
        let mut facts = kept.clone();
        spoil(&mut facts);
        let report = judged(&facts);
        let own: Vec<&Finding> = report
            .findings
            .iter()
            .filter(|finding| finding.check == *check)
            .collect();
        assert!(!own.is_empty(), "{check} is silent: {}", report.text());
        for finding in own {
            assert!(
                !finding.evidence.is_empty() && !finding.change.to_string().is_empty(),
                "{finding:?}"
            );
            assert_ne!(finding.on.to_string(), "", "{finding:?}");
        }
        heard.insert(*check);
    }
    let all: BTreeSet<&str> = checks().map(|check| check.id).collect();
    assert_eq!(heard, all, "every check has something that spoils it");
}

#[tokio::test]
async fn all_of_it_at_once_is_all_found() {
    let mut facts = Project::new().await.facts().await;
    // A server is reached with TLS or without, and trusts its proxies or does not: two of each kind cannot be at once.
    let mut before = BTreeSet::new();
    for (check, spoil) in spoilt::SPOILT {
        spoil(&mut facts);
        before.extend(found(&facts));
        assert!(before.contains(check));
    }
    assert_eq!(before.len(), checks().count());
}

#[test]
fn checks_have_names_of_their_own_and_read_well() {
    let mut seen = BTreeSet::new();
    for check in checks() {
        assert!(seen.insert(check.id), "{} is there twice", check.id);
        let plain = check
            .id
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte == b'-' || byte.is_ascii_digit());
        assert!(plain, "{}", check.id);
        assert!(!check.title.ends_with('.'), "{}", check.title);
        assert!(
            check.why.ends_with('.') && check.mend.ends_with(['.', ')']),
            "{}: {} {}",
            check.id,
            check.why,
            check.mend
        );
        assert!(
            ![check.title, check.why, check.mend]
                .iter()
                .any(|text| text.contains('|')),
            "{}",
            check.id
        );
    }
    assert!(seen.len() >= 50, "{}", seen.len());
}
