// Blinks LD1 of a NUCLEO-F767ZI and says so on USART3, the virtual COM port of the board's ST-LINK (115200 8N1).
// Register names, addresses and bits: RM0410 (STM32F76xxx and STM32F77xxx) and PM0253 (Cortex-M7). Board: UM1974.

#include <stdint.h>

#define REGISTER(address) (*(volatile uint32_t *)(address))

#define RCC_CR REGISTER(0x40023800u)
#define RCC_CR_HSION (1u << 0)
#define RCC_CR_HSIRDY (1u << 1)
#define RCC_CFGR REGISTER(0x40023808u)
#define RCC_CFGR_SWS (3u << 2)
#define RCC_AHB1ENR REGISTER(0x40023830u)
#define RCC_AHB1ENR_GPIOBEN (1u << 1)
#define RCC_AHB1ENR_GPIODEN (1u << 3)
#define RCC_APB1ENR REGISTER(0x40023840u)
#define RCC_APB1ENR_USART3EN (1u << 18)
#define RCC_DCKCFGR2 REGISTER(0x40023890u)
#define RCC_DCKCFGR2_USART3SEL (3u << 4)

#define GPIOB_MODER REGISTER(0x40020400u)
#define GPIOB_BSRR REGISTER(0x40020418u)
#define GPIOD_MODER REGISTER(0x40020C00u)
#define GPIOD_AFRH REGISTER(0x40020C24u)

#define USART3_CR1 REGISTER(0x40004800u)
#define USART3_CR1_UE (1u << 0)
#define USART3_CR1_TE (1u << 3)
#define USART3_CR2 REGISTER(0x40004804u)
#define USART3_CR3 REGISTER(0x40004808u)
#define USART3_BRR REGISTER(0x4000480Cu)
#define USART3_ISR REGISTER(0x4000481Cu)
#define USART3_ISR_TXE (1u << 7)
#define USART3_TDR REGISTER(0x40004828u)

#define SYST_CSR REGISTER(0xE000E010u)
#define SYST_CSR_ENABLE (1u << 0)
#define SYST_CSR_TICKINT (1u << 1)
#define SYST_CSR_CLKSOURCE (1u << 2)
#define SYST_RVR REGISTER(0xE000E014u)
#define SYST_CVR REGISTER(0xE000E018u)

#define HSI_HZ 16000000u
#define TICKS_PER_SECOND 1000u
#define BAUD 115200u

#define LD1_PIN 0u // PB0
#define TX_PIN 8u  // PD8, alternate function 7

static volatile uint32_t ticks;

// Not const, so that there is a .data section to be copied out of flash.
static char count[] = "00000";

void systick_handler(void)
{
    ticks++;
}

// A bootloader that jumps here may have left the PLL on; every figure below counts on the HSI, undivided.
static void run_from_hsi(void)
{
    RCC_CR |= RCC_CR_HSION;
    while ((RCC_CR & RCC_CR_HSIRDY) == 0)
    {
    }

    RCC_CFGR = 0;
    while ((RCC_CFGR & RCC_CFGR_SWS) != 0)
    {
    }
}

static void start_led(void)
{
    RCC_AHB1ENR |= RCC_AHB1ENR_GPIOBEN;
    (void)RCC_AHB1ENR; // the clock runs two cycles after the write
    GPIOB_MODER = (GPIOB_MODER & ~(3u << (2 * LD1_PIN))) | (1u << (2 * LD1_PIN));
}

static void start_usart(void)
{
    RCC_AHB1ENR |= RCC_AHB1ENR_GPIODEN;
    RCC_APB1ENR |= RCC_APB1ENR_USART3EN;
    RCC_DCKCFGR2 &= ~RCC_DCKCFGR2_USART3SEL; // clocked by APB1
    (void)RCC_APB1ENR;
    GPIOD_AFRH = (GPIOD_AFRH & ~(15u << (4 * (TX_PIN - 8)))) | (7u << (4 * (TX_PIN - 8)));
    GPIOD_MODER = (GPIOD_MODER & ~(3u << (2 * TX_PIN))) | (2u << (2 * TX_PIN));
    USART3_CR1 = 0;
    USART3_CR2 = 0;
    USART3_CR3 = 0;
    USART3_BRR = (HSI_HZ + BAUD / 2) / BAUD;
    USART3_CR1 = USART3_CR1_UE | USART3_CR1_TE;
}

static void start_systick(void)
{
    SYST_RVR = HSI_HZ / TICKS_PER_SECOND - 1;
    SYST_CVR = 0;
    SYST_CSR = SYST_CSR_ENABLE | SYST_CSR_TICKINT | SYST_CSR_CLKSOURCE;
}

static void print(const char *text)
{
    for (; *text != '\0'; text++)
    {
        while ((USART3_ISR & USART3_ISR_TXE) == 0)
        {
        }

        USART3_TDR = (uint8_t)*text;
    }
}

static void increment(char *digits, uint32_t length)
{
    while (length-- > 0)
    {
        if (digits[length] != '9')
        {
            digits[length]++;
            return;
        }

        digits[length] = '0';
    }
}

static void sleep_until(uint32_t tick)
{
    while ((int32_t)(ticks - tick) < 0)
    {
        __asm volatile("wfi");
    }
}

void main(void)
{
    run_from_hsi();
    start_led();
    start_usart();
    start_systick();
    print("Defuse sample: blinky on NUCLEO-F767ZI\r\n");

    uint32_t next = ticks;
    for (;;)
    {
        GPIOB_BSRR = 1u << LD1_PIN;
        increment(count, sizeof count - 1);
        print("blink ");
        print(count);
        print("\r\n");
        next += TICKS_PER_SECOND / 2;
        sleep_until(next);

        GPIOB_BSRR = 1u << (LD1_PIN + 16);
        next += TICKS_PER_SECOND / 2;
        sleep_until(next);
    }
}
