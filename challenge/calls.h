/* calls.h - the system calls that the programs need: those of Linux itself on x86-64 and aarch64, so that they need no C
 * library, or those of the C library where FREESTANDING is not defined. All return -1 or less for an error. */
#ifndef CALLS_H
#define CALLS_H
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/stat.h>

#if !defined(FREESTANDING)
#include <stdio.h>
#include <unistd.h>

static inline long call_open(const char *path, int flags) { return open(path, flags, 0666); }
static inline long call_read(int file, void *to, size_t size) { return read(file, to, size); }
static inline long call_write(int file, const void *from, size_t size) { return write(file, from, size); }
static inline long call_sync(int file) { return fsync(file); }
static inline long call_close(int file) { return close(file); }
static inline long call_stat(const char *path, struct stat *about) { return stat(path, about); }
static inline long call_rename(const char *from, const char *to) { return rename(from, to); }
static inline long call_unlink(const char *path) { return unlink(path); }
static inline long call_pid(void) { return getpid(); }
static inline void *call_map(size_t size)
{
    void *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return at == MAP_FAILED ? NULL : at;
}
static inline void call_exit(int code) { _exit(code); }
static inline int interrupted(long result) { return result == -1 && errno == EINTR; }

#else
#include <sys/syscall.h>

static inline long call6(long number, long a, long b, long c, long d, long e, long f)
{
#if defined(__x86_64__)
    long result;
    register long r10 __asm__("r10") = d;
    register long r8 __asm__("r8") = e;
    register long r9 __asm__("r9") = f;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
    return result;
#elif defined(__aarch64__)
    register long x8 __asm__("x8") = number;
    register long x0 __asm__("x0") = a;
    register long x1 __asm__("x1") = b;
    register long x2 __asm__("x2") = c;
    register long x3 __asm__("x3") = d;
    register long x4 __asm__("x4") = e;
    register long x5 __asm__("x5") = f;
    __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory");
    return x0;
#else
#error "no system calls for this machine: build without FREESTANDING"
#endif
}

static inline long call_open(const char *path, int flags) { return call6(SYS_openat, AT_FDCWD, (long)path, flags, 0666, 0, 0); }
static inline long call_read(int file, void *to, size_t size) { return call6(SYS_read, file, (long)to, (long)size, 0, 0, 0); }
static inline long call_write(int file, const void *from, size_t size)
{
    return call6(SYS_write, file, (long)from, (long)size, 0, 0, 0);
}
static inline long call_sync(int file) { return call6(SYS_fsync, file, 0, 0, 0, 0, 0); }
static inline long call_close(int file) { return call6(SYS_close, file, 0, 0, 0, 0, 0); }
static inline long call_stat(const char *path, struct stat *about)
{
    return call6(SYS_newfstatat, AT_FDCWD, (long)path, (long)about, 0, 0, 0);
}
static inline long call_rename(const char *from, const char *to)
{
    return call6(SYS_renameat, AT_FDCWD, (long)from, AT_FDCWD, (long)to, 0, 0);
}
static inline long call_unlink(const char *path) { return call6(SYS_unlinkat, AT_FDCWD, (long)path, 0, 0, 0, 0); }
static inline long call_pid(void) { return call6(SYS_getpid, 0, 0, 0, 0, 0, 0); }
static inline void *call_map(size_t size)
{
    long at = call6(SYS_mmap, 0, (long)size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return at < 0 && at > -4096 ? NULL : (void *)at;
}
static inline void call_exit(int code)
{
    for (;;)
        call6(SYS_exit_group, code, 0, 0, 0, 0, 0);
}
static inline int interrupted(long result) { return result == -EINTR; }
#endif
#endif
