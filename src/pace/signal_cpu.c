/* signal_cpu.c - how busy the processors of the database's machine are.
 *
 * This machine's own are asked only when the server is certainly a process of it: a process number that the server gives is looked for here,
 * or its machine has this one's name; a tunnel ends on another machine and is found out. Anywhere else a program or a Prometheus has to say. */
#include <inttypes.h>
#include <unistd.h>

#include "base/process.h"
#include "base/text.h"
#include "pace/prometheus.h"
#include "pace/signal.h"

struct cpu_signal {
    struct signal base;
    bool is_here;
    uint64_t busy, all; /* ticks at the last look; all 0: none yet */
};

static bool is_process_here(int64_t pid) {
    char path[64], name[32] = "";
    snprintf(path, sizeof path, "/proc/%" PRId64 "/comm", pid);
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return false;
    bool is_server = fgets(name, sizeof name, file) != NULL && text_starts(name, "postgres");
    fclose(file);
    return is_server;
}

static int find_place(struct cpu_signal *cpu, const struct signal_tools *tools, struct err *err) {
    const struct sql_load *load = db_dialect(tools->db)->load;
    struct db_result result;
    char host[256] = "";
    int rc = load ? signal_query(&cpu->base, tools, load->place, &result, err) : 0;
    if (rc)
        return rc;
    gethostname(host, sizeof host - 1);
    bool local = load == NULL || db_cell_int(&result, 0, 1, 0) == 1;
    if (load && db_cell(&result, 0, 0))
        local = local && is_process_here(db_cell_int(&result, 0, 0, 0));
    else if (load)
        local = local && host[0] && text_equal(db_cell(&result, 0, 2), host);
    if (!local)
        return err_set(
            err, ERR_REFUSED,
            "the database is not on this machine: give the signal a 'command' or a 'prometheus' that says how busy its is");
    cpu->is_here = true;
    return 0;
}

/* The first line of /proc/stat: user nice system idle iowait irq softirq steal, in ticks since the start. */
static int read_ticks(uint64_t *busy, uint64_t *all, struct err *err) {
    uint64_t ticks[8] = {0};
    FILE *file = fopen("/proc/stat", "re");
    int got = file
                  ? fscanf(file, "cpu %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64,
                           &ticks[0], &ticks[1], &ticks[2], &ticks[3], &ticks[4], &ticks[5], &ticks[6], &ticks[7])
                  : 0;
    if (file)
        fclose(file);
    if (got < 4)
        return err_set(err, ERR_IO, "/proc/stat cannot be read");
    *all = 0;
    for (size_t i = 0; i < 8; i++)
        *all += ticks[i];
    *busy = *all - ticks[3] - ticks[4];
    return 0;
}

static int sample_here(struct cpu_signal *cpu, struct pace_reading *reading, struct err *err) {
    uint64_t busy = 0, all = 0, busy_before = cpu->busy, all_before = cpu->all;
    int rc = read_ticks(&busy, &all, err);
    if (rc)
        return rc;
    cpu->busy = busy;
    cpu->all = all;
    if (all_before == 0 || all <= all_before)
        return err_set(err, ERR_TRANSIENT, "it is known from the second look on");
    reading->value = busy >= busy_before ? (double)(busy - busy_before) / (double)(all - all_before) : 0;
    return 0;
}

static int sample_command(struct cpu_signal *cpu, const struct signal_tools *tools, struct pace_reading *reading, struct err *err) {
    char out[64];
    int rc = process_run(cpu->base.about->command, cpu->base.about->timeout_us, tools->stop, out, sizeof out, err);
    return rc ? rc : signal_number(out, &reading->value, err);
}

static int check_fraction(const struct pace_reading *reading, struct err *err) {
    if (reading->value >= 0 && reading->value <= 1)
        return 0;
    return err_set(err, ERR_SQL, "it gives neither a fraction from 0 to 1 nor a percentage such as 85%%");
}

static int sample(struct signal *signal, const struct signal_tools *tools, struct pace_reading *reading, struct err *err) {
    struct cpu_signal *cpu = (struct cpu_signal *)signal;
    int rc;
    if (signal->about->command || signal->about->promql) {
        rc = signal->about->promql ? prometheus_ask(signal, tools, &reading->value, err) : sample_command(cpu, tools, reading, err);
        return rc ? rc : check_fraction(reading, err);
    }
    rc = cpu->is_here ? 0 : find_place(cpu, tools, err);
    return rc ? rc : sample_here(cpu, reading, err);
}

const struct signal_type cpu_signal = {
    .name = "cpu", .kind = PACE_GAUGE, .needs_db = true, .size = sizeof(struct cpu_signal), .sample = sample};
