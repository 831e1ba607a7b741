/*
 * page: duct(1), for man.
 *
 * Look at it     man -l final/manual/duct.1
 */
#include "page.h"

#include "cleanup.h"
#include "help.h"

/* Text between requests. A dash is a hyphen to roff unless it is escaped, a
 * dot at the beginning of a line a request. */
static void put(FILE *out, const char *text)
{
    if (*text == '.' || *text == '\'')
        fputs("\\&", out);
    for (; *text != '\0'; text++)
        switch (*text) {
        case '\\':
            fputs("\\e", out);
            break;
        case '-':
            fputs("\\-", out);
            break;
        case '\'':
            fputs("\\(aq", out);
            break;
        case '"':
            fputs("\\(dq", out);
            break;
        default:
            fputc(*text, out);
        }
}

static void put_flag(FILE *out, const struct flag *flag)
{
    fputs(".TP\n", out);
    if (flag->letter != 0)
        fprintf(out, "\\fB\\-%c\\fR, ", flag->letter);
    fputs("\\fB\\-\\-", out);
    put(out, flag->name);
    fputs("\\fR", out);
    if (flag->value != NULL) {
        fputs(" \\fI", out);
        put(out, flag->value);
        fputs("\\fR", out);
    }
    fputc('\n', out);
    put(out, flag->help);
    fprintf(out, ".%s\n", flag->kind == FLAG_LIST ? " May be repeated." : "");
}

static void put_names(FILE *out, const struct verb *verb)
{
    fputs(".SS \"", out);
    if (verb->alone != NULL) {
        fputs("duct ", out);
        put(out, verb->alone);
    }
    if (verb->alone != NULL && verb->noun != NULL)
        fputs(", ", out);
    if (verb->noun != NULL) {
        fprintf(out, "duct %s ", verb->noun);
        put(out, verb->name);
    }
    fputs("\"\n", out);
}

/* With all of its flags, or where else they are. */
static void put_verb(FILE *out, const struct verb *verb)
{
    put_names(out, verb);
    fputs(".B duct ", out);
    if (verb->alone == NULL)
        fprintf(out, "%s ", verb->noun);
    put(out, verb->alone != NULL ? verb->alone : verb->name);
    fputs("\n.I \"", out);
    put(out, verb->usage);
    fputs("\"\n.PP\n", out);
    put(out, verb->summary);
    fputs(".\n", out);
    for (const struct flag *f = verb->flags; f != NULL && f->name != NULL; f++)
        put_flag(out, f);
}

static void put_verbs(FILE *out)
{
    fputs(".SH COMMANDS\n"
          "Every command also has \\fB\\-\\-help\\fR, which prints its flags.\n"
          "A flag that takes no value can be switched off:\n"
          "\\fB\\-\\-sig\\-proxy=false\\fR.\n",
          out);
    for (size_t i = 0; verb_tables[i] != NULL; i++)
        for (const struct verb *v = verb_tables[i]; v->name != NULL; v++)
            put_verb(out, v);
}

static const char before[] =
    ".\\\" Made by final/manual/manual.c: change the tables in final/cli.\n"
    ".TH DUCT 1 \"\" duct \"User Commands\"\n"
    ".SH NAME\n"
    "duct \\- a container engine without a daemon\n"
    ".SH SYNOPSIS\n"
    ".B duct\n"
    "[\\fIGLOBAL OPTIONS\\fR] \\fICOMMAND\\fR "
    "[\\fIOPTIONS\\fR] [\\fIARG\\fR...]\n"
    ".SH DESCRIPTION\n"
    ".B duct\n"
    "runs programs in containers: processes with their own view of files,\n"
    "processes, networks and users, and a share of the machine.\n"
    "Its command line is that of\n"
    ".BR docker (1).\n"
    "There is no daemon: each container has a small process that stays with\n"
    "it, all else is files.\n"
    ".SH \"GLOBAL OPTIONS\"\n"
    "They stand before the command.\n"
    ".TP\n"
    "\\fB\\-\\-data\\-root\\fR \\fIstring\\fR\n"
    "Where images, containers, networks and volumes are kept.\n"
    ".TP\n"
    "\\fB\\-\\-run\\-root\\fR \\fIstring\\fR\n"
    "Where sockets and locks are kept.\n"
    ".TP\n"
    "\\fB\\-\\-explain\\fR[=\\fIFILE\\fR]\n"
    "Tell each kernel operation of run and exec, on standard error or to a\n"
    "file.\n"
    ".TP\n"
    "\\fB\\-v\\fR, \\fB\\-\\-version\\fR\n"
    "Print version information and quit.\n"
    ".TP\n"
    "\\fB\\-h\\fR, \\fB\\-\\-help\\fR\n"
    "Print what commands there are.\n";

static const char after[] =
    ".SH \"EXIT STATUS\"\n"
    "Of run, exec and start \\-a that of the command in the container, 128\n"
    "and the number of the signal that has ended it, or\n"
    ".TP\n"
    ".B 125\n"
    "duct itself failed, and said why on standard error;\n"
    ".TP\n"
    ".B 126\n"
    "the command can't be run;\n"
    ".TP\n"
    ".B 127\n"
    "the command was not found.\n"
    ".PP\n"
    "Other commands end with 0, or with another number if they failed.\n"
    ".SH ENVIRONMENT\n"
    ".TP\n"
    ".B DUCT_DATA_ROOT\n"
    "The data root, unless \\-\\-data\\-root is given.\n"
    ".TP\n"
    ".B DUCT_RUN_ROOT\n"
    "The run root, unless \\-\\-run\\-root is given.\n"
    ".SH FILES\n"
    ".TP\n"
    ".I /var/lib/duct\n"
    "The data root of root. That of others is $XDG_DATA_HOME/duct, or\n"
    "~/.local/share/duct.\n"
    ".TP\n"
    ".I /run/duct\n"
    "The run root of root. That of others is $XDG_RUNTIME_DIR/duct, or\n"
    "/tmp/duct\\-UID.\n"
    ".TP\n"
    ".I ../libexec/duct/duct\\-archive\n"
    "From where duct is: what it runs to read and write archives.\n"
    ".SH EXAMPLES\n"
    "An image of a directory, a shell in a container, and one that stays:\n"
    ".PP\n"
    ".nf\n"
    ".RS\n"
    "tar \\-c \\-C rootfs/busybox . | duct import \\- busybox\n"
    "duct run \\-\\-rm \\-it busybox sh\n"
    "duct run \\-d \\-\\-name web \\-p 8080:80 busybox httpd \\-f\n"
    "duct logs \\-f web\n"
    ".RE\n"
    ".fi\n"
    ".SH \"SEE ALSO\"\n"
    ".BR docker (1),\n"
    ".BR namespaces (7),\n"
    ".BR cgroups (7),\n"
    ".BR capabilities (7)\n";

void page_write(FILE *out)
{
    fputs(before, out);
    put_verbs(out);
    fputs(after, out);
}
