//! The benefits department's own program.

fn main() -> std::process::ExitCode {
    canbao_host::run_department(
        canbao_benefits::NAME,
        "Benefits (待遇) of the medical insurance bureau",
        canbao_benefits::server,
    )
}
