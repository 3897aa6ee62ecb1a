/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Segments made by hand, which lwIP's TCP would not send or not on command: whatever the driver joins, cutting the
 * large frames gives back the segments that were put in, in order, and nothing else.  libfeth cuts as the kernel does
 * (tests/unit/test_offload.c has that).
 */
#include "fethif_rig.h"

#include "../../netif/fethif_priv.h"
#include "core/offload.h"

#define SIZE     1000 /* of a full segment */
#define SEGMENTS 64
#define RIG_URG  32
#define RIG_ECE  64
#define RIG_CWR  128

static struct rig rig;
static struct rig_frame in;

/* ---- segments ----------------------------------------------------------------------------------------------- */

struct segment {
    int version;
    bool udp; /* a datagram: what is TCP's does not count */
    bool no_checksum;
    bool other_mac, other_address;
    unsigned tos, ttl, dont_fragment;
    size_t ip_options; /* bytes, of IPv4 */
    uint16_t from, to;
    uint32_t seq, ack;
    unsigned flags, window, urgent;
    size_t options; /* bytes of TCP options, */
    uint32_t stamp; /* which are a timestamp */
    size_t len;
};

static const struct segment plain = {
    .version = 4,
    .ttl = 64,
    .from = 80,
    .to = 40000,
    .seq = 0xffffff00, /* wraps around within the run */
    .ack = 1000,
    .flags = RIG_ACK,
    .window = 5000,
    .len = SIZE,
};

static size_t ip_header(const uint8_t *frame)
{
    return frame[14] >> 4 == 4 ? (frame[14] & 15) * 4u : 40;
}

static uint8_t protocol_of(const uint8_t *frame)
{
    return frame[14] >> 4 == 4 ? frame[23] : frame[20];
}

/* Over pseudo-header and segment, wherever the segment starts. */
static uint16_t l4_sum(const uint8_t *frame)
{
    size_t ip = ip_header(frame);
    bool ip4 = frame[14] >> 4 == 4;
    size_t len = ip4 ? rig_be16(frame + 16) - ip : rig_be16(frame + 18);
    uint32_t sum = ip4 ? rig_sum(0, frame + 26, 8) : rig_sum(0, frame + 22, 32);

    return rig_fold(rig_sum(rig_fold(sum + protocol_of(frame) + (uint32_t)len), frame + 14 + ip, len));
}

static void put_ip4(const struct segment *s, uint8_t *ip, size_t len)
{
    static unsigned id;
    static const uint8_t options[12] = {7, 11, 4}; /* record route */
    size_t header = 20 + s->ip_options;

    memset(ip, 0, header);
    ip[0] = (uint8_t)(0x40 | header / 4);
    ip[1] = (uint8_t)s->tos;
    rig_put16(ip + 2, (unsigned)(header + len));
    rig_put16(ip + 4, id++ & 0xffff);
    rig_put16(ip + 6, s->dont_fragment ? 0x4000 : 0);
    ip[8] = (uint8_t)s->ttl;
    ip[9] = s->udp ? 17 : 6;
    memcpy(ip + 12, rig_ip4[1], 4);
    memcpy(ip + 16, rig_ip4[0], 4);
    ip[15] ^= s->other_address;
    memcpy(ip + 20, options, s->ip_options);
    rig_put16(ip + 10, (uint16_t)~rig_sum(0, ip, header));
}

static void put_ip6(const struct segment *s, uint8_t *ip, size_t len)
{
    memset(ip, 0, 40);
    ip[0] = (uint8_t)(0x60 | s->tos >> 4);
    ip[1] = (uint8_t)(s->tos << 4);
    rig_put16(ip + 4, (unsigned)len);
    ip[6] = s->udp ? 17 : 6;
    ip[7] = (uint8_t)s->ttl;
    memcpy(ip + 8, rig_ip6[1], 16);
    memcpy(ip + 24, rig_ip6[0], 16);
    ip[23] ^= s->other_address;
}

static void put_tcp(const struct segment *s, uint8_t *tcp, size_t header)
{
    memset(tcp, 0, header);
    rig_put32(tcp + 4, s->seq);
    rig_put32(tcp + 8, s->ack);
    tcp[12] = (uint8_t)(header / 4 << 4);
    tcp[13] = (uint8_t)s->flags;
    rig_put16(tcp + 14, s->window);
    rig_put16(tcp + 18, s->urgent);
    if (s->options) {
        memcpy(tcp + 20, "\1\1\10\12", 4);
        rig_put32(tcp + 24, s->stamp);
    }
}

