# SPDX-License-Identifier: Apache-2.0
# For chart.gnuplot: a line for each measure, a group of columns for each candidate: ratio median, min, max.
([.results[].candidates[].candidate] | unique | map(select(. != "kernel"))) as $names
| (["measure"] + [$names[] | ., "min", "max"] | map("\"\(.)\"") | join("\t")),
  (.results[] as $r
    | ["\"\($r.measure)\(if $r.better == "less" then " (less is better)" else "" end)\""]
      + [$names[] as $name
          | [$r.candidates[] | select(.candidate == $name).figures[$r.figure].to_kernel | values][0]
          | if . then .median, .min, .max else "NaN", "NaN", "NaN" end]
    | map(tostring) | join("\t"))
