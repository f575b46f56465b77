/* Settling: a dual writer without upsert, a batch, and the verification that follows it. One row (rows are independent).
 * A writer's transaction changes or deletes the row on both sides, in either order; on the target it does nothing where no row is there at the
 * time of its statement. A row that it has changed it holds locked until it ends.
 * WAIT 1: the range is looked at when every transaction that was open when it was filled has ended; 0: at once */
#ifndef WAIT
#define WAIT 1
#endif
#define WRITERS 2
byte src = 1; byte tgt = 0;             /* committed values; 0: no row */
byte lock_src = 0; byte lock_tgt = 0;   /* writer number + 1; 9: the repair */
bool open[WRITERS]; bool waited[WRITERS];
byte ended = 0; bool filled = false; bool settled = false;

proctype writer(byte me) { byte v; bool on_target = false; bool on_source = false;
  atomic { if :: v = 0 :: v = 2 + me fi; open[me] = true }
  if :: goto source_first :: skip fi;
  atomic { (lock_tgt == 0) -> if :: tgt != 0 -> lock_tgt = me + 1; on_target = true :: else fi }
  atomic { (lock_src == 0) -> if :: src != 0 -> lock_src = me + 1; on_source = true :: else fi }
  goto commit;
 source_first:
  atomic { (lock_src == 0) -> if :: src != 0 -> lock_src = me + 1; on_source = true :: else fi }
  atomic { (lock_tgt == 0) -> if :: tgt != 0 -> lock_tgt = me + 1; on_target = true :: else fi }
 commit:
  atomic {
    if :: on_source -> src = v; lock_src = 0 :: else fi;
    if :: on_target && on_source -> tgt = v :: else fi;   /* a writer that finds no source row writes nothing */
    if :: on_target -> lock_tgt = 0 :: else fi;
    open[me] = false; ended++ } }

proctype batch() { byte r;
  r = src;                                                 /* the snapshot of its statement */
  atomic { if :: r != 0 && tgt == 0 && lock_tgt == 0 -> tgt = r :: else fi;
    waited[0] = open[0]; waited[1] = open[1]; filled = true } }

proctype settle() { byte r;
  (filled);
#if WAIT
  (!(waited[0] && open[0]) && !(waited[1] && open[1]));
#endif
 again:
  if
  :: atomic { src == tgt -> goto done }                    /* one snapshot of both sides */
  :: atomic { src != tgt -> skip }
  fi;
  atomic { lock_src == 0 -> lock_src = 9 };                /* nobody changes the source row while the target follows it */
  r = src;
  atomic { lock_tgt == 0 -> tgt = r; lock_src = 0 };
  goto again;
 done: settled = true }

init { atomic { run batch(); run settle(); run writer(0); run writer(1) }
  (settled && ended == WRITERS);
  assert(src == tgt) }
