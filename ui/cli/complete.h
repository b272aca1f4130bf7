/*
 * What can follow on a command line: zfacet --complete WORD..., which the completions of shells
 * ask.
 */
#ifndef ZFACET_CLI_COMPLETE_H
#define ZFACET_CLI_COMPLETE_H

/**
 * Prints what the last of the words after "zfacet" can become: a line each, perhaps with a tab and
 * what it means. A line that begins with a tab says what the shell is to add, "files" or "folders".
 * The option's name before '=' and what stands before a list's last comma are part of each.
 */
int zf_complete(int count, char **words);

#endif
