#!/usr/bin/env python3
"""Proves what the compiler cannot: which room includes which, what code may not call, how long files are.

Run from the repository's root. Prints one line a finding and exits 1 if there is any.
"""
import pathlib
import re
import subprocess
import sys

# The house (docs/architecture.md): a room may include itself and these.
ROOMS = {
    "core": [],
    "crypto": ["core"],
    "store": ["core", "crypto"],
    "http": ["core"],
    "audit": ["core", "crypto", "store"],
    "identity": ["core", "crypto", "store", "audit"],
    "guard": ["core", "store", "http", "audit", "identity", "crypto"],
    "market": ["core", "store"],
    "trading": ["core", "store", "audit", "market", "crypto"],
    "paper": ["core", "store", "audit", "market", "trading"],
}
ROOMS["api"] = [*ROOMS]
ROOMS["stream"] = [room for room in ROOMS if room != "api"]
ROOMS["console"] = [room for room in ROOMS if room not in ("api", "stream")]
ROOMS["app"] = [*ROOMS]

# pattern, what to do instead, files where it is allowed
REFUSED = [
    (r"\b(system_clock|steady_clock|high_resolution_clock)::now", "ask a Clock", r"^src/(core/clock\.cpp|app/)"),
    (r"\bstd::(rand|random_device|mt19937)\b", "ask SecureRandom or SeededRandom", r"^$"),
    (r"\bstd::regex\b", "std::regex has unbounded recursion; parse by hand or use re2", r"^$"),
    (r"\b(sleep_for|sleep_until|usleep|nanosleep)\b", "wait for an event", r"^(bench|tests/crash)/|^src/app/command_(keys|kill_switch)\.cpp"),
    (r"\b(sprintf|strcpy|strcat|gets|strtok|atoi|atof)\(", "use bounded, checked functions", r"^$"),
    (r"\bfloat\b|\bdouble\b", "money is integer; use Price, Quantity or Money",
     r"^src/(core|store|market|paper/simulated_|api|stream|audit|app|http|guard|console|crypto)|^(tests|bench)/"),
    (r"\b(TODO|FIXME|XXX|HACK)\b", "finish it, or leave it out", r"^tests/style/"),
    (r"#include <iostream>", "use the Logger or stdio", r"^(src/app|bench|tests)/"),
]

LINES_MAX = 420
findings = []


def tracked(*patterns):
    out = subprocess.run(["git", "ls-files", *patterns], capture_output=True, text=True, check=True).stdout
    return [pathlib.Path(line) for line in out.splitlines()]


def code_only(text):
    """The text without comments and string contents, so that prose may name what code may not do."""
    text = re.sub(r'R"(\w*)\((?:.|\n)*?\)\1"', '""', text)
    text = re.sub(r"/\*(?:.|\n)*?\*/", lambda m: "\n" * m.group().count("\n"), text)
    text = re.sub(r'"(?:\\.|[^"\\\n])*"', '""', text)
    return re.sub(r"//[^\n]*", "", text)


for path in tracked("src/*.h", "src/*.cpp"):
    room = path.parts[1]
    text = path.read_text()
    for included in re.findall(r'^#include "([a-z_]+)/', text, re.M):
        if included in ROOMS and included != room and included not in ROOMS[room]:
            findings.append(f"{path}: {room} may not include {included}/")
    if path.suffix == ".h" and "#pragma once" not in text:
        findings.append(f"{path}: header without #pragma once")
    if text.count("\n") > LINES_MAX and "/data/" not in str(path):
        findings.append(f"{path}: {text.count(chr(10))} lines; one idea per file, at most {LINES_MAX}")

for path in tracked("src/*.h", "src/*.cpp", "tests/*.h", "tests/*.cpp", "bench/*.cpp"):
    code = code_only(path.read_text())
    for number, line in enumerate(code.splitlines(), 1):
        for pattern, instead, allowed in REFUSED:
            if re.search(pattern, line) and not re.match(allowed, str(path)):
                findings.append(f"{path}:{number}: {instead}")

# A statement is a literal and its values are bound: nothing may be spliced into SQL.
SQL = re.compile(r'"\s*(SELECT|INSERT|UPDATE|DELETE)\b[^"]*"\s*\+|\+\s*"\s*(WHERE|AND|VALUES|FROM)\b')
for path in tracked("src/*.cpp", "src/*.h"):
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if SQL.search(line):
            findings.append(f"{path}:{number}: bind values; SQL is never put together from pieces")

# A fuzzer's inputs are bytes, whatever they look like.
for path in tracked("src/*", "tests/*", "web/src/*", "script/*", "docs/*", "README.md"):
    if str(path).startswith("tests/fuzz/corpus/"):
        continue
    if path.suffix in {".h", ".cpp", ".ts", ".tsx", ".md", ".py", ".mjs", ".txt", ""} and path.is_file():
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
            if line != line.rstrip():
                findings.append(f"{path}:{number}: trailing blanks")

for finding in findings[:200]:
    print(finding)
print(f"style: {len(findings)} findings")
sys.exit(1 if findings else 0)
