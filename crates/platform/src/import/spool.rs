//! Bytes that are written, then read: in memory while they are few, in a file without a name after that.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, BufWriter, Cursor, Seek, SeekFrom, Write},
};

use aedile_engine::{Code, Error, Result};

/// What is kept in memory, in bytes: most imports are smaller.
const FEW: usize = 1 << 20;

/// The bytes so far.
pub enum Spool {
    Memory(Vec<u8>),
    File(BufWriter<File>),
}

impl Default for Spool {
    fn default() -> Self {
        Spool::Memory(Vec::new())
    }
}

impl Spool {
    /// Adds bytes.
    ///
    /// # Errors
    /// `SERVICE_UNAVAILABLE` when there is no room for them.
    pub fn write(&mut self, bytes: &[u8]) -> Result<()> {
        if let Spool::Memory(kept) = self
            && kept.len() + bytes.len() > FEW
        {
            let mut file = BufWriter::new(tempfile::tempfile().map_err(broken)?);
            file.write_all(kept).map_err(broken)?;
            *self = Spool::File(file);
        }
        match self {
            Spool::Memory(kept) => {
                kept.extend_from_slice(bytes);
                Ok(())
            }
            Spool::File(file) => file.write_all(bytes).map_err(broken),
        }
    }

    /// All of it, from the beginning.
    ///
    /// # Errors
    /// As [`Spool::write`].
    pub fn read(self) -> Result<Box<dyn BufRead + Send>> {
        match self {
            Spool::Memory(kept) => Ok(Box::new(Cursor::new(kept))),
            Spool::File(file) => {
                let mut file = file.into_inner().map_err(|error| broken(error.into_error()))?;
                file.seek(SeekFrom::Start(0)).map_err(broken)?;
                Ok(Box::new(BufReader::new(file)))
            }
        }
    }
}

/// A file that can not be kept.
pub fn broken(error: io::Error) -> Error {
    tracing::error!(%error, "a file to be imported can not be kept in the folder for temporary files");
    Error::new(Code::ServiceUnavailable, "There is no room for the file.")
}