/* A frame as lwIP makes it: of UDP it makes the checksum itself.  @return its length */
static size_t build(const struct segment *s, uint8_t *frame)
{
    size_t header = s->udp ? 8 : 20 + s->options, l4 = 14 + (s->version == 4 ? 20 + s->ip_options : 40);
    uint8_t *at = frame + l4;

    memcpy(frame, rig_mac, 6);
    frame[5] ^= s->other_mac;
    memcpy(frame + 6, rig_stack_mac, 6);
    rig_put16(frame + 12, s->version == 4 ? 0x0800 : 0x86dd);
    if (s->version == 4)
        put_ip4(s, frame + 14, header + s->len);
    else
        put_ip6(s, frame + 14, header + s->len);
    if (s->udp) {
        rig_put16(at + 4, (unsigned)(header + s->len));
        rig_put16(at + 6, 0);
    } else {
        put_tcp(s, at, header);
    }
    rig_put16(at, s->from);
    rig_put16(at + 2, s->to);
    for (size_t i = 0; i < s->len; i++)
        at[header + i] = (uint8_t)((s->seq + i) * 7 + ((s->seq + i) >> 8));
    if (s->udp && !s->no_checksum)
        rig_put16(at + 6, (uint16_t)~l4_sum(frame));
    return l4 + header + s->len;
}

/* To the driver in that many pbufs, the headers in the first. */
static void hand_over(const struct segment *s, unsigned pieces)
{
    static uint8_t frame[70000];
    size_t len = build(s, frame), at = len - s->len;
    struct pbuf *p = pbuf_alloc(PBUF_RAW, (u16_t)(pieces > 1 ? at : len), PBUF_RAM);

    assert_non_null(p);
    for (unsigned i = 1; i < pieces; i++) {
        size_t n = i + 1 < pieces ? (len - at) / 2 : len - at;
        struct pbuf *piece = pbuf_alloc(PBUF_RAW, (u16_t)n, PBUF_RAM);
        assert_non_null(piece);
        pbuf_cat(p, piece);
        at += n;
    }
    assert_int_equal(pbuf_take(p, frame, (u16_t)len), ERR_OK);
    assert_int_equal(rig.netif.linkoutput(&rig.netif, p), ERR_OK);
    pbuf_free(p);
}

/* ---- what comes out ----------------------------------------------------------------------------------------- */

/* What cutting is free to choose: the IPv4 identification, PSH within a run, and with them the sums. */
static void normalise(uint8_t *frame)
{
    uint8_t *ip = frame + 14, *l4 = ip + ip_header(frame);

    if (frame[14] >> 4 == 4) {
        memset(ip + 4, 0, 2);
        memset(ip + 10, 0, 2);
    }
    if (protocol_of(frame) == 17) {
        memset(l4 + 6, 0, 2);
        return;
    }
    l4[13] &= (uint8_t)~RIG_PSH;
    memset(l4 + 16, 0, 2);
}

static void assert_segment(const struct segment *s, uint8_t *frame, size_t len)
{
    static uint8_t want[70000];
    size_t want_len = build(s, want);

    if (s->no_checksum && s->udp)
        assert_int_equal(rig_be16(frame + 14 + ip_header(frame) + 6), 0);
    else
        assert_int_equal(l4_sum(frame), 0xffff);
    if (s->version == 4)
        assert_int_equal(rig_fold(rig_sum(0, frame + 14, ip_header(frame))), 0xffff);
    assert_int_equal(len, want_len);
    normalise(frame);
    normalise(want);
    assert_memory_equal(frame, want, len);
}

/* Cut one frame and compare it with the segments from there on.  @return how many it was */
static unsigned assert_frame(const struct segment *s, unsigned left)
{
    static uint8_t piece[FETH_FRAME_MAX];
    struct feth_frame frame = {.data = in.data, .len = (uint32_t)in.len, .offload = in.offload};
    struct feth_gso gso;
    unsigned n = 0, push = 0, pushed = 0;
    size_t len;

    assert_true(feth_offload_valid(&frame.offload, frame.len));
    if (in.offload.gso_type == FETH_GSO_NONE) {
        assert_int_equal(in.offload.flags, s->udp ? 0 : FETH_CSUM_NEEDED);
        feth_offload_complete(&frame);
        if (!s->udp)
            assert_int_equal(in.data[in.offload.csum_start + 13] & RIG_PSH, s->flags & RIG_PSH);
        assert_segment(s, in.data, in.len);
        return 1;
    }
    assert_int_equal(in.offload.flags, FETH_CSUM_NEEDED);
    /* whoever takes it whole finds its lengths right */
    size_t l3 = in.data[14] >> 4 == 4 ? rig_be16(in.data + 16) : 40u + rig_be16(in.data + 18);
    assert_int_equal(l3, in.len - 14);
    if (s->udp)
        assert_int_equal(rig_be16(in.data + in.offload.csum_start + 4), in.len - in.offload.csum_start);
    assert_true(feth_gso_begin(&gso, &frame));
    assert_int_equal(gso.headers, in.offload.hdr_len);
    while ((len = feth_gso_next(&gso, piece)) > 0) {
        assert_true(n < left);
        if (!s->udp) {
            push |= s[n].flags & RIG_PSH;
            pushed = piece[gso.transport + 13] & RIG_PSH;
        }
        assert_segment(&s[n], piece, len);
        n++;
    }
    assert_true(n > 1);
    assert_int_equal(pushed, push); /* none is lost, though it may come later */
    return n;
}

