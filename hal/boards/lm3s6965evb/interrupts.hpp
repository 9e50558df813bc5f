// Exceptions and interrupts of the chip, as its vector table (startup.cpp) names them. What an
// image does not define goes to board_exception, and that to board_fault.
#pragma once

extern "C" {

void board_tick();       // SysTick
void board_uart0();      // to the host
void board_uart1();      // to the reader
void board_uart2();      // factory console
void board_ports();      // ports E and F: keys
void board_exception();  // faults, the watchdog, and what nobody asked for

// Of the image or the board's devices: what becomes of a broken promise of our own code.
[[noreturn]] void board_fault();

}  // extern "C"
