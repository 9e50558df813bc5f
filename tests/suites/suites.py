"""What each suite builds and runs. The order of SUITES is the order of `./test`."""

import json
import os
import re
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from . import counts
from .runner import BUILD, ROOT, UNSTEADY_LIMIT, Suite, SuiteError

JOBS = str(min(os.cpu_count() or 2, 2))
PROGRAMS = ("rollcalld", "rollcall", "rollcall-terminal", "rollcall-casesim")
COVERED = ("protocol",)  # folders whose lines the unit tests must reach


def _ctest(suite: Suite, build: Path, label: str) -> None:
    def once(report: Path, *options: str) -> None:
        suite.run("ctest", "--test-dir", build, "-L", f"^{label}$", "--output-on-failure", "--progress",
                  "--no-tests=error", *options, "--output-junit", report)

    _with_second_try(suite, f"{suite.name}-{label}", lambda report: once(report, "-j", JOBS),
                     lambda report: once(report, "--rerun-failed"))


def _google_tests(suite: Suite, build: Path) -> None:
    """All unit tests, each program in one process: under a sanitizer a process for each test takes longer than the
    tests. What failed without a crash or a report runs once more, alone, with the seed that it had."""
    programs = sorted(program for folder in ("unit", "year") for program in (build / "tests" / folder).rglob("test_*")
                      if program.is_file() and os.access(program, os.X_OK))

    def run(program: Path, name: str, *options: str, seed: str = "") -> tuple[counts.Counts, str | None]:
        """With the seed of what failed first; None when it ended before it had told of all, or a sanitizer reported."""
        report = suite.results / f"{suite.name}-{name}.xml"
        report.unlink(missing_ok=True)
        code, output = suite.run(program, "--gtest_brief=1", f"--gtest_output=xml:{report}", *options,
                                 cwd=program.parent, keep_output=True,
                                 environment={"ROLLCALL_SEED": seed} if seed else None)
        found = counts.from_junit(report, with_suite=True) if report.exists() else counts.Counts()
        if code != 0 and not found.failed:
            found.one(f"{program.name}: ended with code {code}", False)
            return found, None
        if not report.exists() or counts.A_PROGRAM_S_OWN_FAULT.search(output):
            return found, None
        seeds = re.findall(r"^ROLLCALL_SEED=(\d+)$", output.partition(": Failure\n")[0], re.MULTILINE)
        return found, seeds[-1] if seeds else ""

    with ThreadPoolExecutor(int(JOBS)) as pool:
        all_found = list(pool.map(lambda program: run(program, program.name), programs))
    unsteady = sum(found.failed for found, _ in all_found) <= UNSTEADY_LIMIT
    for program, (found, seed) in zip(programs, all_found):
        if found.failed and seed is not None and unsteady:
            print(f"\n--- {program.name}: what failed runs once more, alone", flush=True)
            names = ":".join(failure.partition(": ")[0] for failure in found.failures)
            again, _ = run(program, f"{program.name}-again", f"--gtest_filter={names}", seed=seed)
            found = counts.after_second_try(found, again)
        suite.counts += found


def _pytest(suite: Suite, folder: str, *options: str, environment: dict[str, str] | None = None,
            name: str = "") -> None:
    name = f"{suite.name}-{name or Path(folder).name}"
    (BUILD / "tmp").mkdir(exist_ok=True)

    def once(report: Path, *more: str) -> None:
        suite.run("/usr/bin/python3", "-m", "pytest", "-ra", "--durations=5", *options, *more,
                  "-o", f"cache_dir={BUILD / 'tmp' / 'cache' / name}", f"--basetemp={BUILD / 'tmp' / name}",
                  f"--junitxml={report}", folder, environment=environment)

    _with_second_try(suite, name, once, lambda report: once(report, "--last-failed", "-n", "0"))


def _with_second_try(suite: Suite, name: str, run: Callable[[Path], None], run_failed: Callable[[Path], None]) -> None:
    """`run_failed` follows, once, when a test's time ran out and no test found anything wrong."""
    def counted(report: Path, how: Callable[[Path], None]) -> counts.Counts:
        report.unlink(missing_ok=True)
        how(report)
        if not report.exists():
            raise SuiteError(f"{name}: no results were written")
        return counts.from_junit(report)

    report = suite.results / f"{name}.xml"
    found = counted(report, run)
    if 0 < found.failed <= UNSTEADY_LIMIT and counts.for_want_of_time(report):
        print(f"\n--- {name}: what had not enough time runs once more, alone", flush=True)
        found = counts.after_second_try(found, counted(suite.results / f"{name}-again.xml", run_failed))
    suite.counts += found


