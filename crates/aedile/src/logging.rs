//! Sets up the log as LOG_LEVEL and LOG_STYLE ask. The log goes to standard error; standard output is for answers.

use std::io::{self, IsTerminal};

use tracing_subscriber::filter::LevelFilter;

use crate::config::{LogLevel, LogStyle, Logging};

/// Installs the log for the whole process. A second call changes nothing.
pub fn install(logging: Logging) {
    let builder = tracing_subscriber::fmt()
        .with_max_level(filter(logging.level))
        .with_writer(io::stderr)
        .with_ansi(logging.style == LogStyle::Pretty && io::stderr().is_terminal());
    // The only way to fail is that a log is installed already, and then there is nothing to do.
    let _ = match logging.style {
        LogStyle::Pretty => builder.with_target(false).try_init(),
        LogStyle::Raw => builder.json().flatten_event(true).try_init(),
    };
}

/// Nothing is graver than an error here: what ends the server is logged as one.
fn filter(level: LogLevel) -> LevelFilter {
    match level {
        LogLevel::Trace => LevelFilter::TRACE,
        LogLevel::Debug => LevelFilter::DEBUG,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Error | LogLevel::Fatal => LevelFilter::ERROR,
        LogLevel::Silent => LevelFilter::OFF,
    }
}
