//! The registration department's own program.

fn main() -> std::process::ExitCode {
    canbao_host::run_department(
        canbao_registration::NAME,
        "Registration (参保登记) of the medical insurance bureau",
        canbao_registration::server,
    )
}
