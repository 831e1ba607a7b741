/* duct-init, as it was built, for kernel/init.c. */
    .section .rodata
    .globl init_program
    .globl init_program_end
init_program:
    .incbin "init/duct-init"
init_program_end:
    .section .note.GNU-stack, "", %progbits
