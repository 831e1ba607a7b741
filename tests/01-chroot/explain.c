/*
 * Chapter: --explain tells what duct does, as a script that does the same.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "suite.h"

/* Runs duct with --explain=FILE before @words and returns the script's path;
 * the run itself in @ran. */
static char *explained(const char *const *words, struct program **ran)
{
    char *script = scratch_path("explained.sh");

    *ran = spawn_run(&(struct spawn){
        .argv = argv_of(DUCT("run", keep_format("--explain=%s", script)), words,
                        NULL),
        .cwd = scratch_dir(),
    });
    return script;
}

static const char *told(char *script)
{
    const char *text = file_read(script);

    expect_that(text != NULL, "a file made by --explain=FILE", "none");
    expect_call(unlink(script));
    return text;
}

#define EXPLAINED(ran, ...) explained(ARGV(__VA_ARGS__), (ran))

static void goes_to_stderr(void)
{
    const struct program *p =
        duct("run", "--explain", rootfs(), "echo", "hello");

    expect_exit(p, 0);
    expect_str("stdout", "hello\n", p->out);
    expect_contains("stderr", " # host\n", p->err);
    expect_contains("stderr", rootfs(), p->err);
}

static void goes_to_a_file(void)
{
    struct program *p;
    char *script = scratch_path("explained.sh");

    file_write(script, "what was there before, and is longer than that\n");
    script = EXPLAINED(&p, rootfs(), "echo", "hello");
    expect_output(p, "hello\n");
    expect_contains("the file", rootfs(), told(script));
}

static void an_earlier_file_is_replaced(void)
{
    struct program *p;
    char *script = scratch_path("explained.sh");

    file_write(script, "rubbish\n");
    script = EXPLAINED(&p, rootfs(), "true");
    expect_lacks("the file", "rubbish", told(script));
}

/* As with `2>&1 | head`: nobody reads to the end. */
static void nobody_has_to_listen(void)
{
    const char *script = keep_format(
        "{ %s run --explain %s sh -c 'sleep 0.2; exit 7'; echo $? >%s; } 2>&1 "
        "| true",
        duct_path(), rootfs(), scratch_path("status"));

    expect_exit(spawn_run(&(struct spawn){.argv = ARGV("sh", "-c", script)}),
                0);
    expect_str("exit status of duct", "7\n", file_read(scratch_path("status")));
    expect_call(unlink(scratch_path("status")));
}

static void file_must_open(void)
{
    expect_refused(
        duct("run", "--explain=/no/such/place/script", rootfs(), "true"),
        "--explain", "/no/such/place/script", "(ENOENT)");
}

static bool is_tagged(const char *line)
{
    static const char host[] = "# host", inside[] = "# container";
    size_t size = strlen(line);

    return (size > strlen(host) &&
            strcmp(line + size - strlen(host), host) == 0) ||
           (size > strlen(inside) &&
            strcmp(line + size - strlen(inside), inside) == 0);
}

/* The last line of a here-document has nothing but its mark. */
static bool ends_a_document(const char *line)
{
    return line[0] != '\0' &&
           line[strspn(line, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_")] == '\0';
}

static void each_line_has_a_side(void)
{
    struct program *p;
    char *text, *line;
    int told_lines = 0;

    text = keep_format(
        "%s", told(EXPLAINED(&p, "-w", "/tmp", "-e", "A=1", rootfs(), "true")));
    while ((line = strsep(&text, "\n")) != NULL) {
        if (line[0] == '#' || line[0] == '\0' || ends_a_document(line))
            continue;
        told_lines++;
        expect_that(is_tagged(line),
                    "each line ends in \"# host\" or \"# container\"",
                    expect_quoted(line, strlen(line)));
    }
    expect_between("lines that do something", 3, 1000, told_lines);
}

/* For a projector: a comment first, words without needless quotes, and the
 * sides of short lines below each other. */
static void is_easy_to_read(void)
{
    struct program *p;
    char *text, *line;
    size_t column = 0;

    text = keep_format(
        "%s", told(EXPLAINED(&p, "-w", "/tmp", rootfs(), "plain", "words")));
    expect_int("first byte of the narration", '#', text[0]);
    expect_lacks("the narration", "'plain'", text);
    while ((line = strsep(&text, "\n")) != NULL) {
        const char *tag = strstr(line, "# host");

        if (tag == NULL)
            tag = strstr(line, "# container");
        if (tag == NULL)
            continue;
        if (column == 0)
            column = (size_t)(tag - line);
        if (tag - line > (long long)column) /* a line too long for it */
            expect_that(tag[-2] != ' ', "one space before the side", line);
        else
            expect_int("column of # host or # container", (long long)column,
                       tag - line);
    }
}

static const struct program *checked(const char *text)
{
    const struct program *p = spawn_run(&(struct spawn){
        .argv = ARGV("sh", "-n"),
        .input = text,
        .input_size = strlen(text),
    });

    expect_exit(p, 0);
    return p;
}

static void is_a_script(void)
{
    struct program *p;

    checked(told(EXPLAINED(&p, rootfs(), "echo", "it's \"$HOME\"")));
}

/* Runs the command by duct and by the script, and compares all it can. */
static struct program *replayed(const char *const *words)
{
    struct program *first;
    char *script = explained(words, &first);
    const struct program *again = explain_replay(script);

    expect_call(unlink(script));
    expect_bytes("stdout of the script, as of duct", first->out,
                 first->out_size, again->out, again->out_size);
    expect_int("exit status of the script, as of duct", first->exit_status,
               again->exit_status);
    return first;
}

static void replay_is_the_same(void)
{
    const struct program *p = replayed(
        ARGV("-e", "A=1", "-e", "B=it's", "-w", "/tmp", "./rootfs", "sh", "-c",
             "ls -1a /; env | sort; pwd; umask; echo err >&2; "
             "exit 42"));

    expect_exit(p, 42);
    expect_contains("stdout", "\nB=it's\n", p->out);
}

static void replay_keeps_stdin(void)
{
    struct program *p;
    char *script = EXPLAINED(&p, rootfs(), "cat");

    p = spawn_run(&(struct spawn){.argv = ARGV("sh", script),
                                  .input = "fed to the script\n",
                                  .input_size = 18});
    expect_call(unlink(script));
    expect_output(p, "fed to the script\n");
}

static void replay_of_odd_words(void)
{
    static const char expected[] =
        "two  words\0\0it's\0\"\"\0$HOME ${X:-y} $(echo no) `echo no`\0\\\\n\\"
        "\0*?[a]~#;&|<>!{}\0line\nline\n\0-n\0\t";
    const struct program *p = replayed(ARGV(
        "-e", "ODD='\"\\$X", rootfs(), "/inside/probe", "args", "two  words",
        "", "it's", "\"\"", "$HOME ${X:-y} $(echo no) `echo no`", "\\\\n\\",
        "*?[a]~#;&|<>!{}", "line\nline\n", "-n", "\t"));

    expect_bytes("the arguments, a NUL after each", expected, sizeof(expected),
                 p->out, p->out_size);
}

static char *last_line(const char *text)
{
    char *copy = keep_format("%s", text), *line, *last = copy;

    while ((line = strsep(&copy, "\n")) != NULL)
        if (ends_a_document(line))
            last = line;
    return last;
}

/* An argument may well hold the line that ends the script's own document. */
static void replay_of_a_mark(void)
{
    const struct program *p;
    struct program *ran;
    const char *mark = last_line(told(EXPLAINED(&ran, rootfs(), "true")));

    p = replayed(ARGV(rootfs(), "/inside/probe", "args",
                      keep_format("before\n%s\nafter\n", mark)));
    expect_contains("stdout", "\nafter\n", p->out);
}

static void replay_of_an_odd_rootfs(void)
{
    const char *link = scratch_path("it's a \"$HOME\" of\nits own");
    char *tree = rootfs_linked();
    const struct program *p;

    expect_call(rename(tree, link));
    p = replayed(ARGV(link, "ls", "/"));
    expect_call(rename(link, tree));
    expect_exit(p, 0);
}

static void replay_of_a_failure(void)
{
    expect_exit(replayed(ARGV(rootfs(), "/inside/probe", "fault")), 139);
    expect_exit(replayed(ARGV(rootfs(), "false")), 1);
}

struct remark {
    const char *script;
    const char *pid;
};

/* Do two comments have the pid? They come after the command has begun. */
static bool tells_the_pid(void *arg)
{
    const struct remark *remark = arg;
    const char *told_so_far = file_read(remark->script);
    char *text = told_so_far == NULL ? NULL : keep_format("%s", told_so_far);
    char *line;
    int count = 0;

    while ((line = strsep(&text, "\n")) != NULL)
        count += line[0] == '#' && strstr(line, remark->pid) != NULL;
    return count >= 2;
}

static void says_where_to_look(void)
{
    char *script = scratch_path("explained.sh");
    const struct container *c = container(keep_format("--explain=%s", script),
                                          rootfs(), "sleep", "4711");
    struct remark remark = {script, keep_format("%d", c->init)};

    expect_soon(tells_the_pid, &remark, 5000,
                keep_format("two comment lines with the pid, %s", remark.pid),
                "none");
    expect_call(unlink(script));
}

static const struct trial trials[] = {
    {.name = "explain_goes_to_stderr",
     .claim = "--explain tells on stderr; stdout stays the command's",
     .usual_cause = "the narration is printed to stdout",
     .reread = "#explain",
     .feature = true,
     .depends = "a_command_runs",
     .body = goes_to_stderr},
    {.name = "explain_goes_to_a_file",
     .claim = "--explain=FILE tells into FILE, and nothing on stderr",
     .usual_cause = "the argument of a flag with [=FILE] is optional_argument",
     .reread = "#explain",
     .feature = true,
     .depends = "a_command_runs",
     .body = goes_to_a_file},
    {.name = "explain_replaces_a_file",
     .claim = "--explain=FILE replaces what FILE held",
     .usual_cause = "open() without O_TRUNC",
     .reread = "#explain",
     .feature = true,
     .depends = "explain_goes_to_a_file",
     .body = an_earlier_file_is_replaced},
    {.name = "explain_file_must_open",
     .claim = "--explain=FILE is refused when FILE can't be made",
     .usual_cause = "the result of open() is not checked",
     .reread = "#explain",
     .feature = true,
     .body = file_must_open},
    {.name = "explain_to_nobody",
     .claim = "with --explain into a pipe that nobody reads, the container "
              "runs as without",
     .usual_cause = "SIGPIPE ends duct, or its child, at the next line",
     .reread = "#explain",
     .feature = true,
     .depends = "explain_goes_to_stderr",
     .body = nobody_has_to_listen},
    {.name = "explain_tells_the_side",
     .claim = "each line says who does it: # host or # container",
     .usual_cause = "a line was printed without its tag",
     .reread = "#explain",
     .feature = true,
     .depends = "explain_goes_to_a_file",
     .body = each_line_has_a_side},
    {.name = "explain_is_easy_to_read",
     .claim = "the narration begins with a comment, quotes only what has to "
              "be, and has its tags below each other",
     .usual_cause = "each word is quoted, or tags follow where a line ends",
     .reread = "#explain",
     .feature = true,
     .depends = "explain_tells_the_side",
     .body = is_easy_to_read},
    {.name = "explain_is_a_script",
     .claim = "the narration is a shell script without a syntax error",
     .usual_cause = "words are not quoted for the shell",
     .reread = "#explain",
     .feature = true,
     .depends = "explain_goes_to_a_file",
     .body = is_a_script},
    {.name = "explain_can_be_replayed",
     .claim = "sh FILE makes the same container: root, environment, working "
              "directory, output, exit status",
     .usual_cause = "an operation is done but not told, or told otherwise "
                    "than done",
     .reread = "#explain",
     .feature = true,
     .depends = "explain_is_a_script",
     .body = replay_is_the_same},
    {.name = "explain_replay_keeps_stdin",
     .claim = "the command of the script reads the script's stdin",
     .usual_cause = "a here-document feeds the shell inside by its stdin",
     .reread = "#explain",
     .feature = true,
     .depends = "explain_can_be_replayed",
     .body = replay_keeps_stdin},
    {.name = "explain_quotes_odd_words",
     .claim = "arguments with blanks, quotes, $, \\ and new lines survive",
     .usual_cause = "a word is put between quotes without a look at the "
                    "quotes in it",
     .reread = "#explain",
     .feature = true,
     .depends = "explain_can_be_replayed",
     .body = replay_of_odd_words},
    {.name = "explain_survives_its_own_mark",
     .claim = "an argument that holds the end mark of the script's own "
              "here-document survives",
     .usual_cause = "a line of the argument ends the here-document",
     .reread = "#explain",
     .feature = true,
     .depends = "explain_quotes_odd_words",
     .body = replay_of_a_mark},
    {.name = "explain_quotes_an_odd_rootfs",
     .claim = "a ROOTFS with blanks and quotes in its path survives",
     .usual_cause = "the path is put into the script without quotes",
     .reread = "#explain",
     .feature = true,
     .depends = "explain_can_be_replayed",
     .body = replay_of_an_odd_rootfs},
    {.name = "explain_ends_as_the_command",
     .claim = "the script's exit status is the command's, also after a fault",
     .usual_cause = "set -e ends the script before it can tell",
     .reread = "#explain",
     .feature = true,
     .depends = "explain_can_be_replayed",
     .body = replay_of_a_failure},
    {.name = "explain_says_where_to_look",
     .claim = "comments tell what to look at from another terminal, with the "
              "real pid",
     .usual_cause = "the pid is printed before there is a child",
     .reread = "#explain",
     .feature = true,
     .depends = "explain_goes_to_a_file",
     .body = says_where_to_look},
};

const struct chapter chapter_explain = {"--explain", TRIALS(trials)};
