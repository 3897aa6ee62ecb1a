# SPDX-License-Identifier: Apache-2.0
# From all runs: for each measure, candidate and figure the range and median, and the same of its ratios to the
# kernel's figure of the same round.
def middle: sort | if length % 2 == 1 then .[(length - 1) / 2] else (.[length / 2 - 1] + .[length / 2]) / 2 end;
def spread: if length > 0 then {min: min, median: middle, max: max} else null end;

. as $runs
| ($runs | map({key: "\(.measure) \(.round)", value: select(.candidate == "kernel").figures}) | from_entries) as $kernel
| (reduce $runs[] as $run ([]; if index([$run.measure]) then . else . + [$run.measure] end)) as $order
| {
    machine: $machine,
    results: [
      $order[] as $measure
      | [$runs[] | select(.measure == $measure)] as $of
      | $of[0] as $one
      | {
          measure: $measure, text: $one.text, figure: $one.figure, unit: $one.unit, better: $one.better,
          candidates: (
            $of | group_by(.candidate) | map({
              candidate: .[0].candidate,
              figures: (
                . as $mine
                | .[0].figures | keys_unsorted | map(. as $name | {
                    key: $name,
                    value: {
                      value: ([$mine[] | .figures[$name] | values] | spread),
                      to_kernel: (
                        [$mine[] | .figures[$name] as $value
                          | $kernel["\(.measure) \(.round)"][$name]? as $base
                          | select($value != null and $base != null and $base != 0) | $value / $base]
                        | spread)
                    }
                  }) | from_entries)
            }))
        }
    ]
  }
