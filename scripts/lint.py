#!/usr/bin/python3
"""The gates that every change passes: layers, words, sizes, hosts, doors, format, tidy. Prints TAP; ./dev lint calls it.

Patterns are spelled so that they do not match themselves."""
import ast
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
ROOT = HERE  # the tree that is looked at

# Low to high; folders of one rank do not know each other. Above them: cli/, which sees only include/.
LAYERS = [["base"], ["plan", "sql"], ["db"], ["ledger"], ["pace", "guard"], ["preflight"], ["reconcile"], ["fill"], ["api"]]

FILE_LINES = 800
FUNCTION_LINES = 70
ALLOWED = "scripts/lint-sizes.txt"  # "path lines" or "path:function lines"; may only shrink

UNFINISHED = r"(?i:\bfor\snow\b|\bnot\simplemented\b)|\bTO[D]O\b|\bFIX[M]E\b|\bX[X]X\b|\bHA[C]K\b"
# The project speaks of itself alone: not of who or what wrote it, nor where.
ELSEWHERE = r"\bA[I]\b|\bLL[M]s?\b|\bassistan[t]s?\b|(?<!user.)\bagen[t]s?\b|\b[C]o-authored-by\b|/wor[k]/|\.\./share[d]\b"
# Packages come through their ordinary clients, whatever registry those are set up for.
HOSTS = (r"\bregistry\.(npm|yarn|hub|\w+\.(com|org|io)\b)|\bnpmj[s]\.|\bpyp[i]\.|\bpythonhoste[d]\.|\b(deb|security)\.debian\.|"
         r"\bcrates\.i[o]\b|\bproxy\.golan[g]\.|\byarnpk[g]\.|\bghc[r]\.i|\bdocker\.i[o]\b")

# What may be done in one place only: pattern, where it is allowed, why.
DOORS = [
    (r"\b(clock_gettime|gettimeofday|time\s*\(\s*NULL|nanosleep|usleep|sleep)\s*\(?", ["src/base/clock.c"], "time is an argument"),
    (r"(?<![\w.>])(malloc|calloc|realloc|strdup|strndup|asprintf)\s*\(", ["src/base/mem.c"], "tests make allocations fail in mem.c"),
    (r"#include\s+<libpq-fe\.h>|#include\s+<(mysql|mariadb)\b|#include\s+<sqlite3\.h>", ["src/db/"], "only drivers know a client library"),
    (r"#include\s+<curl/", ["src/base/http.c"], "one module speaks HTTP"),
    (r"#include\s+<yaml\.h>", ["src/plan/"], "only the plan knows YAML"),
    (r"(?<![\w.>])(printf|puts|putchar|perror|exit|abort|setlocale)\s*\(", [], "the library never prints, exits or changes the process"),
]


def files(*endings):
    """Tracked and new files, by the ends of their names; all of them without any."""
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return sorted(name for name in listed.splitlines() if name.endswith(endings or "") and os.path.isfile(os.path.join(ROOT, name)))


def text(name):
    with open(os.path.join(ROOT, name), encoding="utf-8", errors="replace") as file:
        return file.read()


def matches(pattern, names):
    """`path:line: text` of every line that matches."""
    found = []
    for name in names:
        for number, line in enumerate(text(name).splitlines(), 1):
            if re.search(pattern, line):
                found.append(f"{name}:{number}: {line.strip()[:120]}")
    return found


def without_comments(source):
    """C text with comments and string literals blanked, line by line the same."""
    def blank(match):
        kept = match.group(0)
        return "".join(c if c == "\n" else " " for c in kept) if kept.startswith("/") else '""'
    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"', blank, source, flags=re.DOTALL)


def gate_layers():
    """a folder includes only folders below it; cli/ only the public header"""
    rank = {folder: level for level, folders in enumerate(LAYERS) for folder in folders}
    found = []
    for name in files(".c", ".h", ".h.in"):
        place = name.split("/")
        for number, target, rest in re.findall(r"^(\d+)#\s*include [\"<]([^/\">]+)/([^\">]+)[\">]", numbered(name), re.MULTILINE):
            if target not in (*rank, "cli", ".."):
                continue  # of the system
            if place[0] == "src":
                wrong = target not in rank or place[1] not in rank or (target != place[1] and rank[target] >= rank[place[1]])
            else:
                wrong = place[0] == "include" or (place[0] == "cli" and target != "cli")
            if wrong:
                found.append(f"{name}:{number}: includes {target}/{rest}")
    return found


def numbered(name):
    return "\n".join(f"{number}{line}" for number, line in enumerate(text(name).splitlines(), 1))


def gate_words():
    """nothing is left for later; the project speaks of itself alone; a document that is named exists"""
    readable = [name for name in files() if not name.startswith(("fuzz/corpus/", "LICENSE")) and not name.endswith((".png", ".db"))]
    found = matches(UNFINISHED, readable) + matches(ELSEWHERE, readable)
    existing = {os.path.basename(name) for name in readable}
    for name in readable:
        for document in set(re.findall(r"\b[A-Z][A-Z_]+\.md\b", text(name))) - existing:
            found.append(f"{name}: names {document}, which does not exist")
    return found


