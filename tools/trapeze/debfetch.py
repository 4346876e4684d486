# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""Fetch Debian packages with a private apt configuration.

The cache folder holds, for each architecture, everything apt needs (configuration, sources, lists, an empty status
file), and the downloaded packages; a lock serialises runs that share it.  An output folder carries one stamp per
package, so a second run is a look at the stamps and needs no network.
"""

import contextlib
import fcntl
import os
import re
import shutil
import subprocess
import time

from trapeze import debsources

LIST_ATTEMPTS = 2
ATTEMPTS = 3
PAUSE_SECONDS = 1
METAPACKAGE_DEPTH = 4
DOCUMENTATION = re.compile(r"\./(usr/(share/(bug|doc|lintian|man)(/.*)?|share/)?)?$")


class FetchError(Exception):
    """What could not be had, in one line for the user."""


class Fetcher:
    def __init__(self, cache, sources=None, suites=(), libraries=False, say=print):
        self.cache = os.path.abspath(cache)
        self.libraries = libraries
        self.state = None
        self.sources = sources
        self.suites = suites
        self.say = say
        self.updated = False

    def fetch(self, packages, arch, output, update=False):
        """Unpack each package for `arch` into `output`; already unpacked ones are left as they are."""
        require_commands("apt-get", "apt-cache", "apt-config", "dpkg-deb")
        stamps = os.path.join(output, ".fetch-deb")
        try:
            os.makedirs(stamps, exist_ok=True)
        except OSError as error:
            raise FetchError(f"{error.filename}: cannot create the folder: {error.strerror}") from error
        with locked(os.path.join(stamps, "lock")):
            missing = [name for name in packages if update or not os.path.exists(stamp_path(stamps, name, arch))]
            if missing:
                self.fetch_missing(missing, arch, output, stamps, update)

    def fetch_missing(self, packages, arch, output, stamps, update):
        self.state = os.path.join(self.cache, "_".join((arch, *self.suites)))
        os.makedirs(self.path("debs"), exist_ok=True)
        with locked(self.path("lock")):
            self.configure(arch)
            if update or not os.path.exists(self.path("lists-complete")):
                self.update_lists()
            for name in packages:
                debs = self.download_following(name, arch)
                if self.libraries:
                    debs += self.download_libraries(debs, arch)
                for deb in debs:
                    self.unpack(deb, output)
                write_file(stamp_path(stamps, name, arch), "".join(os.path.basename(deb) + "\n" for deb in debs))

    def path(self, *names):
        return os.path.join(self.state, *names)

    def configure(self, arch):
        """Write the private configuration; lists that came from other sources are dropped."""
        try:
            sources = debsources.private_sources(self.sources, self.path("probe"), self.suites)
        except debsources.SourcesError as error:
            raise FetchError(str(error)) from error
        for folder in ("lists/partial", "archives/partial", "empty"):
            os.makedirs(self.path(folder), exist_ok=True)
        if read_file(self.path("sources.list")) != sources:
            shutil.rmtree(self.path("lists"))
            os.makedirs(self.path("lists/partial"))
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self.path("lists-complete"))
            write_file(self.path("sources.list"), sources)
        write_file(self.path("status"), "")
        write_file(self.path("apt.conf"), debsources.private_configuration(self.state, arch), mode=0o600)

    def apt(self, *command, cwd=None):
        environment = dict(os.environ, APT_CONFIG=self.path("apt.conf"), LC_ALL="C")
        return subprocess.run(command, cwd=cwd, env=environment, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)

    def update_lists(self):
        """Get fresh lists; one archive out of step with its own release file does not stop the others."""
        self.say("updating package lists")
        for attempt in range(LIST_ATTEMPTS):
            time.sleep(PAUSE_SECONDS * attempt)
            result = self.apt("apt-get", "-q", "update")
            if result.returncode == 0:
                break
        if not self.apt("apt-get", "indextargets", "--format", "$(FILENAME)", "Created-By: Packages").stdout:
            raise FetchError(f"cannot update the package lists: {apt_complaint(result)}")
        if result.returncode != 0:
            self.say(f"going on without some lists: {apt_complaint(result)}")
        write_file(self.path("lists-complete"), "")
        self.updated = True

    def download_following(self, name, arch, depth=0):
        """Return the paths of the package or, for a metapackage, of what it stands for."""
        deb = self.download(name, arch)
        if not is_metapackage(deb):
            return [deb]
        depends = dependencies(deb)
        if not depends or depth == METAPACKAGE_DEPTH:
            raise FetchError(f"{name}:{arch}: the package holds no files and leads to none")
        self.say(f"{name}:{arch} is a metapackage for {', '.join(depends)}")
        return [found for other in depends for found in self.download_following(other, arch, depth + 1)]

    def download_libraries(self, debs, arch):
        """Return the paths of the libraries that the packages depend on, and of those that these depend on."""
        found, rest = {}, list(debs)
        while rest:
            for name in dependencies(rest.pop()):
                if name.startswith("lib") and name not in found:
                    found[name] = self.download(name, arch)
                    rest.append(found[name])
        return list(found.values())

    def download(self, name, arch):
        spec = f"{name}:{arch}"
        version = self.candidate(spec)
        for attempt in range(ATTEMPTS):
            result = self.apt("apt-get", "-q", "download", f"{spec}={version}", cwd=self.path("debs"))
            if result.returncode == 0:
                deb = self.path("debs", f"{name}_{version.replace(':', '%3a')}_{arch}.deb")
                if not os.path.exists(deb):
                    deb = deb.replace(f"_{arch}.deb", "_all.deb")
                self.say(f"have {os.path.basename(deb)}")
                return deb
            time.sleep(PAUSE_SECONDS * attempt)
            if not self.updated:
                self.update_lists()
                version = self.candidate(spec)
        raise FetchError(f"cannot download {spec} {version}: {apt_complaint(result)}")

    def candidate(self, spec):
        """Version that apt would take; the lists are refreshed once before a name is called unknown."""
        result = self.apt("apt-cache", "policy", spec)
        found = re.search(r"^  Candidate: (\S+)$", result.stdout, re.MULTILINE)
        if found and found.group(1) != "(none)":
            return found.group(1)
        if self.updated:
            raise FetchError(f"no package {spec} in the Debian sources; check its name with: apt-cache search "
                             f"{spec.split(':')[0]}")
        self.update_lists()
        return self.candidate(spec)

    def unpack(self, deb, output):
        result = subprocess.run(["dpkg-deb", "-x", deb, output], stderr=subprocess.PIPE, text=True, check=False)
        if result.returncode != 0:
            raise FetchError(f"cannot unpack {os.path.basename(deb)} into {output}: {last_line(result.stderr)}")


def require_commands(*names):
    missing = [name for name in names if not shutil.which(name)]
    if missing:
        raise FetchError(f"{' '.join(missing)} not found: this tool needs a Debian-like system with apt and dpkg")


def is_metapackage(deb):
    listing = dpkg_deb("--fsys-tarfile", deb)
    names = subprocess.run(["tar", "-t"], input=listing, stdout=subprocess.PIPE, check=True).stdout.decode()
    return all(DOCUMENTATION.fullmatch(name) for name in names.splitlines())


def dependencies(deb):
    """Names in Depends, the first of each list of alternatives, without versions."""
    field = dpkg_deb("-f", deb, "Depends").decode()
    return [re.split(r"[\s(|:]", part.strip())[0] for part in field.split(",") if part.strip()]


def dpkg_deb(*arguments):
    result = subprocess.run(["dpkg-deb", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    if result.returncode != 0:
        raise FetchError(f"{os.path.basename(arguments[1])}: unreadable package: {last_line(result.stderr.decode())}")
    return result.stdout


def apt_complaint(result):
    errors = re.findall(r"^E: (.*)$", result.stderr, re.MULTILINE)
    return errors[0].strip() if errors else last_line(result.stderr)


def last_line(text):
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "no reason given"


def stamp_path(stamps, name, arch):
    return os.path.join(stamps, f"{name}_{arch}")


def read_file(path):
    try:
        with open(path, encoding="utf-8") as stream:
            return stream.read()
    except FileNotFoundError:
        return None


def write_file(path, text, mode=0o644):
    """Replace the file in one step: a reader sees the old or the new one."""
    new = path + ".new"
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(text)
    os.replace(new, path)


@contextlib.contextmanager
def locked(path):
    with open(path, "w", encoding="utf-8") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield
