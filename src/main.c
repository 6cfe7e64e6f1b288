#include <stdio.h>

int main(void)
{
    puts("hatidata");
    return 0;
}
