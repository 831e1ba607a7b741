/* script.bash, as it was written, for completion.c. */
    .section .rodata
    .globl script
script:
    .incbin "manual/script.bash"
    .byte 0
    .section .note.GNU-stack,"", %progbits
