/* system.c - whole files, memory and messages, over calls.h. */
#include "system.h"

#include <string.h>

#include "calls.h"

static void say(const char *text)
{
    if (call_write(2, text, strlen(text)) < 0)
        return; /* nobody to tell */
}

_Noreturn void fail(const char *path, const char *what)
{
    say(path);
    say(": ");
    say(what);
    say("\n");
    for (;;)
        call_exit(1);
}

_Noreturn void usage(const char *text)
{
    say(text);
    for (;;)
        call_exit(2);
}

void *allocate(size_t size)
{
    void *memory = call_map(size ? size : 1);
    if (!memory)
        fail("memory", "not enough");
    return memory;
}

static long read_some(const char *path, int file, uint8_t *to, size_t size)
{
    long got;
    do
        got = call_read(file, to, size < (size_t)1 << 30 ? size : (size_t)1 << 30);
    while (interrupted(got));
    if (got < 0)
        fail(path, "cannot be read");
    return got;
}

bytes read_file(const char *path)
{
    const long file = call_open(path, O_RDONLY);
    struct stat about;
    if (file < 0 || call_stat(path, &about) < 0)
        fail(path, "cannot be opened");
    size_t room = about.st_size > 0 ? (size_t)about.st_size + 1 : 1 << 16;
    bytes content = {allocate(room), 0};
    for (;;) {
        const long got = read_some(path, (int)file, content.data + content.size, room - content.size);
        if (!got)
            break;
        content.size += (size_t)got;
        if (content.size == room) { /* a pipe, or a file that grows */
            uint8_t *larger = allocate(room * 2);
            memcpy(larger, content.data, content.size);
            content.data = larger;
            room *= 2;
        }
    }
    call_close((int)file);
    return content;
}

/* Where a file lies until it is complete. */
static const char *part_name(const char *path)
{
    const size_t n = strlen(path);
    char *name = allocate(n + 32);
    memcpy(name, path, n);
    memcpy(name + n, ".part", 5);
    size_t at = n + 5;
    for (long rest = call_pid(); rest > 0; rest /= 10)
        name[at++] = (char)('0' + rest % 10);
    return name;
}

static int write_all(int file, bytes content)
{
    size_t at = 0;
    while (at < content.size) {
        const size_t left = content.size - at;
        const long put = call_write(file, content.data + at, left < (size_t)1 << 30 ? left : (size_t)1 << 30);
        if (put > 0)
            at += (size_t)put;
        else if (!interrupted(put))
            return 0;
    }
    return call_sync(file) >= 0;
}

void write_file(const char *path, bytes content)
{
    struct stat about;
    if (call_stat(path, &about) >= 0 && !S_ISREG(about.st_mode))
        fail(path, "is there and no regular file");
    const char *part = part_name(path);
    const long file = call_open(part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC);
    if (file < 0)
        fail(path, "cannot be created");
    int done = write_all((int)file, content);
    done = call_close((int)file) >= 0 && done;
    if (!done || call_rename(part, path) < 0) {
        call_unlink(part);
        fail(path, "cannot be written");
    }
}

#if !defined(FREESTANDING)
int main(int argc, char **argv)
{
    program(argc, argv);
    return 0;
}
#endif
