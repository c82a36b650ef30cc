/* start.c - what a C library would do before main, and the functions that compilers call by themselves. */
#include <stddef.h>

#include "calls.h"
#include "system.h"

#if defined(__x86_64__)
__asm__(".globl _start\n_start:\n\txor %ebp, %ebp\n\tmov %rsp, %rdi\n\tand $-16, %rsp\n\tcall begin\n");
#elif defined(__aarch64__)
__asm__(".globl _start\n_start:\n\tmov x29, #0\n\tmov x30, #0\n\tmov x0, sp\n\tbl begin\n");
#endif

void begin(long *stack);
void *memcpy(void *restrict to, const void *restrict from, size_t size);
void *memmove(void *to, const void *from, size_t size);
void *memset(void *to, int byte, size_t size);
int memcmp(const void *left, const void *right, size_t size);
int bcmp(const void *left, const void *right, size_t size);
size_t strlen(const char *text);

/* The kernel leaves the number of arguments and the arguments on the stack. */
void begin(long *stack)
{
    program((int)stack[0], (char **)(stack + 1));
    call_exit(0);
}

void *memcpy(void *restrict to, const void *restrict from, size_t size)
{
#if defined(__x86_64__)
    void *at = to;
    __asm__ volatile("rep movsb" : "+D"(at), "+S"(from), "+c"(size) : : "memory");
#else
    for (size_t i = 0; i < size; i++)
        ((char *)to)[i] = ((const char *)from)[i];
#endif
    return to;
}

void *memmove(void *to, const void *from, size_t size)
{
    char *const left = to;
    const char *const right = from;
    if (left <= right || left >= right + size)
        return memcpy(to, from, size);
    while (size--)
        left[size] = right[size];
    return to;
}

void *memset(void *to, int byte, size_t size)
{
#if defined(__x86_64__)
    void *at = to;
    __asm__ volatile("rep stosb" : "+D"(at), "+c"(size) : "a"(byte) : "memory");
#else
    for (size_t i = 0; i < size; i++)
        ((char *)to)[i] = (char)byte;
#endif
    return to;
}

int memcmp(const void *left, const void *right, size_t size)
{
    const unsigned char *l = left, *r = right;
    for (size_t i = 0; i < size; i++)
        if (l[i] != r[i])
            return l[i] < r[i] ? -1 : 1;
    return 0;
}

int bcmp(const void *left, const void *right, size_t size) { return memcmp(left, right, size); }

size_t strlen(const char *text)
{
    size_t n = 0;
    while (text[n])
        n++;
    return n;
}
