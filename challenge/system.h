/* system.h - what the programs want of the system: whole files, memory, messages. */
#ifndef SYSTEM_H
#define SYSTEM_H
#include <stddef.h>
#include <stdint.h>

typedef struct {
    uint8_t *data;
    size_t size;
} bytes;

/* Zeroed memory that is never given back; ends the program if there is none. */
void *allocate(size_t size);
/* A whole file; ends the program if it cannot be read. */
bytes read_file(const char *path);
/* Write a whole file under a name of its own, sync it, and only then give it its name: there is never a part of it under
 * that name. Ends the program if that fails. */
void write_file(const char *path, bytes content);
/* Say what is wrong with a file, and end with exit code 1. */
_Noreturn void fail(const char *path, const char *what);
/* Say how the program is used, and end with exit code 2. */
_Noreturn void usage(const char *text);

/* The programs. Returning ends them with exit code 0. */
void program(int argc, char **argv);
#endif
