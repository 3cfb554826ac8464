//! The baseline: findings that somebody has accepted, each with a reason. One without a reason is refused, and one that meets
//! nothing any more is told: neither may pile up.

use super::Report;
use crate::document::{Document, Problems, reader::Reader};

/// Shortest reason that says anything.
const LEAST: usize = 10;

/// What was accepted.
#[derive(Clone, Debug, Default)]
pub struct Baseline {
    accepted: Vec<Accepted>,
}

#[derive(Clone, Debug)]
struct Accepted {
    check: String,
    /// What the finding is on, as it is told.
    on: String,
    reason: String,
}

impl Baseline {
    /// Reads a file: `version: 1`, and under `accepted` a list of `check`, `on` and `reason`.
    ///
    /// # Errors
    /// Everything that is wrong in it at once, each with its place.
    pub fn read(text: &str) -> Result<Baseline, Problems> {
        let document = Document::read(text)?;
        let mut reader = Reader::of(&document);
        let mut accepted: Vec<Accepted> = Vec::new();
        if let Some(root) = reader.object(&document.root, crate::document::Place::default()) {
            reader.only(&root, &["version", "accepted"]);
            if root.members.get("version").and_then(aedile_engine::Json::as_u64) != Some(1) {
                reader.wrong(&root.place.member("version"), "has to be 1");
            }
            for (value, place) in reader.list(&root, "accepted").unwrap_or_default() {
                let Some(node) = reader.object(value, place) else {
                    continue;
                };
                reader.only(&node, &["check", "on", "reason"]);
                let check = reader.needed(&node, "check");
                let on = reader.needed(&node, "on");
                let reason = reader.needed(&node, "reason");
                let (Some(check), Some(on), Some(reason)) = (check, on, reason) else {
                    continue;
                };
                if !super::checks().any(|known| known.id == check) {
                    reader.wrong(&node.place.member("check"), format!("there is no check \"{check}\""));
                }
                if reason.trim().len() < LEAST {
                    reader.wrong(&node.place.member("reason"), "has to say why this is accepted");
                }
                if accepted.iter().any(|other| other.check == check && other.on == on) {
                    reader.wrong(&node.place, "is there twice");
                }
                accepted.push(Accepted { check, on, reason });
            }
        }
        reader.finish(Baseline { accepted })
    }

    /// Marks what was accepted, and notes what is accepted and not found any more.
    pub(super) fn apply(&self, report: &mut Report) {
        for entry in &self.accepted {
            let mut met = false;
            for finding in &mut report.findings {
                if finding.check == entry.check && finding.on.to_string() == entry.on {
                    finding.accepted = Some(entry.reason.clone());
                    met = true;
                }
            }
            if !met {
                report.stale.push(format!("{} on {}", entry.check, entry.on));
            }
        }
    }
}
