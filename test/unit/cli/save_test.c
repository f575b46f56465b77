/* A file is the old one or the new one, and what is no plain file is never replaced. */
#include "cli_test.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/save.h"
#include "cli/xalloc.h"

static char folder[] = "/tmp/infill-save-XXXXXX";

static int make_folder(void **state) {
    (void)state;
    return mkdtemp(folder) == NULL || chdir(folder) != 0 ? -1 : 0;
}

static int remove_folder(void **state) {
    (void)state;
    unlink("out.json");
    unlink("link.json");
    unlink("fifo");
    return chdir("/") != 0 || rmdir(folder) != 0 ? -1 : 0;
}

static void assert_holds(const char *path, const char *wanted) {
    char text[64] = "";
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    size_t len = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[len] = '\0';
    assert_string_equal(text, wanted);
}

static void replaces_and_keeps_the_mode(void **state) {
    struct infill_error error = {0};
    struct stat info;
    (void)state;
    assert_int_equal(save_text("out.json", "one", &error), 0);
    assert_holds("out.json", "one");
    assert_int_equal(chmod("out.json", 0640), 0);
    assert_int_equal(save_text("out.json", "two", &error), 0);
    assert_holds("out.json", "two");
    assert_int_equal(stat("out.json", &info), 0);
    assert_int_equal(info.st_mode & 07777, 0640);
}

static void follows_links(void **state) {
    struct infill_error error = {0};
    struct stat info;
    (void)state;
    assert_int_equal(symlink("out.json", "link.json"), 0);
    assert_int_equal(save_text("link.json", "three", &error), 0);
    assert_holds("out.json", "three");
    assert_int_equal(lstat("link.json", &info), 0);
    assert_true(S_ISLNK(info.st_mode));
}

static void writes_into_a_pipe(void **state) {
    struct infill_error error = {0};
    char text[16] = "";
    (void)state;
    assert_int_equal(mkfifo("fifo", 0600), 0);
    int reader = open("fifo", O_RDONLY | O_NONBLOCK);
    assert_true(reader >= 0);
    assert_int_equal(save_text("fifo", "four", &error), 0);
    assert_int_equal(read(reader, text, sizeof text - 1), 4);
    assert_string_equal(text, "four");
    close(reader);
}

static void a_failure_leaves_nothing_behind(void **state) {
    struct infill_error error = {0};
    int left = 0;
    (void)state;
    assert_int_equal(save_text("no/such/folder.json", "x", &error), INFILL_ERR_IO);
    assert_int_equal(error.code, INFILL_ERR_IO);
    assert_contains(error.message, "no/such/folder.json");
    DIR *listing = opendir(".");
    assert_non_null(listing);
    for (struct dirent *entry = readdir(listing); entry != NULL; entry = readdir(listing))
        left += strstr(entry->d_name, ".json.") != NULL;
    closedir(listing);
    assert_int_equal(left, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(replaces_and_keeps_the_mode),
        cmocka_unit_test(follows_links),
        cmocka_unit_test(writes_into_a_pipe),
        cmocka_unit_test(a_failure_leaves_nothing_behind),
    };
    return cmocka_run_group_tests_name("cli/save", tests, make_folder, remove_folder);
}
