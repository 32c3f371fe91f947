//! Compiles the generated parser and the scanner.

fn main() {
    let mut build = cc::Build::new();
    // What the tool generates is not ours to warn of.
    build.include("src").std("c11").warnings(false);
    for file in ["src/parser.c", "src/scanner.c"] {
        build.file(file);
        println!("cargo:rerun-if-changed={file}");
    }
    build.compile("tree-sitter-stocksync");
}
