//! Compiles the contracts and makes the tables that stand in them: who may call an RPC, for whom an event is, whose
//! division a request is about, and which messages hold personal data. A contract with a gap in these tables does not build.

use std::{collections::BTreeSet, env, error::Error, fmt::Write as _, fs, path::Path};

use prost_reflect::{
    DescriptorPool, DynamicMessage, ExtensionDescriptor, FieldDescriptor, MessageDescriptor, Value,
    prost::Message,
};

const CONTRACTS: &str = "../../proto";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed={CONTRACTS}");
    let mut compiler = protox::Compiler::new([CONTRACTS])?;
    compiler.include_imports(true).include_source_info(true);
    for file in contract_files(Path::new(CONTRACTS))? {
        compiler.open_file(file)?;
    }
    // The encoded form keeps the options of our own; the decoded prost types drop them.
    let encoded = compiler.encode_file_descriptor_set();
    let out = env::var("OUT_DIR")?;
    fs::write(Path::new(&out).join("descriptors.bin"), &encoded)?;

    let pool = DescriptorPool::decode(encoded.as_slice())?;
    let sensitive = sensitive_messages(&pool)?;
    let mut tables = String::new();
    write_rules(&pool, &mut tables)?;
    write_divisions(&pool, &mut tables)?;
    write_audiences(&pool, &mut tables)?;
    write_debug(&sensitive, &mut tables)?;
    fs::write(Path::new(&out).join("tables.rs"), tables)?;

    tonic_prost_build::configure()
        .skip_debug(sensitive.iter().map(|message| format!(".{}", message.full_name())))
        .include_file("contracts.rs")
        .emit_rerun_if_changed(false)
        .compile_fds(prost_reflect::prost_types::FileDescriptorSet::decode(encoded.as_slice())?)?;
    Ok(())
}

/// Every contract of ours below `folder`, relative to it, in a fixed order.
fn contract_files(folder: &Path) -> Result<BTreeSet<String>, Box<dyn Error>> {
    let mut files = BTreeSet::new();
    let mut open = vec![folder.join("canbao")];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(next)? {
            let path = entry?.path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|ending| ending == "proto") {
                files.insert(path.strip_prefix(folder)?.to_string_lossy().into_owned());
            }
        }
    }
    Ok(files)
}

fn extension(pool: &DescriptorPool, name: &str) -> Result<ExtensionDescriptor, Box<dyn Error>> {
    pool.get_extension_by_name(&format!("canbao.common.v1.{name}"))
        .ok_or_else(|| format!("the option {name} is not declared").into())
}

/// The callers named by a repeated option, as variants of `common::Caller`.
fn callers(
    pool: &DescriptorPool,
    options: &DynamicMessage,
    option: &ExtensionDescriptor,
    place: &str,
) -> Result<Vec<String>, Box<dyn Error>> {
    let names = pool.get_enum_by_name("canbao.common.v1.Caller").ok_or("the enum Caller is not declared")?;
    let value = options.get_extension(option);
    let numbers = value.as_list().unwrap_or_default();
    let mut variants = Vec::new();
    for number in numbers.iter().filter_map(Value::as_enum_number) {
        let caller = names.get_value(number).filter(|_| number != 0);
        let caller = caller.ok_or_else(|| format!("{place}: the option {} names nobody", option.name()))?;
        variants.push(camel(caller.name().trim_start_matches("CALLER_")));
    }
    if variants.is_empty() {
        return Err(format!("{place}: the option {} is missing", option.name()).into());
    }
    Ok(variants)
}

/// `SERVICE_COLLECTION` as `ServiceCollection`, the way prost names a variant.
fn camel(name: &str) -> String {
    let capital = |word: &str| {
        word.chars().take(1).chain(word.chars().skip(1).map(|c| c.to_ascii_lowercase())).collect()
    };
    name.split('_').map(capital).collect::<Vec<String>>().concat()
}

/// The table of who may call each RPC; a method without a rule is an error that names it.
pub fn write_rules(pool: &DescriptorPool, tables: &mut String) -> Result<(), Box<dyn Error>> {
    let (option, by_row) = (extension(pool, "caller")?, extension(pool, "by_row")?);
    writeln!(tables, "/// Who may call each RPC, by its path; made from the contracts.")?;
    writeln!(tables, "pub static RULES: &[Rule] = &[")?;
    for service in pool.services() {
        for method in service.methods() {
            let path = format!("/{}/{}", service.full_name(), method.name());
            let callers = callers(pool, &method.options(), &option, &path)?;
            let callers: Vec<_> = callers.iter().map(|caller| format!("Caller::{caller}")).collect();
            let batch = carries_items(&method.input());
            let by_row = method.options().get_extension(&by_row).as_bool() == Some(true);
            writeln!(
                tables,
                "    Rule {{ path: {path:?}, callers: &[{}], batch: {batch}, by_row: {by_row} }},",
                callers.join(", ")
            )?;
        }
    }
    writeln!(tables, "];")?;
    Ok(())
}

