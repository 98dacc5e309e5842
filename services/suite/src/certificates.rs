//! `canbao certificates`: an authority for trials, and the certificates of everybody who calls.
//!
//! The layout is that of the identities: the certificate of `spiffe://canbao/141181/tax` stands in `141181/tax`, beside its
//! key and the authorities it trusts. An operator's own authority can issue the same files.

use std::{collections::BTreeSet, net::IpAddr, path::PathBuf};

use canbao_host::{Address, DEPARTMENTS, StartError};
use canbao_policy::Notices;
use canbao_proto::rules;
use canbao_types::Division;
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use rcgen::CertificateParams;

use crate::{notice, print};

mod authority;

pub use authority::{Authority, Issued};

/// How long an identity lasts when nothing is said, and at most: as long as an authority.
const DAYS: &str = "90";
const MOST_DAYS: i64 = authority::DAYS;

/// The command and its arguments.
pub fn command() -> Command {
    let folder = Arg::new("folder").required(true).value_name("FOLDER").value_parser(value_parser!(PathBuf));
    let division = Arg::new("division").long("division").value_name("CODE").action(ArgAction::Append);
    let division = division.value_parser(|code: &str| code.parse::<Division>());
    let channel = Arg::new("channel").long("channel").value_name("NAME").action(ArgAction::Append);
    let name = Arg::new("name").long("name").value_name("SERVICE=HOST").action(ArgAction::Append);
    let name = name.value_parser(Named::read);
    let days = Arg::new("days").long("days").value_name("NUMBER").default_value(DAYS);
    let days = days.value_parser(value_parser!(i64).range(1..=MOST_DAYS));
    let authority = Arg::new("authority").long("authority").value_name("FOLDER");
    let authority = authority.value_parser(value_parser!(PathBuf));
    Command::new("certificates")
        .about("Makes or renews an authority for trials and a certificate for everybody who calls")
        .arg(folder.help("Where they are put, each in the folder of its identity"))
        .arg(division.help("A division (GB/T 2260); again for another [default: those of the notices]"))
        .arg(channel.help("A channel; again for another [default: those the division's notice knows]"))
        .arg(name.help("A DNS name or address where people's clients find a service; again for another"))
        .arg(days.help("How long they hold; the same line again renews them"))
        .arg(authority.help("Where the authority is, or is made [default: in FOLDER]"))
}

/// Makes what is missing, renews the rest, and says so.
pub fn run(matches: &ArgMatches) -> Result<(), StartError> {
    let folder: &PathBuf = matches.get_one("folder").ok_or("a folder is needed")?;
    let home: &PathBuf = matches.get_one("authority").unwrap_or(folder);
    let days = matches.get_one("days").copied().unwrap_or(MOST_DAYS);
    let notices = notice::all(notice::folder(matches))?;
    let divisions: BTreeSet<Division> = match matches.get_many("division") {
        Some(named) => named.copied().collect(),
        None => notices.iter().map(|notice| notice.division()).collect(),
    };
    let mut identities: Vec<String> = DEPARTMENTS.map(|name| format!("service/{name}")).into();
    for division in divisions {
        let channels: BTreeSet<&str> = match matches.get_many::<String>("channel") {
            Some(named) => named.map(String::as_str).collect(),
            None => channels(&notices, division),
        };
        identities.extend(callers(division, &channels)?);
    }
    // Whoever lost sight of the authority would make another one, and shut everybody out who still trusts the first.
    let theirs = identities.iter().map(|identity| folder.join(identity).join(authority::CERTIFICATE));
    if let Some(foreign) = authority::foreign(home, theirs)? {
        let (foreign, trusted) = (foreign.display(), home.join(authority::TRUSTED));
        return Err(format!(
            "{foreign} was not issued by an authority in {}; say --authority FOLDER, as at first",
            trusted.display()
        )
        .into());
    }
    let named: Vec<&Named> = matches.get_many("name").into_iter().flatten().collect();
    let authority = Authority::open(home)?;
    let mut until = authority.until();
    for identity in &identities {
        let mut words = authority.words(identity, days)?;
        for name in named.iter().filter(|name| identity.strip_prefix("service/") == Some(name.service)) {
            let hosts = CertificateParams::new([name.host.clone()])?.subject_alt_names;
            words.subject_alt_names.extend(hosts);
        }
        until = words.not_after;
        authority.issue(&words)?.put(&folder.join(identity), authority.trusted())?;
    }
    let also = |name: &&Named| format!("The certificate of {} also names {}.\n", name.service, name.host);
    let hosts: String = named.iter().map(also).collect();
    print(format_args!(
        "{} certificates in {}, valid until {}. The same line again renews them.\n{}\
         Their authority is {}, valid until {}: one for trials. Keep {} from the departments;\n\
         an operator's own authority can issue the same files instead.",
        identities.len(),
        folder.display(),
        until.date(),
        hosts,
        home.join(authority::TRUSTED).display(),
        authority.until().date(),
        home.join(authority::SIGNING_KEY).display(),
    ))
}

