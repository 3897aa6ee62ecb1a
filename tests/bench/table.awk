# SPDX-License-Identifier: Apache-2.0
BEGIN { FS = "\t" }
/^#/ { print substr($0, 2); next }
/^=/ {
    printf "\n%s\n", substr($0, 2)
    printf "  %-14s %9s %9s %9s   %7s %7s %7s   %s\n", "", "min", "median", "max", "× min", "median", "max", "of the stack's process"
    next
}
{ printf "  %-14s %9s %9s %9s   %6s %7s %7s   %s\n", $1, $2, $3, $4, $5, $6, $7, $8 }
