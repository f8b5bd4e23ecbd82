/* nodecheck.c - see nodecheck.h */
#include "nodecheck.h"

#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rules.h"
#include "ticket.h"

#define PROGRAM "aif-node"
#define OPTIONS_MAX 32
#define ANSWER_MAX (SPANK_AIF_GATE_TEXT + SPANK_AIF_GATING_LIST + 8)

static void _refuse(struct spank_aif_gate *gate, const char *why)
{
	gate->open = false;
	snprintf(gate->text, sizeof(gate->text), "the node cannot check the job's residency tag: %s (" AIF_R_TICKET ")", why);
}

/* In the plugin's own directory, wherever that was installed. */
static int _program(char *ret_path, size_t size)
{
	Dl_info self;
	const char *slash;
	int length;

	if (!dladdr((const void *)&spank_aif_nodecheck, &self) || !self.dli_fname ||
	    !(slash = strrchr(self.dli_fname, '/')))
		return -1;
	length = snprintf(ret_path, size, "%.*s/" PROGRAM, (int)(slash - self.dli_fname), self.dli_fname);
	return length > 0 && (size_t)length < size ? 0 : -1;
}

/* The child: nothing of the prolog's environment goes on but where slurm.conf is. */
static void _become(const char *path, const struct spank_aif_nodecheck *check, int out)
{
	static char seal[AIF_TICKET_TEXT_MAX * 8], text[AIF_TICKET_TEXT_MAX + 32], conf[PATH_MAX + 16];
	const char *slurm_conf_path = getenv("SLURM_CONF");
	const char *argv[OPTIONS_MAX + 2] = {PROGRAM};
	char *env[4] = {NULL};
	int count = 0;

	for (int i = 0; i < OPTIONS_MAX && check->options[i]; i++)
		argv[i + 1] = check->options[i];
	if (slurm_conf_path && snprintf(conf, sizeof(conf), "SLURM_CONF=%s", slurm_conf_path) < (int)sizeof(conf))
		env[count++] = conf;
	if (check->seal && snprintf(seal, sizeof(seal), AIF_TICKET_ENV "=%s", check->seal) < (int)sizeof(seal))
		env[count++] = seal;
	if (check->text && snprintf(text, sizeof(text), AIF_TICKET_TEXT_ENV "=%s", check->text) < (int)sizeof(text))
		env[count] = text;
	if (dup2(out, STDOUT_FILENO) >= 0)
		execve(path, (char *const *)argv, env);
	_exit(127);
}

static void _read_answer(int fd, char *ret_answer, size_t size)
{
	size_t length = 0;
	ssize_t got = 1;

	while (got && length < size - 1) {
		got = read(fd, ret_answer + length, size - 1 - length);
		if (got < 0 && errno != EINTR)
			break;
		length += got > 0 ? (size_t)got : 0;
	}
	ret_answer[length] = '\0';
}

static void _take_answer(char *answer, int status, struct spank_aif_gate *gate)
{
	char *end = strchr(answer, '\n'), *rest = NULL;
	unsigned long array;

	if (end)
		*end++ = '\0';
	if (end && !strncmp(answer, "no ", 3)) {
		snprintf(gate->text, sizeof(gate->text), "%.*s", (int)sizeof(gate->text) - 1, answer + 3);
		return;
	}
	if (!end || strncmp(answer, "ok ", 3) || !WIFEXITED(status) || WEXITSTATUS(status) || strlen(end) >= sizeof(gate->data)) {
		_refuse(gate, PROGRAM " did not answer");
		return;
	}
	array = strtoul(answer + 3, &rest, 10);
	gate->open = rest != answer + 3 && !*rest && array <= UINT32_MAX;
	gate->array = gate->open ? (uint32_t)array : 0;
	strcpy(gate->data, end);
}

static int _wait(pid_t pid)
{
	int status = -1;

	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			return -1;
	}
	return status;
}

extern void spank_aif_nodecheck(const struct spank_aif_nodecheck *check, struct spank_aif_gate *ret_gate)
{
	char path[PATH_MAX], answer[ANSWER_MAX];
	int ends[2];
	pid_t pid;

	*ret_gate = (struct spank_aif_gate){.open = false};
	_refuse(ret_gate, PROGRAM " cannot be run");
	if (_program(path, sizeof(path)) || pipe(ends))
		return;
	pid = fork();
	if (!pid)
		_become(path, check, ends[1]);
	close(ends[1]);
	if (pid > 0) {
		_read_answer(ends[0], answer, sizeof(answer));
		_take_answer(answer, _wait(pid), ret_gate);
	}
	close(ends[0]);
}