/// Where a service is found, besides its own name and this machine.
#[derive(Clone)]
struct Named {
    service: &'static str,
    host: String,
}

impl Named {
    fn read(text: &str) -> Result<Self, String> {
        let (service, host) = text.split_once('=').ok_or("not SERVICE=HOST")?;
        let service = DEPARTMENTS.into_iter().find(|name| *name == service);
        let service = service.ok_or_else(|| format!("the services are {}", DEPARTMENTS.join(", ")))?;
        let is_host = host.parse::<IpAddr>().is_ok() || format!("{host}:0").parse::<Address>().is_ok();
        match is_host {
            true => Ok(Self { service, host: host.to_owned() }),
            false => Err(format!("{host:?} is no DNS name or address; it has no port either")),
        }
    }
}

/// The channels known to the notices of a division, or of those below it.
fn channels(notices: &Notices, division: Division) -> BTreeSet<&str> {
    let within = notices.iter().filter(|notice| division.contains(notice.division()));
    within.flat_map(|notice| notice.channels()).map(|channel| channel.kind.code()).collect()
}

/// Everybody who calls in a division, and is not a service.
fn callers(division: Division, channels: &BTreeSet<&str>) -> Result<Vec<String>, StartError> {
    let named = rules::NAMED.iter().filter(|(name, _)| !name.starts_with("service/"));
    let mut callers: Vec<_> = named.map(|(name, _)| format!("{division}/{name}")).collect();
    for channel in channels {
        let name = format!("channel/{channel}");
        if rules::named(&name).is_none() {
            return Err(
                format!("a channel's name is of small letters, digits and hyphens, not {channel:?}").into()
            );
        }
        callers.push(format!("{division}/{name}"));
    }
    Ok(callers)
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt, path::Path};

    use canbao_policy::Notices;
    use time::Duration;
    use x509_parser::{extensions::GeneralName, pem::Pem};

    use super::{
        authority::{CERTIFICATE, KEY, OPEN, SECRET, SIGNING_KEY, TRUSTED},
        *,
    };

    fn run(flags: &[&str]) -> Result<(), StartError> {
        super::run(
            &command()
                .arg(Arg::new("notices").long("notices"))
                .get_matches_from([&["certificates"], flags].concat()),
        )
    }

    fn read(path: &Path) -> Vec<u8> {
        Pem::iter_from_buffer(&fs::read(path).unwrap()).next().unwrap().unwrap().contents
    }

    /// The last parts of the paths below a folder that are `certificate.pem`, without it.
    fn identities(folder: &Path, within: &str, found: &mut BTreeSet<String>) {
        for entry in fs::read_dir(folder.join(within.trim_start_matches('/'))).unwrap() {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
            if entry.metadata().unwrap().is_dir() {
                assert_eq!(mode, 0o700, "{name}");
                identities(folder, &format!("{within}/{name}"), found);
            } else if name == CERTIFICATE {
                found.insert(within.trim_start_matches('/').to_owned());
            } else {
                assert_eq!(mode, if name.contains("key") { SECRET } else { OPEN }, "{name}");
            }
        }
    }

    #[test]
    fn everybody_who_calls_has_a_folder_named_like_the_one_identity_of_the_certificate() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("certificates");
        run(&[folder.to_str().unwrap(), "--channel", "a-bank", "--division=370685", "--division=370600"])
            .unwrap();
        let mut found = BTreeSet::new();
        identities(&folder, "", &mut found);
        let mut expected = BTreeSet::from(DEPARTMENTS.map(|name| format!("service/{name}")));
        for division in ["370600", "370685"] {
            let callers = rules::NAMED.iter().filter(|(name, _)| !name.starts_with("service/"));
            expected.extend(callers.map(|(name, _)| format!("{division}/{name}")));
            expected.insert(format!("{division}/channel/a-bank"));
        }
        assert_eq!(found, expected);
        for identity in &found {
            let der = read(&folder.join(identity).join(CERTIFICATE));
            let (_, read) = x509_parser::parse_x509_certificate(&der).unwrap();
            let names = &read.subject_alternative_name().unwrap().unwrap().value.general_names;
            let uris: Vec<_> = names
                .iter()
                .filter_map(|name| match name {
                    GeneralName::URI(uri) => Some((*uri).to_owned()),
                    _ => None,
                })
                .collect();
            assert_eq!(uris, [format!("spiffe://canbao/{identity}")]);
            let usages = read.extended_key_usage().unwrap().unwrap().value;
            assert!(usages.client_auth);
            assert_eq!(usages.server_auth, identity.starts_with("service/"), "{identity}");
            assert_eq!(names.len() > 1, identity.starts_with("service/"), "hosts: {identity}");
            assert!(!read.is_ca());
        }
    }

    #[test]
    fn the_divisions_and_channels_of_the_notices_are_taken_when_none_is_named() {
        let notices = Notices::builtin().unwrap();
        let folder = tempfile::tempdir().unwrap();
        run(&[folder.path().to_str().unwrap()]).unwrap();
        for notice in notices.iter() {
            let own = folder.path().join(notice.division().to_string());
            assert!(!notice.channels().is_empty());
            for channel in notice.channels() {
                assert!(own.join("channel").join(channel.kind.code()).join(KEY).exists());
            }
        }
    }

    #[test]
    fn once_more_keeps_the_authority_and_renews_every_identity_with_a_key_of_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let flags = [folder.path().to_str().unwrap(), "--division=370685", "--days=7"];
        let texts = || {
            run(&flags).unwrap();
            [
                TRUSTED,
                SIGNING_KEY,
                "370685/tax/key.pem",
                "370685/tax/certificate.pem",
                "370685/tax/authority.pem",
            ]
            .map(|file| fs::read_to_string(folder.path().join(file)).unwrap())
        };
        let (before, after) = (texts(), texts());
        assert_eq!(before[..2], after[..2], "the authority");
        assert_eq!(before[0], after[4], "is the one that is trusted");
        assert!(before[2] != after[2] && before[3] != after[3], "key and certificate are new");
        let der = read(&folder.path().join("370685/tax").join(CERTIFICATE));
        let (_, read) = x509_parser::parse_x509_certificate(&der).unwrap();
        let left = read.validity().time_to_expiration().unwrap();
        assert!(left > Duration::days(6) && left <= Duration::days(7), "{left}");
    }

    #[test]
    fn of_several_authorities_that_are_trusted_the_one_that_belongs_to_the_key_signs() {
        let [old, new, certificates] = [(); 3].map(|()| tempfile::tempdir().unwrap());
        let (before, after) = (Authority::open(old.path()).unwrap(), Authority::open(new.path()).unwrap());
        let both = format!("{}{}", before.trusted(), after.trusted());
        fs::write(new.path().join(TRUSTED), &both).unwrap();
        let folder = certificates.path().to_str().unwrap();
        run(&[folder, "--authority", new.path().to_str().unwrap()]).unwrap();
        let own = certificates.path().join("service/collection");
        assert_eq!(fs::read_to_string(own.join(TRUSTED)).unwrap(), both);
        let (der, new) =
            (read(&own.join(CERTIFICATE)), Pem::iter_from_buffer(after.trusted().as_bytes()).next());
        let new = new.unwrap().unwrap();
        let (_, read) = x509_parser::parse_x509_certificate(&der).unwrap();
        read.verify_signature(Some(new.parse_x509().unwrap().public_key())).unwrap();
        assert!(!certificates.path().join(SIGNING_KEY).exists(), "the key stays where it is");
    }

    #[test]
    fn an_authority_that_lacks_a_half_or_whose_key_others_can_read_is_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let told = || run(&[folder.path().to_str().unwrap()]).unwrap_err().to_string();
        let path = |name| folder.path().join(name);
        Authority::open(folder.path()).unwrap();
        fs::set_permissions(path(SIGNING_KEY), fs::Permissions::from_mode(0o640)).unwrap();
        assert!(told().contains("authority.key: others can read it"), "{}", told());
        fs::set_permissions(path(SIGNING_KEY), fs::Permissions::from_mode(0o600)).unwrap();
        fs::write(path(TRUSTED), Authority::new().unwrap().trusted()).unwrap();
        assert!(told().contains("no certificate in it belongs to authority.key"), "{}", told());
        fs::remove_file(path(TRUSTED)).unwrap();
        assert!(told().contains("authority.pem is missing"), "{}", told());
        assert!(!path("service").exists(), "nothing was issued");
    }

    #[test]
    fn certificates_of_an_authority_that_is_not_the_one_named_are_refused_and_left_as_they_are() {
        let folder = tempfile::tempdir().unwrap();
        let [certificates, authority, another] =
            ["certificates", "authority", "another"].map(|name| folder.path().join(name));
        let made = |more: &[&str]| {
            let flags = [&[certificates.to_str().unwrap(), "--division=370685"], more].concat();
            run(&flags).map_err(|error| error.to_string())
        };
        let own = |path: &Path| format!("--authority={}", path.display());
        made(&[&own(&authority)]).unwrap();
        let tax = certificates.join("370685/tax").join(CERTIFICATE);
        let before = fs::read(&tax).unwrap();
        for flags in [&[][..], &[own(&another).as_str()]] {
            let told = made(flags).unwrap_err();
            assert!(told.contains("service/registration/certificate.pem"), "{told}");
            assert!(told.contains("say --authority FOLDER, as at first"), "{told}");
            assert!(!told.contains('\n'), "one line: {told}");
        }
        assert_eq!(fs::read(&tax).unwrap(), before);
        assert!(!certificates.join(SIGNING_KEY).exists() && !another.exists(), "no second authority is made");
        // While one authority takes another's place the old one's certificates are still renewed.
        let both = format!(
            "{}{}",
            fs::read_to_string(authority.join(TRUSTED)).unwrap(),
            Authority::open(&another).unwrap().trusted()
        );
        fs::write(another.join(TRUSTED), both).unwrap();
        made(&[&own(&another)]).unwrap();
        assert!(fs::read(&tax).unwrap() != before);
    }

    #[test]
    fn a_service_is_certified_for_the_names_it_is_given_and_for_no_others() {
        let folder = tempfile::tempdir().unwrap();
        let flags = ["--name=collection=collection.example", "--name=collection=10.1.2.3"];
        run(&[&[folder.path().to_str().unwrap()], flags.as_slice()].concat()).unwrap();
        let hosts = |service: &str| {
            let der = read(&folder.path().join("service").join(service).join(CERTIFICATE));
            let (_, read) = x509_parser::parse_x509_certificate(&der).unwrap();
            let names = &read.subject_alternative_name().unwrap().unwrap().value.general_names;
            assert_eq!(names.iter().filter(|name| matches!(name, GeneralName::URI(_))).count(), 1);
            let holds = |wanted: GeneralName<'_>| names.contains(&wanted);
            [
                holds(GeneralName::DNSName("collection.example")),
                holds(GeneralName::IPAddress(&[10, 1, 2, 3])),
                holds(GeneralName::DNSName("localhost")),
            ]
        };
        assert_eq!(hosts("collection"), [true, true, true]);
        assert_eq!(hosts("benefits"), [false, false, true]);
        for wrong in
            ["collection", "tax=tax.example", "collection=", "collection=a b", "collection=collection:1"]
        {
            let matches = command().try_get_matches_from(["certificates", "folder", "--name", wrong]);
            assert!(matches.is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_channel_that_could_never_call_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let told = run(&[folder.path().to_str().unwrap(), "--channel", "../tax"]).unwrap_err().to_string();
        assert!(told.contains("small letters, digits and hyphens"), "{told}");
        assert!(!folder.path().join(TRUSTED).exists());
    }
}
