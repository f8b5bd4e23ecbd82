/*
 * gnuplot.h - pictures by way of gnuplot(1), which need not be installed
 */
#ifndef AIF_TOOL_GNUPLOT_H
#define AIF_TOOL_GNUPLOT_H

#include <stddef.h>
#include <stdio.h>

/*
 * Start gnuplot with its picture going to path (NULL: stdout): PNG where the name ends in ".png", else SVG. NULL after one
 * line. Write the script to the stream, data inline; what comes from names through aif_gnuplot_word().
 */
FILE *aif_gnuplot_start(const char *path, unsigned width, unsigned height);

/* Returns AIF_EXIT_OK, or an exit code after one line. */
int aif_gnuplot_end(FILE *script);

/* text with only letters, digits, dots, dashes and underscores; the rest become dashes. */
#define AIF_GNUPLOT_WORD_SIZE 64
void aif_gnuplot_word(const char *text, char ret_word[AIF_GNUPLOT_WORD_SIZE]);

#endif
