#pragma once
/*
 * calls: system calls without a C library.
 *
 * A static program of the C library needs 700 KiB and reads its environment
 * before main() does anything. This one has to be small enough to be written
 * out for every container, and to load nothing from that container's files.
 *
 * Source  syscall(2), "Architecture calling conventions"
 */
#include <asm/unistd.h>

#if defined(__x86_64__)
static inline long call(long number, long a, long b, long c, long d)
{
    register long r10 __asm__("r10") = d;
    long result;

    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10)
                     : "rcx", "r11", "memory");
    return result;
}

/* The kernel leaves argc, argv and the environment on the stack. */
__asm__(".globl _start\n"
        "_start:\n"
        "    xor %ebp, %ebp\n"
        "    mov %rsp, %rdi\n"
        "    and $-16, %rsp\n"
        "    call start\n");

#elif defined(__aarch64__)
static inline long call(long number, long a, long b, long c, long d)
{
    register long x8 __asm__("x8") = number;
    register long x0 __asm__("x0") = a;
    register long x1 __asm__("x1") = b;
    register long x2 __asm__("x2") = c;
    register long x3 __asm__("x3") = d;

    __asm__ volatile("svc 0"
                     : "+r"(x0)
                     : "r"(x8), "r"(x1), "r"(x2), "r"(x3)
                     : "memory");
    return x0;
}

__asm__(".globl _start\n"
        "_start:\n"
        "    mov x29, xzr\n"
        "    mov x0, sp\n"
        "    and sp, x0, #-16\n"
        "    bl start\n");

#else
#error "duct-init knows the system calls of x86_64 and aarch64 only"
#endif
