/*
 * top: a container's processes, as ps tells them.
 *
 * Side           host: pids and users are as seen from there
 * Look at it     ps -ef     ps -o pid,user,args -p PID
 */
#include "top.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cgroup.h"
#include "cleanup.h"
#include "printable.h"
#include "top_columns.h"

enum {
    COLUMNS_MAX = 64
};

struct table {
    enum column columns[COLUMNS_MAX];
    size_t count;
    json_t *titles;
};

static int refuse(const char *text, struct failure *why)
{
    fail_as(why, FAILURE_BAD_PARAMETER,
            "ps arguments: \"%.100s\" is not supported", text);
    printable(why->message);
    return -1;
}

/* A process may call itself what it likes, but JSON is UTF-8. */
static json_t *to_json(const char *text)
{
    json_t *json = json_string(text);
    cleanup_free char *copy = json == NULL ? strdup(text) : NULL;

    if (copy == NULL)
        return json;
    for (char *c = copy; *c != '\0'; c++)
        if (*c & 0x80)
            *c = '?';
    return json_string(copy);
}

/* Adds one column: "pid", or "pid=TITLE". */
static int add_column(struct table *table, char *text, struct failure *why)
{
    char *title = text;
    const char *name = strsep(&title, "=");

    const struct top_column *column = top_columns_find(name);

    if (column == NULL || table->count == COLUMNS_MAX)
        return refuse(name, why);
    table->columns[table->count++] = column->column;
    return json_array_append_new(
               table->titles, to_json(title == NULL ? column->title : title)) <
                   0
               ? fail(why, ENOMEM, "list processes")
               : 0;
}

static int add_columns(struct table *table, const char *list,
                       struct failure *why)
{
    cleanup_free char *copy = strdup(list);
    char *rest = copy;
    char *one;

    while ((one = strsep(&rest, ",")) != NULL)
        if (add_column(table, one, why) < 0)
            return -1;
    return copy == NULL ? fail(why, ENOMEM, "list processes") : 0;
}

static const char full[] = "user=UID,pid,ppid,c,stime,tty,time,cmd";
static const char aux[] =
    "user,pid,%cpu,%mem,vsz,rss,tty,stat,start,bsdtime,command";
static const char simple[] = "pid,tty,time,comm=CMD";

struct arguments {
    const char *preset;
    bool has_list;
};

/* One word of ps's arguments. What only says which processes is passed over.
 * Returns how many of the next words it took, or -1 with @why. */
static int take_word(struct arguments *a, struct table *table, const char *word,
                     const char *next, struct failure *why)
{
    bool unix_style = *word == '-';

    if (strncmp(word, "--format=", strlen("--format=")) == 0) {
        a->has_list = true;
        return add_columns(table, word + strlen("--format="), why);
    }
    if (str_eq(word, "-aux")) /* not what it says, but what is meant */
        unix_style = false;
    for (const char *letter = word + (*word == '-'); *letter != '\0';
         letter++) {
        if (*letter == 'o' || (unix_style && *letter == 'O')) {
            const char *list = letter[1] != '\0' ? letter + 1 : next;

            if (list == NULL)
                return refuse(word, why);
            a->has_list = true;
            return add_columns(table, list, why) < 0 ? -1 : letter[1] == '\0';
        }
        if (unix_style && *letter == 'f')
            a->preset = full;
        else if (!unix_style && *letter == 'u')
            a->preset = aux;
        else if (strchr(unix_style ? "eAaHww" : "axwef", *letter) == NULL)
            return refuse(word, why);
    }
    return 0;
}

static int take_arguments(struct table *table, const char *ps_args,
                          struct failure *why)
{
    cleanup_free char *copy = strdup(ps_args);
    char *rest = copy;
    struct arguments a = {0};

    if (copy == NULL)
        return fail(why, ENOMEM, "list processes");
    const char *word = strtok_r(copy, " \t", &rest);
    while (word != NULL) {
        const char *next = strtok_r(NULL, " \t", &rest);
        int took = take_word(&a, table, word, next, why);

        if (took < 0)
            return -1;
        word = took == 0 ? next : strtok_r(NULL, " \t", &rest);
    }
    if (a.has_list)
        return 0;
    return add_columns(table, a.preset == NULL ? simple : a.preset, why);
}

static json_t *make_row(const struct table *table, const struct proc *p,
                        const struct top_clock *c)
{
    json_t *row = json_array();

    for (size_t i = 0; i < table->count; i++) {
        cleanup_free char *text = NULL;
        size_t size;
        FILE *out = open_memstream(&text, &size);

        if (out == NULL)
            break;
        top_columns_put(out, table->columns[i], p, c);
        fclose(out);
        json_array_append_new(row, to_json(text));
    }
    return row;
}

/* A number may be another process's by the time we look, which then is not in
 * the cgroup. So whoever is in it no more is left out. */
static bool is_still_there(pid_t pid, const pid_t *pids, ssize_t count)
{
    for (ssize_t i = 0; i < count; i++)
        if (pids[i] == pid)
            return true;
    return false;
}

static json_t *make_rows(const struct cgroup *cgroup, const struct table *table)
{
    const struct top_clock clock = top_columns_clock();
    cleanup_free pid_t *pids = NULL;
    cleanup_free pid_t *later = NULL;
    ssize_t count = cgroup_pids(cgroup, &pids);
    json_t *rows = json_array();
    json_t *kept = json_array();

    for (ssize_t i = 0; i < count; i++) {
        struct proc proc;
        bool is_there = proc_read(&proc, pids[i]) == 0;

        json_array_append_new(rows, is_there ? make_row(table, &proc, &clock)
                                             : json_null());
        if (is_there)
            free(proc.args);
    }
    ssize_t still = cgroup_pids(cgroup, &later);
    for (ssize_t i = 0; i < count; i++) {
        json_t *row = json_array_get(rows, (size_t)i);

        if (json_is_array(row) && is_still_there(pids[i], later, still))
            json_array_append(kept, row);
    }
    json_decref(rows);
    return kept;
}

json_t *top_list(const struct cgroup *cgroup, const char *ps_args,
                 struct failure *why)
{
    struct table table = {.titles = json_array()};

    if (ps_args == NULL || *ps_args == '\0')
        ps_args = "-ef";
    if (take_arguments(&table, ps_args, why) < 0) {
        json_decref(table.titles);
        return NULL;
    }
    return json_pack("{s:o, s:o}", "Titles", table.titles, "Processes",
                     make_rows(cgroup, &table));
}
