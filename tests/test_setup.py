"""Set-up: the lock, the conda environment, the wheel, and both installers."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from rattler import MatchSpec

# Names that differ on conda-forge. The -base and -core packages leave out parts that nothing here uses.
CONDA_NAMES = {"matplotlib": "matplotlib-base", "nbconvert": "nbconvert-core", "build": "python-build"}
ONLY_BY_PIP = {"typst", "playwright", "oxedi", "x12sdk"}


def requirements(project: Path) -> list[Requirement]:
    table = tomllib.loads((project / "pyproject.toml").read_text())["project"]
    return [Requirement(text) for text in (*table["dependencies"], *table["optional-dependencies"]["dev"])]


def conda_entries(project: Path) -> tuple[list[str], list[str]]:
    """Return the entries of environment.yml: conda's own, and those left to pip."""
    lines = (project / "environment.yml").read_text().splitlines()
    listed = lines[lines.index("dependencies:") + 1 :]
    conda = [line[4:] for line in listed if re.match(r"  - (?!pip:)", line)]
    return conda, [line[8:] for line in listed if line.startswith("      - ")]


def versions(specifier: object) -> set[str]:
    """Return the parts of a version range, ``==0.11.*`` written as conda does."""
    return {part.strip().removeprefix("==") for part in str(specifier).split(",")}


def test_conda_and_pip_ask_for_the_same(project: Path) -> None:
    conda, by_pip = conda_entries(project)
    asked = {spec.name.normalized: versions(spec.version) for spec in map(MatchSpec, conda) if spec.name}
    wanted = {CONDA_NAMES.get(r.name, r.name): versions(r.specifier) for r in requirements(project)}
    python = tomllib.loads((project / "pyproject.toml").read_text())["project"]["requires-python"]
    wanted["python"] = versions(python)
    assert {name: asked.get(name) for name in wanted if name not in ONLY_BY_PIP} == {
        name: parts for name, parts in wanted.items() if name not in ONLY_BY_PIP
    }
    assert set(asked) - set(wanted) == {"pip"}
    left = {Requirement(text).name: versions(Requirement(text).specifier) for text in by_pip if "--" not in text}
    assert left == {name: wanted[name] for name in ONLY_BY_PIP}


def test_the_lock_names_no_host_and_has_a_hash_for_everything(project: Path) -> None:
    entries = (project / "requirements.lock").read_text().replace("\\\n", "").splitlines()
    assert len(entries) > 100
    for entry in entries:
        assert re.match(r"[a-z0-9-]+==\S+( ; [^-]+.*?)? +--hash=sha256:[0-9a-f]{64}", entry), entry
        assert "://" not in entry
        assert "--index" not in entry


def test_the_lock_fulfils_every_requirement(project: Path) -> None:
    lock = (project / "requirements.lock").read_text()
    for requirement in requirements(project):
        locked = re.findall(rf"^{re.escape(requirement.name.lower())}==(\S+)", lock, re.MULTILINE)
        assert locked, requirement.name
        assert all(version in requirement.specifier for version in locked), requirement


def tracked_copy(project: Path, folder: Path) -> Path:
    """Copy what git would hand out, new files too, to ``folder``, with one private file that must stay behind."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=project, capture_output=True, text=True, check=True,
    )  # fmt: skip
    for name in filter(None, listed.stdout.split("\0")):
        if (project / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(project / name, folder / name)
    private = folder / "data" / "local" / "rates.toml"
    private.parent.mkdir(parents=True)
    private.write_text("rate = 95.00")
    return folder


@pytest.fixture(scope="module")
def wheel(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel built as a user's pip would build it."""
    folder = tmp_path_factory.mktemp("wheel")
    source = tracked_copy(project, folder / "source")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(source)]
    subprocess.run(command, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


@pytest.mark.slow
def test_the_wheel_holds_data_and_notebooks_and_nothing_private(project: Path, wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    packed = {name.removeprefix("hitmodel/_bundled/") for name in names if "/_bundled/" in name}
    held = subprocess.run(
        ["git", "ls-files", "data", "notebooks"], cwd=project, capture_output=True, text=True, check=True
    ).stdout.split()
    assert set(held) <= packed
    assert not [name for name in names if "local" in name or "ipynb_checkpoints" in name]


@pytest.mark.slow
def test_an_installed_wheel_works_outside_a_checkout(wheel: Path, tmp_path: Path) -> None:
    """The wheel in an environment of its own; its dependencies are lent by the one that runs the tests."""
    place = tmp_path / "env"
    venv.create(place, with_pip=True)
    python = place / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", wheel], check=True)
    site = next(place.glob("lib/python*/site-packages"))
    lenders = [entry for entry in sys.path if entry.endswith("site-packages")]
    (site / "lent.pth").write_text("\n".join(lenders))
    for arguments, says in ((["codes", "vancomycin", "--on", "2025-06-30"], "J3370"), (["demo"], "Proposal A")):
        result = subprocess.run(
            [place / "bin" / "hitmodel", *arguments], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert result.returncode == 0, result.stderr
        assert says in result.stdout
    where = subprocess.run(
        [python, "-c", "import hitmodel.paths as p; print(p.root())"],
        cwd=tmp_path, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert where.stdout.strip() == str(site / "hitmodel" / "_bundled")


@pytest.mark.slow
def test_make_sets_itself_up_with_uv_in_an_empty_clone(project: Path, tmp_path: Path) -> None:
    """With pip instead of uv is what continuous integration itself does."""
    uv = Path(sys.executable).with_name("uv")
    clone = tracked_copy(project, tmp_path / "clone")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "uv").symlink_to(uv)
    environment = os.environ | {"PATH": f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}"}
    for variable in ("VIRTUAL_ENV", "PYTHONPATH", "MAKEFLAGS", "MAKELEVEL"):
        environment.pop(variable, None)
    made = subprocess.run(
        ["make", ".venv/.ready"], cwd=clone, env=environment, capture_output=True, text=True, check=False
    )
    assert made.returncode == 0, made.stderr
    again = subprocess.run(["make", "-q", ".venv/.ready"], cwd=clone, env=environment, check=False)
    assert again.returncode == 0, "the second time there is nothing left to do"
    ran = subprocess.run(
        [".venv/bin/hitmodel", "codes", "S9500"], cwd=clone, capture_output=True, text=True, check=True
    )
    assert "Anti-infective" in ran.stdout
