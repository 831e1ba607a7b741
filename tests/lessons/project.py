"""A small project like ours for the tools to be tried on."""
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

MAKEFILE = """\
CFLAGS = -O2
duct: $(patsubst %.c,%.o,$(wildcard *.c))
\t$(CC) $(CFLAGS) -o $@ $^
%.o: %.c
\t$(CC) -std=gnu17 -Wall -Wextra $(CFLAGS) -c -o $@ $<
"""

DUCT_01 = """\
/*
 * duct: greets.
 */
#include <stdio.h>

/* Says hello. */
static int greet(void)
{
    puts("hello");
    return 0;
}

int main(void)
{
    return greet();
}
"""

DUCT_02 = """\
/*
 * duct: greets.
 */
#include <stdio.h>

#include "farewell.h"

/* Says hello. */
static int greet(void)
{
    puts("hello");
    return 0;
}

int main(void)
{
    greet();
    return farewell();
}
"""

FAREWELL_H = """\
#pragma once
/*
 * farewell: how it ends.
 */

/**
 * farewell - say goodbye
 */
int farewell(void);
"""

FAREWELL_C = """\
/*
 * farewell: how it ends.
 */
#include "farewell.h"

#include <stdio.h>

int farewell(void)
{
    puts("good");
    puts("bye");
    return 0;
}
"""

CHANGES = """\
# What each step changes.
02-farewell
    room     farewell.c farewell.h
    changed  duct.c: says goodbye as well
"""

LESSON_02 = """\
# Step 02: farewell

See [the step before](01-greeting.md#the-diff).

## What you will be able to say

Three sentences.

## By hand

```console
$ echo hello
hello
```

## The diff

The room, `farewell.c: farewell`, is new:

<!-- steps/02-farewell/farewell.c: farewell -->
```c
int farewell(void)
...
    puts("good");
    puts("bye");
```

<!-- diff 02-farewell duct.c -->
```diff
 {
-    return greet();
+    greet();
+    return farewell();
 }
```

## Run it, look at it

```console
$ echo goodbye
goodbye
```

## Break it

```console
$ false
$ echo $?
1
```

## What Docker calls this

Nothing.

## The exercise

<details><summary>Hint 1</summary>

One.

</details>
<details><summary>Hint 2</summary>

Two.

</details>
<details><summary>Hint 3</summary>

Three.

</details>

## Questions

1. Why?

   <details><summary>Answer</summary>

   So.

   </details>

2. When?

   <details><summary>Answer</summary>

   Now.

   </details>

3. Where?

   <details><summary>Answer</summary>

   Here.

   </details>

## What is still missing

Everything.
"""

LESSON_01 = LESSON_02.replace("Step 02: farewell", "Step 01: greeting") \
    .replace("See [the step before](01-greeting.md#the-diff).\n", "") \
    .replace(LESSON_02[LESSON_02.index("The room,"):
                       LESSON_02.index("## Run it")],
             "`duct.c: greet, main` and the `Makefile`.\n\n")

SUITE_C = """\
static const struct trial goodbye[] = {
    {.name = "says_goodbye", .reread = "#the-diff"},
    {.name = "says_hello", .reread = "lessons/01-greeting.md#by-hand"},
};
"""

# A suite with one trial for hello, one of the new feature, and one whose
# eagerness the test decides.
SUITE = """\
#!/bin/sh
if [ "$1" = --list ]; then
    printf '%s\\t%s\\t-\\t-\\n' hello - bye feature end feature
    exit 0
fi
status=0
judge() { # NAME COMMAND...
    case ",${TRIAL:-$1}," in *",$1,"*) ;; *) return ;; esac
    name=$1
    shift
    if "$@"; then result=pass; else result=fail; status=1; fi
    printf '%s\\t%s\\t1\\n' "$name" "$result" >>"${RESULTS:-/dev/null}"
}
says() { "$DUCT" | grep -qx "$1"; }
judge hello says hello
judge bye says bye
judge end says good
exit $status
"""


class Project:
    """A project in a temporary directory."""

    def __init__(self):
        self.root = Path(tempfile.mkdtemp(prefix="duct-tools-",
                                          dir="/var/tmp"))
        self.root.chmod(0o755)
        for name, text in {
                "steps/CHANGES": CHANGES,
                "steps/01-greeting/Makefile": MAKEFILE,
                "steps/01-greeting/duct.c": DUCT_01,
                "steps/02-farewell/Makefile": MAKEFILE,
                "steps/02-farewell/duct.c": DUCT_02,
                "steps/02-farewell/farewell.c": FAREWELL_C,
                "steps/02-farewell/farewell.h": FAREWELL_H,
                "lessons/01-greeting.md": LESSON_01,
                "lessons/02-farewell.md": LESSON_02,
                "tests/Makefile": ".PHONY: /all\n/all:\n%:\n\t@:\n",
                "tests/02-farewell/suite.c": SUITE_C,
                "build/tests/02-farewell": SUITE,
                "rootfs/busybox/empty": "",
        }.items():
            self.write(name, text)
        (self.root / "build/tests/02-farewell").chmod(0o755)

    def remove(self):
        shutil.rmtree(self.root)

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def edit(self, name, old, new):
        text = (self.root / name).read_text()
        assert old in text, f"{name} has no {old!r}"
        self.write(name, text.replace(old, new, 1))

    def run(self, tool, *arguments):
        """(exit status, what it printed) of one of our tools."""
        ran = subprocess.run(
            [ROOT / "tools" / tool, "--root", self.root, *arguments],
            text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            check=False)
        return ran.returncode, ran.stdout


class ProjectTest(unittest.TestCase):
    """A test with a project of its own."""

    def setUp(self):
        self.project = Project()
        self.addCleanup(self.project.remove)

    def accepts(self, tool, *arguments, telling=""):
        status, printed = self.project.run(tool, *arguments)
        self.assertEqual(status, 0, printed)
        self.assertIn(telling, printed)

    def refuses(self, tool, *arguments, telling):
        status, printed = self.project.run(tool, *arguments)
        self.assertEqual(status, 1, printed)
        self.assertIn(telling, printed)