/// A batch: the request carries a list of its own, apart from the positions to wait for.
fn carries_items(request: &MessageDescriptor) -> bool {
    request
        .fields()
        .any(|field| field.is_list() && field.kind().as_message().is_some() && field.name() != "after")
}

/// How each request says whose division it is about; a method whose request does not, and that does not leave it to the row,
/// is an error that names it. So is an item with a division of its own: nobody would look at it.
pub fn write_divisions(pool: &DescriptorPool, tables: &mut String) -> Result<(), Box<dyn Error>> {
    let by_row = extension(pool, "by_row")?;
    for method in pool.services().flat_map(|service| service.methods().collect::<Vec<_>>()) {
        let (name, request) = (method.full_name(), method.input());
        let by_row = method.options().get_extension(&by_row).as_bool() == Some(true);
        let names = request.fields().any(|field| field.name() == "division");
        if names == by_row {
            let why =
                if by_row { "a division and the option by_row" } else { "no division and no option by_row" };
            return Err(format!("{name}: {why}: whose division is it about?").into());
        }
        if let Some(item) = request.fields().find(|field| holds_a_division(field, &mut BTreeSet::new())) {
            return Err(format!("{name}: {} holds a division of its own", item.name()).into());
        }
        let division = if names { "Some(&self.division)" } else { "None" };
        writeln!(tables, "impl Scoped for {} {{", rust_path(&request))?;
        writeln!(tables, "    fn division(&self) -> Option<&str> {{ {division} }}\n}}")?;
    }
    Ok(())
}

/// Whether a part of a request, at whatever depth, has a field `division`.
fn holds_a_division(field: &FieldDescriptor, seen: &mut BTreeSet<String>) -> bool {
    let kind = field.kind();
    let Some(part) = kind.as_message().filter(|part| seen.insert(part.full_name().to_owned())) else {
        return false;
    };
    part.fields().any(|field| field.name() == "division" || holds_a_division(&field, seen))
}

/// For whom each event is; an event without an audience is an error that names it.
pub fn write_audiences(pool: &DescriptorPool, tables: &mut String) -> Result<(), Box<dyn Error>> {
    let option = extension(pool, "audience")?;
    for message in pool.all_messages() {
        let name = message.full_name();
        let is_event =
            message.parent_file().name().ends_with("_events.proto") && message.parent_message().is_none();
        if !is_event {
            if message.options().has_extension(&option) {
                return Err(format!("{name}: an audience outside a file of events").into());
            }
            continue;
        }
        let audience = callers(pool, &message.options(), &option, name)?;
        let audience: Vec<_> = audience.iter().map(|caller| format!("Caller::{caller}")).collect();
        writeln!(tables, "impl Event for {} {{", rust_path(&message))?;
        writeln!(tables, "    const KIND: &'static str = {name:?};")?;
        writeln!(tables, "    const AUDIENCE: &'static [Caller] = &[{}];", audience.join(", "))?;
        writeln!(tables, "}}")?;
    }
    Ok(())
}

fn sensitive_messages(pool: &DescriptorPool) -> Result<Vec<MessageDescriptor>, Box<dyn Error>> {
    let option = extension(pool, "sensitive")?;
    let holds = |message: &MessageDescriptor| {
        message.fields().any(|field| field.options().get_extension(&option).as_bool() == Some(true))
    };
    Ok(pool.all_messages().filter(holds).collect())
}

/// A message with personal data prints its name and nothing else.
fn write_debug(sensitive: &[MessageDescriptor], tables: &mut String) -> Result<(), Box<dyn Error>> {
    for message in sensitive {
        writeln!(tables, "impl std::fmt::Debug for {} {{", rust_path(message))?;
        writeln!(tables, "    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {{")?;
        writeln!(tables, "        f.write_str(\"{} {{ .. }}\")", message.name())?;
        writeln!(tables, "    }}\n}}")?;
    }
    Ok(())
}

/// `canbao.registration.v1.Resident` as `crate::registration::Resident`.
fn rust_path(message: &MessageDescriptor) -> String {
    let package = message.parent_file().package_name().to_owned();
    let department = package.split('.').nth(1).unwrap_or_default().to_owned();
    format!("crate::{department}::{}", message.name())
}
