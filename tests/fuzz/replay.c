/* Gives each file of a folder to a fuzzer's function, and then cut and flipped forms of it, so that
 * the fuzzers are of use without libFuzzer too. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LARGEST = 1 << 20, FORMS = 400 };

static void mutate(const uint8_t *seed, size_t n)
{
    uint8_t *copy = malloc(n + 1);
    unsigned random = 1;
    if (!copy) {
        abort();
    }
    for (int i = 0; i < FORMS && n; i++) {
        random = random * 1103515245u + 12345u;
        size_t at = (random >> 8) % n;
        memcpy(copy, seed, n);
        copy[at] = (uint8_t)(i % 3 == 0 ? random >> 16 : copy[at] ^ (1u << (i % 8)));
        LLVMFuzzerTestOneInput(copy, i % 5 == 0 ? at : n);
    }
    free(copy);
}

static int replay(const char *path)
{
    uint8_t *data = malloc(LARGEST);
    FILE *f = fopen(path, "rb");
    if (!f || !data) {
        perror(path);
        exit(1);
    }
    size_t n = fread(data, 1, LARGEST, f);
    fclose(f);
    LLVMFuzzerTestOneInput(data, n);
    mutate(data, n);
    free(data);
    return 1;
}

int main(int argc, char **argv)
{
    DIR *dir = argc == 2 ? opendir(argv[1]) : NULL;
    int count = 0;
    if (!dir) {
        fprintf(stderr, "usage: %s FOLDER-OF-SEEDS\n", argv[0]);
        return 1;
    }
    for (struct dirent *entry; (entry = readdir(dir));) {
        char path[4096];
        if (entry->d_name[0] != '.') {
            snprintf(path, sizeof path, "%s/%s", argv[1], entry->d_name);
            count += replay(path);
        }
    }
    closedir(dir);
    printf("%d seeds\n", count);
    return count ? 0 : 1;
}
