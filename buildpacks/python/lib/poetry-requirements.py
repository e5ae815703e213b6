"""Prints the main group of a poetry.lock as requirements with hashes, for pip.

Usage: poetry-requirements.py BUILD_DIR

Poetry itself asks an interface that PyPI alone has; pip does with any registry.
Exit status 1 with sentences on standard error for a lock that pip cannot follow.
"""
import re
import sys
import tomllib
from pathlib import Path


def main(folder):
    lock = read(folder / "poetry.lock")
    if not lock.get("metadata", {}).get("lock-version", "").startswith("2.") or any(
        "groups" not in package for package in lock.get("package", [])
    ):
        fail("poetry.lock is of an older Poetry than 2.0, which did not write down what only development needs.")
    packages = [package for package in lock.get("package", []) if "main" in package["groups"]]
    missing = wanted(read(folder / "pyproject.toml")) - {normal(package["name"]) for package in packages}
    if missing:
        fail(f"{', '.join(sorted(missing))} of pyproject.toml is not in poetry.lock.")
    for package in packages:
        if not package.get("optional"):
            print(requirement(package))


def read(file):
    try:
        with open(file, "rb") as opened:
            return tomllib.load(opened)
    except (OSError, tomllib.TOMLDecodeError) as error:
        fail(f"{file.name} cannot be read: {error}")


def wanted(project):
    """Names of what the app cannot do without, by the standard's words and by Poetry's own."""
    by_standard = [re.match(r"[\w.-]+", line) for line in project.get("project", {}).get("dependencies", [])]
    by_poetry = project.get("tool", {}).get("poetry", {}).get("dependencies", {})
    needed = [name for name, how in by_poetry.items() if not (isinstance(how, dict) and how.get("optional"))]
    return {normal(name) for name in [match[0] for match in by_standard if match] + needed} - {"python"}


def requirement(package):
    kind = package.get("source", {}).get("type", "registry")
    name, version = package["name"], package["version"]
    if kind in ("registry", "legacy"):
        line = f"{name}=={version}"
    elif kind == "url":
        line = f"{name} @ {package['source']['url']}"
    else:
        fail(f"{name} in poetry.lock comes from a {kind}; take it from a registry.")
    markers = package.get("markers")
    condition = markers.get("main") if isinstance(markers, dict) else markers
    hashes = "".join(f" --hash={entry['hash']}" for entry in package["files"])
    return line + (f" ; {condition}" if condition else "") + hashes


def normal(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def fail(*sentences):
    for sentence in (*sentences, "Run poetry lock with a current Poetry and commit poetry.lock."):
        print(f" !     {sentence}", file=sys.stderr)
    sys.exit(1)


main(Path(sys.argv[1]))