def gate_hosts():
    """no host of a package registry is named"""
    return matches(HOSTS, [name for name in files() if not name.startswith("LICENSE")])


def gate_doors():
    """clocks, heap, client libraries and the process belong to one module each"""
    found = []
    for name in files(".c", ".h"):
        if not name.startswith("src/"):
            continue
        for pattern, allowed, why in DOORS:
            if name.startswith(tuple(allowed)):
                continue
            source = text(name) if pattern.startswith("#") else without_comments(text(name))
            for number, line in enumerate(source.splitlines(), 1):
                if re.search(pattern, line):
                    found.append(f"{name}:{number}: {why}")
    return found


def c_functions(name):
    """(function, lines) for each function definition of a C file, by the layout that clang-format enforces."""
    start, declaration, inside = 0, "", False
    for number, line in enumerate(without_comments(text(name)).splitlines(), 1):
        if inside:
            if line == "}":
                yield re.search(r"(\w+)\s*\([^()]*(\([^()]*\)[^()]*)*\) \{$", declaration).group(1), number - start + 1
                declaration, inside = "", False
            continue
        if declaration == "":
            start = number
        declaration = (declaration + " " + line.strip()).strip()
        if declaration.endswith(") {"):
            inside = True
        elif declaration.startswith("#") or declaration.endswith((";", "}", "{", "\\")):
            declaration = ""


def python_functions(name):
    for node in ast.walk(ast.parse(text(name))):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.name, node.end_lineno - node.lineno + 1


def measured():
    """Everything over a limit, as {what: lines}."""
    large = {}
    for name in files(".c", ".h", ".py", ".sh", ".ts"):
        lines = len(text(name).splitlines())
        if lines > FILE_LINES:
            large[name] = lines
        functions = c_functions(name) if name.endswith((".c", ".h")) else python_functions(name) if name.endswith(".py") else ()
        for function, count in functions:
            if count > FUNCTION_LINES:
                large[f"{name}:{function}"] = count
    return large


def gate_sizes():
    """files up to 800 lines and functions up to 70, but for a list that may only shrink"""
    allowed = dict(line.split() for line in text(ALLOWED).splitlines() if line.strip() and not line.startswith("#"))
    large = measured()
    found = [f"{what}: {lines} lines" for what, lines in large.items() if lines > int(allowed.get(what, 0))]
    for what, lines in allowed.items():
        if large.get(what, 0) < int(lines):
            found.append(f"{what}: {large.get(what, 'below the limit')} now, so scripts/lint-sizes.txt must say so")
    return found


def gate_format():
    """clang-format has nothing to change"""
    done = subprocess.run(["clang-format", "--dry-run", "-Werror", *files(".c", ".h")], cwd=ROOT, capture_output=True, text=True)
    wrong = sorted({line.split(":")[0] for line in done.stderr.splitlines() if ": error: " in line})
    return wrong or ([done.stderr] if done.returncode != 0 else [])


def gate_tidy():
    """clang-tidy finds nothing"""
    setup = [] if os.path.exists(os.path.join(ROOT, "build-clang", "build.ninja")) else [["meson", "setup", "build-clang"]]
    for command in [*setup, ["ninja", "--quiet", "-C", "build-clang"]]:  # for the generated headers
        if subprocess.run(command, cwd=ROOT, env={**os.environ, "CC": "clang"}, stdout=sys.stderr).returncode != 0:
            return [f"{' '.join(command)} failed"]
    done = subprocess.run(["run-clang-tidy", "-quiet", "-p", "build-clang", f"^{ROOT}/(src|cli)/"], cwd=ROOT, stdin=subprocess.DEVNULL,
                          capture_output=True, text=True)
    plain = re.sub(r"\x1b\[[0-9;]*m", "", done.stdout)
    found = sorted({re.sub(r"^.*?(?=(src|cli|include)/)", "", line) for line in plain.splitlines()
                    if re.search(r": (warning|error): ", line)})
    return found or ([done.stderr[-2000:]] if done.returncode != 0 else [])


GATES = {name[5:]: gate for name, gate in list(globals().items()) if name.startswith("gate_")}


def main():
    chosen = sys.argv[1:] or list(GATES)
    if "--list" in chosen:
        print("\n".join(GATES))
        return 0
    unknown = [name for name in chosen if name not in GATES]
    if unknown:
        print(f"no gate {', '.join(unknown)}; there are {', '.join(GATES)}", file=sys.stderr)
        return 2
    bad = False
    for number, name in enumerate(chosen, 1):
        found = GATES[name]()
        bad = bad or bool(found)
        print(f"{'not ok' if found else 'ok'} {number} - {name}: {GATES[name].__doc__}", flush=True)
        for line in found:
            print("#", line, flush=True)
    print(f"1..{len(chosen)}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
