# SPDX-License-Identifier: Apache-2.0
# Takes what Go (syscall, x/sys/unix: const and type … struct) and Rust (libc: pub const and pub struct) say of macOS
# out of their sources, and prints it in C's words, one fact a line:
#
#     NAME VALUE
#     sizeof STRUCT SIZE
#     offsetof STRUCT.MEMBER OFFSET SIZE
#
# Layouts are worked out as the compiler does for 64 bits: each member at a multiple of its alignment.

BEGIN {
    n = split("uint8 int8 byte u8 i8 c_uchar c_char c_schar sa_family_t", list); for (i = 1; i <= n; i++) scalar[list[i]] = 1
    n = split("uint16 int16 u16 i16 c_ushort c_short in_port_t", list); for (i = 1; i <= n; i++) scalar[list[i]] = 2
    n = split("uint32 int32 u32 i32 c_uint c_int in_addr_t pid_t suseconds_t", list); for (i = 1; i <= n; i++) scalar[list[i]] = 4
    n = split("uint64 int64 uintptr u64 i64 c_ulong c_long time_t size_t", list); for (i = 1; i <= n; i++) scalar[list[i]] = 8
    # in6_addr has an alignment in a file of its own
    scalar["in_addr"] = 4
    type_of["in6_addr", 1] = "[u32; 4]"; count["in6_addr"] = 1

    # Go's names: without C's prefix, which is given here
    n = split("RawSockaddr sockaddr sa_ RawSockaddrInet4 sockaddr_in sin_ RawSockaddrInet6 sockaddr_in6 sin6_ " \
              "RawSockaddrDatalink sockaddr_dl sdl_ Timeval timeval tv_ Timeval32 timeval32 tv_ IfData if_data ifi_ " \
              "BpfHdr bpf_hdr bh_ BpfStat bpf_stat bs_ BpfVersion bpf_version bv_ KinfoProc kinfo_proc kp_ " \
              "ExternProc extern_proc -", list)
    for (i = 1; i <= n; i += 3) {
        c_name[list[i]] = list[i + 1]
        prefix[list[i]] = list[i + 2] == "-" ? "" : list[i + 2]
        go_size["Sizeof" substr(list[i], list[i] ~ /^Raw/ ? 4 : 1)] = list[i + 1]
    }
}

function member(text) {
    if (leave_out) {
        leave_out = 0
        return
    }
    count[struct]++
    type_of[struct, count[struct]] = text
}

{ sub(/\/[\/*].*/, "") }

# ---- Go
$1 == "const" && $3 == "=" { go_constant($2, $4); next }
struct == "" && $2 == "=" && NF == 3 { go_constant($1, $3); next }
$1 == "type" && $3 == "struct" && $4 == "{" { struct = $2; structs[++n_structs] = struct; next }
struct != "" && $1 == "}" { struct = ""; next }
struct != "" && $1 != "pub" && NF == 2 && /^\t/ {
    member($2)
    name = tolower(substr($1, 1, 1)) substr($1, 2)
    name_of[struct, count[struct]] = $1 == "_" || $1 ~ /^Pad_cgo/ ? "" : prefix[struct] name
    next
}

function go_constant(name, value) {
    if (value !~ /^-?(0x[0-9a-f]+|[0-9]+)$/)
        return
    if (name in go_size)
        print "sizeof", go_size[name], value
    else
        print name, value
}

# ---- Rust
/repr\(packed\(4\)\)/ { pack = 4; next }
/cfg\(target_pointer_width = "32"\)/ { leave_out = 1; next }
$1 == "pub" && $2 == "const" {
    leave_out = 0
    if (match($0, /const [A-Za-z0-9_]+:/)) {
        name = substr($0, RSTART + 6, RLENGTH - 7)
        value = $0
        if (sub(/^.*= */, "", value) && sub(/;.*$/, "", value)) {
            if (value ~ /^-?(0x[0-9a-fA-F_]+|[0-9]+)$/)
                gsub(/_/, "", value)
            else if (value in rust_value) # another's name
                value = rust_value[value]
            else
                next
            rust_value[name] = value
            print name, value
        }
    }
    next
}
$1 == "pub" && $2 == "struct" && $4 == "{" {
    leave_out = 0
    struct = $3
    structs[++n_structs] = struct
    c_name[struct] = struct
    packed[struct] = pack
    pack = 0
    next
}
struct != "" && $1 == "pub" && $2 ~ /:$/ {
    name = $2
    sub(/:$/, "", name)
    text = $0
    sub(/^ *pub [A-Za-z0-9_]+: */, "", text)
    sub(/,? *$/, "", text)
    left = leave_out
    member(text)
    if (!left)
        name_of[struct, count[struct]] = name
}

# ---- layouts

# Sets size and alignment of a type; false if it is not known.
function measure(text,    times, element) {
    gsub(/crate::|::/, "", text)
    times = 1
    if (match(text, /^\[[0-9]+\]/)) { # Go's array
        times = substr(text, 2, RLENGTH - 2) + 0
        text = substr(text, RLENGTH + 1)
    } else if (text ~ /^\[.*; *[0-9]+\]$/) { # Rust's
        times = text
        sub(/^.*; */, "", times)
        times += 0
        sub(/^\[/, "", text)
        sub(/;.*$/, "", text)
    }
    if (text ~ /^\*/)
        size = alignment = 8
    else if (text in scalar)
        size = alignment = scalar[text]
    else if (!lay_out(text))
        return 0
    size *= times
    return 1
}

# The same for a structure; offset[structure, i] and length[structure, i] are those of its members.
function lay_out(s,    i, at, widest) {
    if (!(s in count) || busy[s])
        return 0
    busy[s] = 1
    at = 0
    widest = 1
    for (i = 1; i <= count[s]; i++) {
        if (!measure(type_of[s, i])) {
            busy[s] = 0
            return 0
        }
        if (packed[s] && alignment > packed[s])
            alignment = packed[s]
        if (alignment > widest)
            widest = alignment
        at += (alignment - at % alignment) % alignment
        offset[s, i] = at
        length_of[s, i] = size
        at += size
    }
    busy[s] = 0
    size = at + (widest - at % widest) % widest
    alignment = widest
    return 1
}

END {
    for (k = 1; k <= n_structs; k++) {
        s = structs[k]
        if (!(s in c_name) || !lay_out(s))
            continue
        print "sizeof", c_name[s], size
        for (j = 1; j <= count[s]; j++)
            if (name_of[s, j] != "")
                print "offsetof", c_name[s] "." name_of[s, j], offset[s, j], length_of[s, j]
    }
}
