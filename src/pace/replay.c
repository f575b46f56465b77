/* replay.c - see replay.h. */
#include "pace/replay.h"

/* Counted back from the newest, which is 0. */
static const struct replay_mark *mark_at(const struct replay *replay, size_t back) {
    return &replay->marks[(replay->count - 1 - back) % REPLAY_MARKS];
}

static size_t kept(const struct replay *replay) {
    return replay->count < REPLAY_MARKS ? replay->count : REPLAY_MARKS;
}

void replay_speed(struct replay *replay, double speed, int64_t now_us) {
    int64_t passed_us = now_us - replay->done_us;
    if (passed_us > 0)
        replay->done += replay->speed * (double)(passed_us < REPLAY_GAP_US ? passed_us : REPLAY_GAP_US) / 1e6;
    replay->speed = speed;
    replay->done_us = now_us;
}

/* What had been done at that moment of the past; negative: before the first mark that is remembered. */
static double done_at(const struct replay *replay, double at_us) {
    for (size_t back = 0; back < kept(replay); back++) {
        const struct replay_mark *before = mark_at(replay, back);
        if ((double)before->at_us > at_us)
            continue;
        if (back == 0)
            return before->done;
        const struct replay_mark *after = mark_at(replay, back - 1);
        return before->done +
               (after->done - before->done) * (at_us - (double)before->at_us) / (double)(after->at_us - before->at_us);
    }
    return -1;
}

static double replayed(const struct replay *replay, const struct replay_mark *mark) {
    return done_at(replay, (double)mark->at_us - mark->lag * 1e6);
}

static void mark(struct replay *replay, double lag, int64_t now_us) {
    if (replay->count >= 2 && mark_at(replay, 0)->at_us - mark_at(replay, 1)->at_us < replay->spacing_us)
        replay->count--;
    replay->marks[replay->count++ % REPLAY_MARKS] = (struct replay_mark){now_us, lag, replay->done};
}

struct replay_rate replay_sample(struct replay *replay, double lag, int64_t now_us) {
    size_t back = 0;
    replay_speed(replay, replay->speed, now_us);
    mark(replay, lag, now_us);
    const struct replay_mark *now = mark_at(replay, 0);
    while (back + 1 < kept(replay) && now_us - mark_at(replay, back)->at_us < REPLAY_SPAN_US)
        back++;
    const struct replay_mark *before = mark_at(replay, back);
    double seconds = (double)(now_us - before->at_us) / 1e6;
    if (seconds <= 0)
        return (struct replay_rate){0, -1};
    double from = replayed(replay, before), to = replayed(replay, now);
    return (struct replay_rate){(lag - before->lag) / seconds, from < 0 ? -1 : (to > from ? (to - from) / seconds : 0)};
}
