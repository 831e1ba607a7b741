/*
 * about_verbs: info and version.
 */
#include <errno.h>
#include <stdio.h>

#include "about.h"
#include "answer.h"
#include "cleanup.h"
#include "human.h"
#include "looking.h"
#include "template.h"

const struct flag info_flags[] = {
    {"format", 'f', FLAG_TEXT, "string",
     "Format output: \"json\" or a template"},
    {0},
};

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text != NULL ? text : "";
}

static long long number_of(const json_t *object, const char *name)
{
    return json_integer_value(json_object_get(object, name));
}

static int print_formatted(const json_t *value, const char *format,
                           struct failure *why)
{
    struct template *t =
        template_parse(str_eq(format, "json") ? "{{json .}}" : format, why);
    int status = t == NULL ? -1 : template_run(t, stdout, value, why);

    template_free(t);
    if (status == 0)
        putchar('\n');
    return status < 0 ? answer_failure(why) : 0;
}

/* ------------------------------------------------------------------ info */

static const struct line {
    const char *title, *name; /* of a member that is a text */
} lines[] = {
    {"Server Version", "ServerVersion"},
    {"Storage Driver", "Driver"},
    {"Logging Driver", "LoggingDriver"},
    {"Cgroup Driver", "CgroupDriver"},
    {"Cgroup Version", "CgroupVersion"},
    {"Kernel Version", "KernelVersion"},
    {"Operating System", "OperatingSystem"},
    {"OSType", "OSType"},
    {"Architecture", "Architecture"},
    {"Name", "Name"},
    {"Data Root Dir", "DockerRootDir"},
    {"Run Root Dir", "RunRoot"},
};

/* One line: "bridge host null". */
static void print_list(const char *title, const json_t *list)
{
    const json_t *item;
    size_t i;

    printf("  %s:", title);
    json_array_foreach(list, i, item)
        printf(" %s", json_string_value(item));
    putchar('\n');
}

static void print_protections(const json_t *protections)
{
    const json_t *protection;
    size_t i;

    puts(" Protections:");
    json_array_foreach(protections, i, protection)
        printf("  %-18s %-11s %s\n", text_of(protection, "Name"),
               text_of(protection, "State"), text_of(protection, "Reason"));
}

/* Docker has them there, too. */
static void print_warnings(const json_t *warnings)
{
    const json_t *warning;
    size_t i;

    json_array_foreach(warnings, i, warning)
        fprintf(stderr, "%s\n", json_string_value(warning));
}

static void print_info(const json_t *info)
{
    const json_t *plugins = json_object_get(info, "Plugins");
    cleanup_free char *memory =
        human_bytes((unsigned long long)number_of(info, "MemTotal"));

    printf(" Containers: %lld\n  Running: %lld\n  Paused: %lld\n"
           "  Stopped: %lld\n Images: %lld\n",
           number_of(info, "Containers"), number_of(info, "ContainersRunning"),
           number_of(info, "ContainersPaused"),
           number_of(info, "ContainersStopped"), number_of(info, "Images"));
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
        printf(" %s: %s\n", lines[i].title, text_of(info, lines[i].name));
    printf(" CPUs: %lld\n Total Memory: %s\n", number_of(info, "NCPU"),
           memory != NULL ? memory : "");
    puts(" Plugins:");
    print_list("Volume", json_object_get(plugins, "Volume"));
    print_list("Network", json_object_get(plugins, "Network"));
    print_list("Log", json_object_get(plugins, "Log"));
    print_protections(json_object_get(info, "Protections"));
    (void)fflush(stdout);
    print_warnings(json_object_get(info, "Warnings"));
}

int verb_info(const struct call *call, struct failure *why)
{
    const char *format = call_text(call, "format");
    json_auto_t *info = engine_info(call->engine, why);

    if (info == NULL)
        return answer_failure(why);
    if (format != NULL && *format != '\0')
        return print_formatted(info, format, why);
    print_info(info);
    return 0;
}

/* --------------------------------------------------------------- version */

int verb_version(const struct call *call, struct failure *why)
{
    const char *format = call_text(call, "format");
    json_auto_t *version = engine_version();
    /* There is one program, but people ask for either. */
    json_auto_t *both =
        json_pack("{s:O, s:O}", "Client", version, "Server", version);

    if (both == NULL)
        return fail(why, ENOMEM, "tell the version");
    if (format != NULL && *format != '\0')
        return print_formatted(both, format, why);
    printf("duct:\n"
           " Version:           %s\n"
           " API version:       %s (minimum version %s)\n"
           " OS/Arch:           %s/%s\n"
           " Kernel Version:    %s\n",
           text_of(version, "Version"), text_of(version, "ApiVersion"),
           text_of(version, "MinAPIVersion"), text_of(version, "Os"),
           text_of(version, "Arch"), text_of(version, "KernelVersion"));
    return 0;
}
