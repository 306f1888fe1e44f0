// The vector table, and what has to happen between reset and main (PM0253, RM0410).

#include <stdint.h>

#define VTOR (*(volatile uint32_t *)0xE000ED08u)
#define NVIC_ICER ((volatile uint32_t *)0xE000E180u)
#define NVIC_ICPR ((volatile uint32_t *)0xE000E280u)

#define CORE_VECTORS 16
#define INTERRUPTS 110 // RM0410, vector table
#define NVIC_WORDS ((INTERRUPTS + 31) / 32)

// From the linker script.
extern uint32_t stack_top[];
extern uint32_t data_start[];
extern uint32_t data_end[];
extern const uint32_t data_in_flash[];
extern uint32_t bss_start[];
extern uint32_t bss_end[];

typedef void (*handler)(void);

void main(void);
void systick_handler(void);

void reset_handler(void);

// A debugger that halts finds the cause in ICSR; there is nothing to go on with.
static void unexpected_exception(void)
{
    for (;;)
    {
    }
}

__attribute__((section(".vectors"), used)) static const handler vectors[CORE_VECTORS + INTERRUPTS] = {
    [0] = (handler)stack_top,
    [1] = reset_handler,
    [2] = unexpected_exception,  // NMI
    [3] = unexpected_exception,  // HardFault
    [4] = unexpected_exception,  // MemManage
    [5] = unexpected_exception,  // BusFault
    [6] = unexpected_exception,  // UsageFault
    [11] = unexpected_exception, // SVCall
    [12] = unexpected_exception, // DebugMonitor
    [14] = unexpected_exception, // PendSV
    [15] = systick_handler,
    [CORE_VECTORS ... CORE_VECTORS + INTERRUPTS - 1] = unexpected_exception,
};

void reset_handler(void)
{
    // A bootloader that jumps here leaves its own vector table, and may leave interrupts on.
    for (uint32_t word = 0; word < NVIC_WORDS; word++)
    {
        NVIC_ICER[word] = 0xFFFFFFFFu;
        NVIC_ICPR[word] = 0xFFFFFFFFu;
    }

    VTOR = (uint32_t)vectors;
    __asm volatile("dsb\n isb\n cpsie i" ::: "memory");

    const uint32_t *from = data_in_flash;
    for (uint32_t *to = data_start; to < data_end; to++)
    {
        *to = *from++;
    }

    for (uint32_t *to = bss_start; to < bss_end; to++)
    {
        *to = 0;
    }

    main();
}
