#!/usr/bin/python3
"""Plants one fault per gate in a tree of its own, which the gate must find, beside its lawful twin, which it must not. Prints TAP."""
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "scripts"))
import lint  # noqa: E402

LONG = "int f(int a) {\n" + "    a++;\n" * 70 + "    return a;\n}\n"
SHORT = "int f(int a) {\n    return a;\n}\n"

# gate, file, text with the fault, text without
CASES = [
    ("layers", "src/base/x.c", '#include "plan/plan.h"\n', '#include "base/err.h"\n'),
    ("layers", "src/plan/x.c", '#include "sql/stmt.h"\n', '#include "plan/plan.h"\n'),
    ("layers", "src/db/x.h", '#include <ledger/ledger.h>\n', '#include "sql/stmt.h"\n'),
    ("layers", "src/new/x.c", '#include "base/err.h"\n', ""),
    ("layers", "cli/x.c", '#include "base/err.h"\n', '#include "infill.h"\n#include "cli/out.h"\n'),
    ("layers", "cli/x.h", '#include "../src/base/err.h"\n', '#include "out.h"\n'),
    ("layers", "include/x.h", '#include "base/err.h"\n', '#include "infill_error.h"\n'),
    ("words", "src/x.c", "/* TO" "DO: later */\n", "/* mastodon */\n"),
    ("words", "src/x.c", "/* good enough for" " now */\n", "/* for nowhere */\n"),
    ("words", "docs/x.txt", "This is not" " implemented.\n", "mktemp x-XX" "XXXX\n"),
    ("words", "docs/x.md", "See NOT_THERE" ".md.\n", "Nothing to see.\n"),
    ("words", "docs/x.txt", "written by an assis" "tant\n", "assistance, user-agent, maintain\n"),
    ("hosts", "dev", "npm --registry https://registr" "y.npmj" "s.org\n", '#include "db/registry.h"\n'),
    ("hosts", "dev", "deb http://deb.debian" ".org/debian bookworm main\n", "a deb package\n"),
    ("doors", "src/fill/x.c", "    now = time(NULL);\n", '    add("time(NULL)"); /* time(NULL) */\n'),
    ("doors", "src/fill/x.c", "    p = malloc(8);\n", "    p = mem_alloc(8);\n    p = s->malloc(8);\n    free(path);\n"),
    ("doors", "src/fill/x.c", "#include <sqlite3.h>\n", "#include <string.h>\n"),
    ("doors", "src/guard/x.c", "#include <curl/curl.h>\n", '#include "base/http.h"\n'),
    ("doors", "src/fill/x.c", '    printf("x");\n', '    snprintf(a, 1, "printf(");\n'),
    ("sizes", "src/x.c", LONG, SHORT),
    ("sizes", "src/x.c", "static int f(int (*g)(void),\n             int a) {\n" + "    a++;\n" * 70 + "}\n", "static int t[] = {\n" + "1,\n" * 90 + "};\n"),
    ("sizes", "src/x.c", "int a;\n" * 801, "int a;\n" * 800),
    ("sizes", "x.py", "def f():\n" + "    x = 1\n" * 70, "def f():\n" + "    x = 1\n" * 60),
    ("format", "src/x.c", "int f( int a ) { return a; }\n", SHORT),
]


def finds(gate, name, text):
    with tempfile.TemporaryDirectory() as root:
        subprocess.run(["git", "init", "-q", root], check=True)
        for path, content in [(name, text), ("scripts/lint-sizes.txt", "")]:
            os.makedirs(os.path.dirname(os.path.join(root, path)), exist_ok=True)
            with open(os.path.join(root, path), "w") as file:
                file.write(content)
        with open(os.path.join(lint.HERE, ".clang-format")) as style, open(os.path.join(root, ".clang-format"), "w") as file:
            file.write(style.read())
        lint.ROOT = root
        return lint.GATES[gate]()


def main():
    failed = 0
    for number, (gate, name, faulty, lawful) in enumerate(CASES, 1):
        planted, quiet = finds(gate, name, faulty), finds(gate, name, lawful)
        good = planted and not quiet
        failed += not good
        print(f"{'ok' if good else 'not ok'} {number} - the gate {gate} finds a fault in {name}")
        if not good:
            print(f"# found in the faulty text: {planted}\n# found in the lawful text: {quiet}")
    print(f"1..{len(CASES)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
