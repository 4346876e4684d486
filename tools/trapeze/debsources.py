# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""The apt sources and settings that a private apt run uses: the system's, limited to Debian's own archives."""

import os
import re
import subprocess

KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
ALIASES = ("stable", "oldstable", "oldoldstable", "testing", "unstable", "sid")
SUFFIXES = ("", "-updates", "-security")
# One line of `apt-get update --print-uris` about a repository's release file.
RELEASE_URI = re.compile(r"^'(?P<site>[a-z+]+:.*?)/dists/(?P<suite>[^']+)/InRelease'")
# How the network is reached is the system's business; which lists are wanted is ours.
NOT_INHERITED = "IndexTargets|Languages|GzipIndexes|CompressionTypes|Changelogs|cdrom"
INHERITED = re.compile(rf'^Acquire::(?!{NOT_INHERITED})\S* ".*";$')


class SourcesError(Exception):
    """No usable source of Debian packages, in one line for the user."""


def private_sources(path, probe_folder, suites=()):
    """Text of the private sources.list: from the file at `path`, or from the system's sources.

    With suites: these, where the system has its release from (updates and security fixes lie at places of their own).
    """
    if path:
        try:
            with open(path, encoding="utf-8") as stream:
                return stream.read()
        except OSError as error:
            raise SourcesError(f"{path}: {error.strerror}") from error
    if not os.path.exists(KEYRING):
        raise SourcesError(f"{KEYRING} not found: install debian-archive-keyring")
    sources = "".join(f"deb [signed-by={KEYRING}] {site} {suite} main\n"
                      for site, suite in in_suites(debian_releases(probe_folder), suites))
    if not sources:
        raise SourcesError("no Debian archive in the system's apt sources; name one with --sources FILE")
    return sources


def debian_releases(probe_folder):
    """(site, suite) pairs of the configured repositories whose suite is the running release's."""
    os.makedirs(os.path.join(probe_folder, "partial"), exist_ok=True)
    output = subprocess.run(["apt-get", "-o", f"Dir::State::lists={probe_folder}", "update", "--print-uris"],
                            env=dict(os.environ, LC_ALL="C"), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                            text=True, check=False).stdout
    wanted = [base + suffix for base in (release_codename(), *ALIASES) for suffix in SUFFIXES]
    found = [RELEASE_URI.match(line) for line in output.splitlines()]
    return sorted({(match["site"], match["suite"]) for match in found if match and match["suite"] in wanted})


def in_suites(releases, suites):
    sites = {site for site, suite in releases if not suite.endswith("-security")}
    return sorted((site, suite) for site in sites for suite in suites) if suites else releases


def release_codename():
    try:
        with open("/etc/os-release", encoding="utf-8") as stream:
            match = re.search(r'^VERSION_CODENAME="?([a-z]+)"?$', stream.read(), re.MULTILINE)
    except OSError:
        match = None
    return match.group(1) if match else ALIASES[0]


def private_configuration(state, arch):
    """Text of the private apt.conf; hooks of the system's configuration are left out on purpose."""
    dump = subprocess.run(["apt-config", "dump"], env=dict(os.environ, LC_ALL="C"), stdout=subprocess.PIPE,
                          text=True, check=True).stdout
    inherited = [match.group(0) for match in map(INHERITED.match, dump.splitlines()) if match]
    own = {
        "Dir::State": state,
        "Dir::State::lists": f"{state}/lists",
        "Dir::State::status": f"{state}/status",
        "Dir::Cache": state,
        "Dir::Etc::main": f"{state}/empty/apt.conf",
        "Dir::Etc::parts": f"{state}/empty",
        "Dir::Etc::sourcelist": f"{state}/sources.list",
        "Dir::Etc::sourceparts": f"{state}/empty",
        "Dir::Etc::preferences": f"{state}/empty/preferences",
        "Dir::Etc::preferencesparts": f"{state}/empty",
        "APT::Architecture": arch,
        "APT::Architectures": arch,
        "APT::Get::AllowUnauthenticated": "false",
        "APT::Sandbox::User": "root",
        "Acquire::Retries": "3",
        "Acquire::Languages": "none",
    }
    lines = inherited + [f'{name} "{value}";' for name, value in own.items()]
    return "\n".join(lines) + "\n"
