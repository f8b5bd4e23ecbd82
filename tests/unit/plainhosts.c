/* plainhosts.c - spank/hosts.h without Slurm: "n[1-3,7],m7", one bracket per name, no leading zeros */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hosts.h"

static int each_of_bracket(const char *prefix, int length, const char *ranges, spank_aif_host_fn each, void *arg)
{
    char *end;

    for (; *ranges && *ranges != ']'; ranges = *end == ',' ? end + 1 : end) {
        long from = strtol(ranges, &end, 10), to = from;

        if (*end == '-')
            to = strtol(end + 1, &end, 10);
        for (; from <= to; from++) {
            char host[64];

            snprintf(host, sizeof(host), "%.*s%ld", length, prefix, from);
            if (!each(arg, host))
                return -1;
        }
    }
    return 0;
}

int spank_aif_hosts_each(const char *hosts, spank_aif_host_fn each, void *arg)
{
    while (*hosts) {
        const int length = (int)strcspn(hosts, "[,");
        char host[64];

        if (hosts[length] == '[') {
            if (each_of_bracket(hosts, length, hosts + length + 1, each, arg))
                return -1;
            hosts = strchr(hosts, ']') + 1;
        } else {
            snprintf(host, sizeof(host), "%.*s", length, hosts);
            if (!each(arg, host))
                return -1;
            hosts += length;
        }
        hosts += *hosts == ',';
    }
    return 0;
}

static bool is_other(void *arg, const char *host)
{
    return strcmp(host, arg) != 0;
}

bool spank_aif_hosts_have(const char *hosts, const char *host)
{
    return spank_aif_hosts_each(hosts, is_other, (void *)host) != 0;
}
