# SPDX-License-Identifier: Apache-2.0
# What a page says, from mandoc's HTML of it: one fact a line, in lower case, with tabs between.
#
#     section NAME            a subsection
#     term    SECTION TEXT    what a list explains: an option with its value, a key
#     usage   COMMAND FLAG    an option in SYNOPSIS; without commands COMMAND is empty
#     flag    FLAG            an option anywhere
{ page = page " " $0 }

function clean(text) {
    gsub(/[ \t]+/, " ", text)
    gsub(/^ | $/, "", text)
    return tolower(text)
}

END {
    n = split(page, parts, "<")
    for (i = 2; i <= n; i++) {
        at = index(parts[i], ">")
        tag = substr(parts[i], 1, at - 1)
        text = substr(parts[i], at + 1)
        if (tag ~ /^(h[12]|dt)( |$)/)
            kept = ""
        else if (tag == "/h1" || tag == "/h2")
            section = clean(kept)
        if (tag == "/h2")
            print "section\t" section
        if (tag == "/dt")
            print "term\t" section "\t" clean(kept)
        if (tag == "table class=\"Nm\"")
            command = ""
        if (tag == "code class=\"Cm\"" && command == "")
            command = clean(text)
        if (tag ~ /^code class="Fl"/) {
            print "flag\t" clean(text)
            if (section == "synopsis")
                print "usage\t" command "\t" clean(text)
        }
        kept = kept text
    }
}
