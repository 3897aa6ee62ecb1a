# SPDX-License-Identifier: Apache-2.0
# gnuplot -e "data='…'; out='…'; rows=…; candidates=…" chart.gnuplot
set datafile separator tab
set terminal svg size 420 + (60 + 14 * candidates) * rows, 640 font "sans-serif,13" background rgb "white"
set output out
set title "Ratio to the kernel's own stack in the same round (median, and range)"
set style data histogram
set style histogram errorbars gap 1 linewidth 1
set style fill solid 0.8 noborder
set key outside right top noenhanced
set xtics rotate by -40 noenhanced
set grid ytics
set yrange [0:*]
set ylabel "× the kernel"
set arrow from graph 0, first 1 to graph 1, first 1 nohead linewidth 2 front
plot for [i = 1:candidates] data using 3*i-1:3*i:3*i+1:xtic(1) title columnheader(3*i-1)