/* Hand segments over in one turn.  @return the number of frames that they became */
static unsigned pass(const struct segment *segments, unsigned n, unsigned pieces)
{
    unsigned frames = 0, done = 0;

    rig.f->in_turn = true;
    for (unsigned i = 0; i < n; i++)
        hand_over(&segments[i], pieces);
    rig.f->in_turn = false;
    fethif_flush(rig.f);
    for (; rig_recv(&rig, &in); frames++) {
        assert_true(done < n);
        done += assert_frame(segments + done, n - done);
    }
    assert_int_equal(done, n);
    return frames;
}

/* ---- one difference ----------------------------------------------------------------------------------------- */

#define DIFFERENCE(name, code)                                                                               \
    static void name(struct segment *s)                                                                      \
    {                                                                                                        \
        code;                                                                                                \
    }

DIFFERENCE(nothing, (void)s)
DIFFERENCE(push, s->flags |= RIG_PSH)
DIFFERENCE(shorter, s->len = 1)
DIFFERENCE(fin, s->flags |= RIG_FIN)
DIFFERENCE(syn, s->flags |= RIG_SYN)
DIFFERENCE(reset, s->flags |= 4)
DIFFERENCE(no_ack, s->flags = 0)
DIFFERENCE(urgent, (s->flags |= RIG_URG, s->urgent = 10))
DIFFERENCE(urgent_pointer, s->urgent = 10)
DIFFERENCE(ece, s->flags |= RIG_ECE)
DIFFERENCE(cwr, s->flags |= RIG_CWR)
DIFFERENCE(window, s->window++)
DIFFERENCE(ack, s->ack++)
DIFFERENCE(gap, s->seq++)
DIFFERENCE(overlap, s->seq--)
DIFFERENCE(longer, s->len++)
DIFFERENCE(empty, s->len = 0)
DIFFERENCE(source_port, s->from++)
DIFFERENCE(destination_port, s->to++)
DIFFERENCE(timestamp, s->stamp++)
DIFFERENCE(more_options, s->options = s->options ? 0 : 12)
DIFFERENCE(tos, s->tos ^= 0x10)
DIFFERENCE(ecn, s->tos ^= 3)
DIFFERENCE(ttl, s->ttl--)
DIFFERENCE(dont_fragment, s->dont_fragment ^= s->version == 4)
DIFFERENCE(ip_options, s->ip_options ^= s->version == 4 ? 12 : 0)
DIFFERENCE(address, s->other_address = true)
DIFFERENCE(mac, s->other_mac = true)
DIFFERENCE(other_protocol, s->udp = !s->udp)
DIFFERENCE(no_checksum, s->no_checksum = true)

struct difference {
    void (*make)(struct segment *);
    /* whether two segments go together if it is the second that differs, the first, or both */
    bool second, first, both;
};

static const struct difference differences[] = {
    {nothing, true, true, true},
    {push, true, true, true},
    {shorter, true, false, true},
    {fin, true, false, false},
    {longer, false, true, true},
    {syn, false, false, false},
    {reset, false, false, false},
    {no_ack, false, false, false},
    {urgent, false, false, false},
    {urgent_pointer, false, false, true}, /* without URG it means nothing, but stays what it is */
    {ece, false, false, false},
    {cwr, false, false, false},
    {window, false, false, true},
    {ack, false, false, true},
    {gap, false, false, true},
    {overlap, false, false, true},
    {empty, false, false, false},
    {source_port, false, false, true},
    {destination_port, false, false, true},
    {timestamp, false, false, true},
    {more_options, false, false, true},
    {tos, false, false, true},
    {ecn, false, false, true},
    {ttl, false, false, true},
    {dont_fragment, false, false, true},
    {ip_options, false, false, true},
    {address, false, false, true},
    {mac, false, false, true},
    {other_protocol, false, false, true},
    {no_checksum, true, true, true}, /* TCP has one */
};
enum { DIFFERENCES = sizeof(differences) / sizeof(differences[0]) };

