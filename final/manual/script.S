/* script.bash, as it was written, for completion.c. */
    .section .rodata
    .globl script
    .globl script_end
script:
    .incbin "manual/script.bash"
script_end:
    .section .note.GNU-stack,"", %progbits
