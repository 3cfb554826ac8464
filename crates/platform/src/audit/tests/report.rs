//! Baselines and the forms of a report: what is accepted is told as such, what is stale is told, and programs can rely on it.

use serde_json::json;

use super::{project::Project, spoilt::variable, *};

const ACCEPTED: &str = "version: 1\naccepted:\n  - check: rate-limit-off\n    on: setting RATE_LIMITER_ENABLED\n    reason: The proxy in front limits requests.\n";

async fn spoilt() -> Report {
    let mut facts = Project::new().await.facts().await;
    facts.settings.rate_limit.enabled = false;
    variable(&mut facts, "WEBSOCKETS_REST_AUTH", "public");
    judged(&facts)
}

#[tokio::test]
async fn what_is_accepted_does_not_count_and_what_is_stale_is_told() {
    let mut report = spoilt().await;
    assert!(report.reaches(Severity::High) && !report.reaches(Severity::Critical));
    let more = format!(
        "{ACCEPTED}  - check: flow-script\n    on: flow \"Gone\", operation x\n    reason: It was read by two people.\n"
    );
    Baseline::read(&more).unwrap().apply(&mut report);
    report.count();
    assert_eq!(report.counts, [("high", 1)].into());
    assert_eq!(report.stale, ["flow-script on flow \"Gone\", operation x"]);
    let text = report.text();
    assert!(
        text.contains("  rate-limit-off on setting RATE_LIMITER_ENABLED: The proxy in front limits requests.\n"),
        "{text}"
    );
    assert!(text.contains("  flow-script on flow \"Gone\", operation x\n"), "{text}");
    assert!(text.ends_with("checks: 1 high; 1 accepted\n"), "{text}");
    assert!(text.contains("HIGH websocket-public: WebSockets may be opened without a login\n  on    setting WEBSOCKETS_REST_AUTH\n  seen  it is public\n"), "{text}");
}

#[test]
fn a_baseline_that_says_nothing_is_refused() {
    let told = |text: &str| Baseline::read(text).map(drop).unwrap_err().told("b");
    assert!(told("accepted: []").contains("version: has to be 1"));
    assert!(
        told("version: 1\naccepted:\n  - {check: flow-script, on: x}")
            .contains("b:3: accepted[0]: \"reason\" is needed")
    );
    assert!(told("version: 1\naccepted:\n  - {check: flow-script, on: x, reason: ok}").contains("has to say why"));
    assert!(
        told("version: 1\naccepted:\n  - {check: flow-scripts, on: x, reason: read by two}")
            .contains("there is no check \"flow-scripts\"")
    );
    assert!(
        told("version: 1\naccepted:\n  - {check: flow-script, on: x, reason: read by two, till: 2031}")
            .contains("till: is not known here")
    );
    let twice = "version: 1\naccepted:\n  - {check: flow-script, on: x, reason: read by two}\n  - {check: flow-script, on: x, reason: read by two}";
    assert!(told(twice).contains("is there twice"));
    assert!(Baseline::read("version: 1").is_ok());
}

#[tokio::test]
async fn programs_are_told_the_same() {
    let mut report = spoilt().await;
    Baseline::read(ACCEPTED).unwrap().apply(&mut report);
    report.count();
    let told = serde_json::to_value(&report).unwrap();
    assert_eq!(told["checks"], checks().count());
    assert_eq!(told["findings"][0]["check"], "websocket-public");
    assert_eq!(told["findings"][0]["severity"], "high");
    assert_eq!(told["findings"][0]["on"], json!({ "setting": "WEBSOCKETS_REST_AUTH" }));
    assert_eq!(told["findings"][0]["change"], "WEBSOCKETS_REST_AUTH=handshake");
    assert_eq!(
        (&told["findings"][0]["fixable"], &told["findings"][0]["accepted"]),
        (&json!(false), &json!(null))
    );
    assert_eq!(told["findings"][1]["accepted"], "The proxy in front limits requests.");
}

#[tokio::test]
async fn the_log_for_pipelines_is_whole() {
    let mut report = spoilt().await;
    Baseline::read(ACCEPTED).unwrap().apply(&mut report);
    let log = report.sarif();
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    assert_eq!(rules.len(), checks().count());
    for result in run["results"].as_array().unwrap() {
        let rule = &rules[usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap()];
        assert_eq!(rule["id"], result["ruleId"]);
        assert!(["note", "warning", "error"].contains(&result["level"].as_str().unwrap()));
        assert!(!result["message"]["text"].as_str().unwrap().is_empty());
        assert!(result["locations"][0]["logicalLocations"][0]["fullyQualifiedName"].is_string());
    }
    let suppressed: Vec<_> = run["results"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["suppressions"] != json!([]))
        .collect();
    assert_eq!(suppressed.len(), 1);
    assert_eq!(
        suppressed[0]["suppressions"][0]["justification"],
        "The proxy in front limits requests."
    );
}
