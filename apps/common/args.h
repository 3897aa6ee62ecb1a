/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file args.h
 * A command, its operands and its options, described once: the description drives parsing, help and completion.
 *
 * Operands and options may be mixed on every system, although BSD's getopt stops at the first operand.
 */
#ifndef FETH_ARGS_H
#define FETH_ARGS_H

#include <stdbool.h>

/** What a word of a command line names, so that a shell can complete it. */
enum args_word {
    ARGS_TEXT = 0,  /**< nothing that can be listed */
    ARGS_FETH,      /**< a feth interface */
    ARGS_PEER,      /**< a feth interface, or none */
    ARGS_INTERFACE, /**< any interface */
    ARGS_FILE,
    ARGS_ADDR, /**< an address, or none */
    ARGS_MAC,  /**< a MAC address, or random */
    ARGS_UP_DOWN,
    ARGS_ON_OFF,
    ARGS_OFFLOAD, /**< what an interface is created for */
    ARGS_SEND_BY, /**< a way to send frames */
    ARGS_COMMAND  /**< the name of a command */
};

/** One option. */
struct args_option {
    int id;            /**< its letter; from ARGS_LONG_ONLY on: it has none */
    const char *name;  /**< after "--", or NULL: it has only its letter */
    const char *value; /**< what help calls its value, or NULL: it takes none */
    enum args_word word;
    const char *text; /**< for help: one line */
};

#define ARGS_LONG_ONLY 256

/** One command. */
struct args_command {
    const char *name;                  /**< as it is typed */
    const char *operands;              /**< for help: "NAME [FILTER…]", or "" */
    const char *summary;               /**< for a list of commands: one line without a full stop */
    const char *details;               /**< for its own help: sentences, in lines; or NULL */
    enum args_word word;               /**< what its operands are */
    const struct args_option *options; /**< ends with one that has neither id nor name; or NULL */
    int (*run)(const struct args_command *command, int argc, char **argv); /**< argv[0]: its name */
};

/** A walk over the words of a command line. */
struct args {
    const struct args_command *command;
    const char *program; /**< how it calls itself in messages: "fethctl set" */
    int argc;
    char **argv;
    bool only_operands; /**< "--" was seen */
    bool stopped;       /**< ARGS_STOP was returned */
    int status;         /**< then: the exit status */
};

/** Results of args_next() beside the id of an option. */
enum { ARGS_END = -1, ARGS_STOP = -2, ARGS_OPERAND = 0 };

/**
 * Begin.  Once for each process: getopt's state is the process'.
 * @param argv argv[0] is not looked at
 */
void args_begin(struct args *args, const struct args_command *command, const char *program, int argc,
                char **argv);

/**
 * The next word.
 * @param[out] value the operand, or the option's value
 * @return ARGS_OPERAND; an option's id; ARGS_END; ARGS_STOP: end with args->status, since help was printed or the
 * mistake was said
 */
int args_next(struct args *args, char **value);

/** Print the help of a command.  @param program as it is typed before its operands: "fethctl set" */
void args_help(const struct args_command *command, const char *program);

/**
 * Read a whole number.
 * @param what for the message: "the MTU"
 * @return 0, or CLI_USAGE when it is none or out of range, which was said
 */
int args_number(const struct args *args, const char *what, const char *text, unsigned long min,
                unsigned long max, unsigned long *number);

#endif
