//! Puts the built Studio (`studio/dist`) into the binary: a table of its files, each as it is and compressed. Where it has
//! not been built the table is empty; must never run Node, nor fail for want of it.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
};

/// Beside each file, where compressing it was worth it.
const COMPRESSED: [&str; 2] = ["br", "gz"];

/// The page itself, and the policy that goes with it: told apart from the files it loads.
const INDEX: &str = "index.html";
const POLICY: &str = "index.csp";

fn main() -> io::Result<()> {
    let own = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let dist = own.join("../../studio/dist");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={}", dist.display());
    let mut names = Vec::new();
    if dist.join(INDEX).exists() {
        collect(&dist, "", &mut names)?;
    }
    names.sort();
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default()).join("files.rs");
    fs::write(out, table(&dist, &names))
}

fn collect(folder: &Path, prefix: &str, names: &mut Vec<String>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), &format!("{name}/"), names)?;
        } else if !name.starts_with('.') {
            names.push(name);
        }
    }
    Ok(())
}

fn table(dist: &Path, names: &[String]) -> String {
    let include = |name: &str| format!("include_bytes!({:?})", dist.join(name).display().to_string());
    let has = |name: &str| names.iter().any(|own| own == name);
    let compressed = |name: &str| COMPRESSED.iter().any(|kind| name.ends_with(&format!(".{kind}")));
    let mut text = String::from("const FILES: &[File] = &[\n");
    for name in names
        .iter()
        .filter(|name| !compressed(name) && ![INDEX, POLICY].contains(&name.as_str()))
    {
        let [brotli, gzip] = COMPRESSED.map(|kind| {
            let beside = format!("{name}.{kind}");
            if has(&beside) {
                format!("Some({})", include(&beside))
            } else {
                "None".to_owned()
            }
        });
        text.push_str(&format!(
            "    File {{ path: {name:?}, plain: {}, brotli: {brotli}, gzip: {gzip} }},\n",
            include(name)
        ));
    }
    let page = if has(INDEX) && has(POLICY) {
        let text = |name: &str| format!("include_str!({:?})", dist.join(name).display().to_string());
        format!("Some(({}, {}))", text(INDEX), text(POLICY))
    } else {
        "None".to_owned()
    };
    text.push_str(&format!("];\nconst PAGE: Option<(&str, &str)> = {page};\n"));
    text
}
