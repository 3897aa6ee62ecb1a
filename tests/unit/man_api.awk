# SPDX-License-Identifier: Apache-2.0
# The prototypes of public functions, one a line, without spaces that mean nothing: of headers (FETH_API), or with
# page=1 of a man page's source (.Ft, .Fo, .Fa).
function say(prototype) {
    gsub(/[ \t]+/, " ", prototype)
    gsub(/ ?[*] ?/, "*", prototype)
    gsub(/ ?[(] ?/, "(", prototype)
    gsub(/, /, ",", prototype)
    gsub(/^ | $/, "", prototype)
    print prototype
}

function argument(line) {
    sub(/^[^ ]* /, "", line)
    gsub(/"/, "", line)
    return line
}

page && /^\.Ft / { type = argument($0) }
page && /^\.Fo / { call = type " " argument($0) "("; comma = "" }
page && /^\.Fa / && call { call = call comma argument($0); comma = "," }
page && /^\.Fc/ { say(call ")"); call = "" }
page { next }

# lines of the preprocessor, with those that continue them
/^#/ || continued { continued = /\\$/; next }
{ text = text " " $0 }

END {
    while (!page && (at = index(text, "/*"))) {
        rest = substr(text, at)
        text = substr(text, 1, at - 1) substr(rest, index(rest, "*/") + 2)
    }
    n = split(text, parts, ";")
    for (i = 1; i <= n; i++)
        if (sub(/.*FETH_API /, "", parts[i])) {
            sub(/^ *FETH_MUST_CHECK /, "", parts[i])
            say(parts[i])
        }
}
