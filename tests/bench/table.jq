# SPDX-License-Identifier: Apache-2.0
# The main figure of each measure as lines of tabs, for table.awk; the kernel first.
def number:
  if . == null then "-"
  elif . >= 1000 then round | tostring
  elif . >= 100 then . * 10 | round / 10 | tostring
  else . * 100 | round / 100 | tostring
  end;
def extra($of; $name; $factor; $unit):
  $of.figures[$name].value.median // empty | "\(. * $factor | number) \($unit)";

.machine as $m
| "#\($m.date), \($m.kernel), \($m.cpu), \($m.processors) processors, congestion control \($m.congestion_control)",
  "#\($m.rounds) rounds of \($m.seconds) s; the ratio is to the kernel's figure of the same round; \($m.version)",
  (.results[] as $r
    | "=\($r.measure): \($r.text), \($r.unit), \($r.better) is better",
      ($r.candidates | sort_by(.candidate != "kernel", .candidate)[]
        | . as $of
        | .figures[$r.figure] as $f
        | [.candidate, ($f.value | .min, .median, .max | number),
           (if $f.to_kernel then ($f.to_kernel | .min, .median, .max | number) else "-", "-", "-" end),
           ([extra($of; "gbit_in"; 1; "in"), extra($of; "gbit_out"; 1; "out"), extra($of; "p99_us"; 1; "µs p99"),
             extra($of; "lost_percent"; 1; "% lost"),
             extra($of; "server_cpu_per_gb"; 1; "s/GB"), extra($of; "server_cpu_per_op"; 1e6; "µs CPU each"),
             extra($of; "server_peak_mb"; 1; "MB peak"), extra($of; "calls_per_frame"; 1; "calls/frame"),
             extra($of; "io_calls_per_frame"; 1; "of the driver at full speed"),
             extra($of; "copies_per_frame"; 1; "copied"),
             extra($of; "open_per_second"; 1; "opened/s")] | join(", "))]
        | join("\t")))
