/* Entry and exceptions of the Cortex-A15 (ARMv7-A, DDI 0406 B1.8). The loader leaves the processor in
   Secure Supervisor mode with MMU and caches off. */
    .syntax unified
    .arm

    .section .vectors, "ax"
    .balign 32
vectors:
    b       board_reset
    b       undefined
    b       unexpected              @ supervisor call: nobody makes one
    b       prefetch_abort
    b       data_abort
    b       unexpected              @ hypervisor's
    b       interrupt
    b       unexpected              @ fast interrupt: none is enabled

    .global board_reset
    .type board_reset, %function
board_reset:
    cpsid   aif, #0x13
    mrc     p15, 0, r0, c1, c0, 0   @ SCTLR: MMU, caches, high vectors, Thumb exceptions off
    bic     r0, r0, #(1 << 0)
    bic     r0, r0, #(1 << 2)
    bic     r0, r0, #(1 << 12)
    bic     r0, r0, #(1 << 13)
    bic     r0, r0, #(1 << 30)
    mcr     p15, 0, r0, c1, c0, 0
    isb
    ldr     r0, =vectors
    mcr     p15, 0, r0, c12, c0, 0  @ VBAR
    isb
    cps     #0x12                   @ IRQ
    ldr     sp, =interrupt_stack_top
    cps     #0x17                   @ Abort, for every fault
    ldr     sp, =fault_stack_top
    cps     #0x13                   @ Supervisor: the program
    ldr     sp, =stack_top
    bl      board_start
    b       .

interrupt:
    sub     lr, lr, #4
    push    {r0-r3, r12, lr}
    bl      board_interrupt
    clrex
    ldm     sp!, {r0-r3, r12, pc}^

/* board_crash(cause, pc, lr): causes are those of hal/crash.hpp. */
undefined:
    mrs     r3, spsr
    tst     r3, #(1 << 5)           @ from Thumb code?
    subeq   r1, lr, #4
    subne   r1, lr, #2
    mov     r0, #2
    b       crash
prefetch_abort:
    sub     r1, lr, #4
    mov     r0, #2
    b       crash
data_abort:
    sub     r1, lr, #8
    mov     r0, #1
    b       crash
unexpected:
    mov     r1, lr
    mov     r0, #3
crash:
    cps     #0x13
    mov     r2, lr                  @ of the program
    cps     #0x17
    ldr     sp, =fault_stack_top
    bl      board_crash
    b       .