/* Datagrams: what is TCP's is none. */
static const struct difference of_datagrams[] = {
    {nothing, true, true, true},
    {ack, true, true, true},
    {shorter, true, false, true},
    {longer, false, true, true},
    {empty, false, false, false},
    {source_port, false, false, true},
    {destination_port, false, false, true},
    {tos, false, false, true},
    {ecn, false, false, true},
    {ttl, false, false, true},
    {dont_fragment, false, false, true},
    {ip_options, false, false, true},
    {address, false, false, true},
    {mac, false, false, true},
    {other_protocol, false, false, true},
    {no_checksum, false, false, false}, /* each would get one when they are cut */
};
enum { OF_DATAGRAMS = sizeof(of_datagrams) / sizeof(of_datagrams[0]) };

static void open_rig(void)
{
    rig_open(&rig, &(struct rig_config){.offload = true});
}

/* Two segments, of which the second follows the first, and differs, or not. */
static void pair(const struct segment *base, const struct difference *d, bool first, bool second,
                 unsigned pieces)
{
    struct segment s[2] = {*base, *base};
    bool number = d->make == gap || d->make == overlap,
         ip4 = d->make == dont_fragment || d->make == ip_options;
    bool together = first ? second ? d->both : d->first : d->second;

    if (first)
        d->make(&s[0]);
    s[1].seq = s[0].seq + (uint32_t)s[0].len;
    if (second && !(first && number)) /* the number that the first begins with is any */
        d->make(&s[1]);
    if ((base->version == 6 && ip4) || (first && number))
        together = true;
    unsigned frames = pass(s, 2, pieces);
    if (frames != (together ? 1u : 2u))
        fail_msg("IPv%d, %s, difference %td in %s%s: %u frames", base->version, base->udp ? "UDP" : "TCP",
                 base->udp ? d - of_datagrams : d - differences, first ? "the first" : "",
                 second ? " the second" : "", frames);
}

static void one_difference(const struct segment *base, const struct difference *d)
{
    for (unsigned pieces = 1; pieces <= 3; pieces++) {
        pair(base, d, false, true, pieces);
        pair(base, d, true, false, pieces);
        pair(base, d, true, true, pieces);
    }
}

static void test_one_difference(void **state)
{
    (void)state;
    struct segment base = plain;

    open_rig();
    for (base.version = 4; base.version <= 6; base.version += 2) {
        base.udp = false;
        base.options = 12;
        for (unsigned i = 0; i < DIFFERENCES; i++)
            one_difference(&base, &differences[i]);
        base.udp = true;
        base.options = 0;
        for (unsigned i = 0; i < OF_DATAGRAMS; i++)
            one_difference(&base, &of_datagrams[i]);
    }
    rig_close(&rig);
}

/* What differs in the middle of a run, and from there on. */
static void test_change_in_a_run(void **state)
{
    (void)state;
    struct segment s[9];

    open_rig();
    for (int version = 4; version <= 6; version += 2)
        for (unsigned i = 0; i < DIFFERENCES; i++)
            for (int from_there_on = 0; from_there_on < 2; from_there_on++) {
                uint32_t seq = plain.seq;
                for (unsigned k = 0; k < 9; k++) {
                    s[k] = plain;
                    s[k].version = version;
                    s[k].seq = seq;
                    if (k == 4 || (k > 4 && from_there_on))
                        differences[i].make(&s[k]);
                    seq = s[k].seq + (uint32_t)s[k].len;
                }
                pass(s, 9, 1);
            }
    rig_close(&rig);
}

/* ---- anything ----------------------------------------------------------------------------------------------- */

static uint32_t random_state = 1;

static unsigned random_below(unsigned n)
{
    random_state = random_state * 1664525u + 1013904223u;
    return (random_state >> 8) % n;
}

static void test_anything(void **state)
{
    (void)state;
    struct segment next[5] = {plain, plain, plain, plain, plain}, s[SEGMENTS];
    unsigned segments = 0, frames = 0;

    open_rig();
    next[1].version = 6;
    next[2].from++;
    next[2].options = 12;
    next[3].udp = next[4].udp = true;
    next[4].version = 6;
    for (int round = 0; round < 1000; round++) {
        unsigned n = 1 + random_below(SEGMENTS), connection = 0;
        for (unsigned i = 0; i < n; i++) {
            if (random_below(8) == 0)
                connection = random_below(5);
            s[i] = next[connection];
            if (random_below(16) == 0)
                s[i].len = 1 + random_below(SIZE);
            if (random_below(16) == 0)
                differences[random_below(DIFFERENCES)].make(&s[i]);
            next[connection].seq = s[i].seq + (uint32_t)s[i].len;
            if (random_below(16) == 0)
                next[connection].ack++;
        }
        frames += pass(s, n, 1 + random_below(4));
        segments += n;
    }
    print_message("%u segments in %u frames\n", segments, frames);
    assert_true(frames < segments / 2);
    rig_close(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_difference),
        cmocka_unit_test(test_change_in_a_run),
        cmocka_unit_test(test_anything),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