def _npm_ci(suite: Suite, folder: Path) -> None:
    """Installs what the lock file names, unless that has been done since it changed."""
    lock, done = folder / "package-lock.json", folder / "node_modules/.package-lock.json"
    if done.exists() and done.stat().st_mtime >= lock.stat().st_mtime:
        return
    code, _ = suite.run("npm", "ci", "--ignore-scripts", "--no-fund", "--no-audit", "--loglevel=error", cwd=folder)
    if code != 0:
        raise SuiteError(f"npm could not install what {lock.relative_to(ROOT)} names; is its registry reachable?")
    os.utime(done)


def _node_tests(suite: Suite, folder: Path, *files: Path) -> None:
    _, output = suite.run("node", "--test", *files, cwd=folder, keep_output=True)
    found = counts.from_node(output)
    if found.passed + found.failed == 0:
        raise SuiteError(f"node ran no test in {folder.relative_to(ROOT)}")
    suite.counts += found


def _tracked(*patterns: str) -> list[str]:
    listed = subprocess.run(["git", "ls-files", "--", *patterns], cwd=ROOT, capture_output=True, text=True, check=True)
    return [name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def lint(suite: Suite) -> None:
    def check(name: str, *command: str | Path) -> None:
        code, _ = suite.run(*command)
        suite.counts.one(f"lint: {name}", code == 0)

    check("include rules", "/usr/bin/python3", "tests/rules/include_rules.py")
    check("include rules find what they should", "/usr/bin/python3", "tests/rules/include_rules_test.py")
    check("suites count right", "/usr/bin/python3", "-m", "unittest", "tests.suites.counts_test")
    check("set-up says why it stops", "setup/install_test.sh")
    check("fetching sources says why it stops", "setup/fetch_source_test.sh")
    check("clang-format", "clang-format-19", "--dry-run", "-Werror", *_tracked("*.cpp", "*.hpp"))
    _npm_ci(suite, ROOT)
    check("web: types and layout", "npm", "run", "--silent", "check")


def tidy(suite: Suite) -> None:
    suite.run("cmake", "--preset", "tidy", "-DROLLCALL_TESTS=OFF")
    build = BUILD / "tidy"
    files = _tracked("protocol/*.cpp", "hal/*.cpp", "firmware/*.cpp", "daemon/*.cpp", "provisioning/*.cpp")
    code, _ = suite.run("run-clang-tidy-19", "-quiet", "-j", JOBS, "-p", build,
                        *(f"^{ROOT}/{name}$" for name in files))
    suite.counts.one("clang-tidy", code == 0)


def unit(suite: Suite) -> None:
    if suite.full:
        os.environ["ROLLCALL_FULL"] = "1"
    _google_tests(suite, suite.build("release"))


def sanitize(suite: Suite) -> None:
    _google_tests(suite, suite.build("asan"))


def boards(suite: Suite) -> None:
    """Firmware for Cortex-M3 builds and needs nothing that boards lack; sizes; known answers on the target."""
    build = suite.build("badge")
    suite.counts.one("preset badge builds, and needs nothing that boards lack", True)
    code, _ = suite.run("tests/boards/forbidden_symbols_test.sh")
    suite.counts.one("what boards lack is found", code == 0)
    code, _ = suite.run("/usr/bin/python3", "tests/boards/size_report_test.py")
    suite.counts.one("the size report reads maps right", code == 0)
    code, _ = suite.run("/usr/bin/python3", "tests/boards/image_sizes_test.py")
    suite.counts.one("sizes of images go to the right module", code == 0)
    checks = {
        "the size report": ("tests/boards/size_report.py", build),
        "the target's test": ("qemu-system-arm", "-M", "lm3s6965evb", "-nographic", "-semihosting",
                              "-kernel", build / "tests/boards/target_test.elf"),
    }
    for name, command in checks.items():
        code, output = suite.run(*command, keep_output=True)
        found = counts.from_tap(output)
        suite.counts += found
        if code != 0 and not found.failed:
            suite.counts.one(f"{name} ended with code {code}", False)


def conformance(suite: Suite) -> None:
    folder = ROOT / "tests/conformance"
    build = suite.build("release")  # peer/*.real.test.mjs run the programs
    _npm_ci(suite, folder)
    _node_tests(suite, folder)
    _ctest(suite, build, "conformance")
    _pytest(suite, "tests/conformance/nfc")


def fuzz(suite: Suite) -> None:
    """Each target for a while over its corpus (tests/fuzz/run_target.sh); a crash, a leak or a hang is a failure."""
    build = suite.build("asan")
    os.environ["ROLLCALL_FUZZ_SECONDS"] = "300" if suite.full else "60"
    _ctest(suite, build, "fuzz")


def web(suite: Suite) -> None:
    suite.build("release")
    _npm_ci(suite, ROOT)
    _node_tests(suite, ROOT, *sorted((ROOT / "tests/web").glob("*.test.js")))


def e2e(suite: Suite) -> None:
    _pytest(suite, "tests/selftest")
    suite.build("release")
    _pytest(suite, "tests/e2e", "-n", JOBS, "--dist", "loadgroup",
            environment={"ROLLCALL_FULL": "1" if suite.full else ""})


def qemu(suite: Suite) -> None:
    """The images of the boards, in QEMU: alone, and at the real daemon. What tests measured is printed at the end."""
    suite.build("badge")
    suite.build("touch")
    suite.build("release", *PROGRAMS, "rollcall-cards", "freefare-issuer")
    _pytest(suite, "tests/qemu", "-rP", "-n", JOBS, "--dist", "loadgroup",
            environment={"ROLLCALL_FULL": "1" if suite.full else ""})


def usb_guest(suite: Suite) -> None:
    suite.build("release", *PROGRAMS, "rollcall-usb-redir")
    _pytest(suite, "tests/guest")


def usb_sanitize(suite: Suite) -> None:
    """The daemon itself under the sanitizers, where other threads and libraries are: USB, PC/SC, lines."""
    suite.build("release")
    for preset in ("asan", "tsan"):
        suite.build(preset, "rollcalld")
        _pytest(suite, "tests/e2e/test_usb.py", "tests/e2e/test_readers.py",
                "tests/e2e/test_line_readers.py", "-n", JOBS, "--dist", "loadgroup",
                environment={"ROLLCALL_DAEMON_PRESET": preset}, name=preset)


def chaos(suite: Suite) -> None:
    suite.build("chaos", *PROGRAMS)
    _pytest(suite, "tests/chaos", "-s", environment={"ROLLCALL_FULL": "1" if suite.full else ""})


def setup(suite: Suite) -> None:
    code, _ = suite.run("setup/try_on_bare_debian.sh")
    suite.counts.one("./run --once on a bare Debian 12", code == 0)


def tsan(suite: Suite) -> None:
    _ctest(suite, suite.build("tsan"), "unit")


def bench(suite: Suite) -> None:
    build = suite.build("release")
    for program in sorted(p for p in build.rglob("bench_*") if p.is_file() and os.access(p, os.X_OK)):
        code, _ = suite.run(program)
        suite.counts.one(program.name, code == 0)


def _line_coverage(suite: Suite, folder: str, profile: Path, programs: list[Path]) -> None:
    """One line for one folder; less than 90 % is a failure."""
    objects = [word for p in programs[1:] for word in ("-object", str(p))]
    report = subprocess.run(["llvm-cov-19", "export", "-summary-only", str(programs[0]), *objects,
                             f"-instr-profile={profile}", str(ROOT / folder)],
                            capture_output=True, text=True, check=True)
    lines = json.loads(report.stdout)["data"][0]["totals"]["lines"]
    print(f"line coverage of {folder}/: {lines['percent']:.1f} % ({lines['covered']} of {lines['count']} lines)")
    suite.counts.one(f"line coverage of {folder}/ is 90 % or more", lines["count"] > 0 and lines["percent"] >= 90)


def coverage(suite: Suite) -> None:
    build = suite.build("coverage")
    raw = build / "raw"
    raw.mkdir(exist_ok=True)
    for old in raw.glob("*.profraw"):
        old.unlink()
    os.environ["LLVM_PROFILE_FILE"] = str(raw / "%m-%p.profraw")
    _ctest(suite, build, "unit")
    merged = build / "unit.profdata"
    suite.run("llvm-profdata-19", "merge", "-sparse", *sorted(raw.glob("*.profraw")), "-o", merged)
    programs = [p for p in sorted(build.rglob("test_*")) if p.is_file() and os.access(p, os.X_OK)]
    objects = [word for p in programs[1:] for word in ("-object", str(p))]
    code, _ = suite.run("llvm-cov-19", "report", programs[0], *objects, f"-instr-profile={merged}",
                        "-ignore-filename-regex=(/usr/|/build/|/tests/)", "-show-region-summary=false",
                        "-show-branch-summary=false")
    suite.counts.one("coverage report", code == 0)
    for folder in COVERED:
        _line_coverage(suite, folder, merged, programs)


SUITES = {"lint": lint, "unit": unit, "boards": boards, "conformance": conformance, "web": web, "e2e": e2e,
          "qemu": qemu, "usb-guest": usb_guest, "chaos": chaos, "sanitize": sanitize, "usb-sanitize": usb_sanitize,
          "fuzz": fuzz, "setup": setup}
ON_REQUEST = {"tidy": tidy, "tsan": tsan, "bench": bench, "coverage": coverage}
