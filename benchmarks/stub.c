/* An MCP server that costs next to nothing: one thread, epoll, keep-alive. It answers every request of a revision 2026-07-28 client (and
 * `initialize` of an older one) with prepared bytes and the request's own id, so that whatever a gateway in front adds is what is measured.
 *
 *   tools/call name=small   about 300 bytes of JSON      name=large  32 KiB of JSON      name=stream  the small one as an SSE event
 *   tools/list              1 tool; 50 where the path starts with /many
 *
 * stub PORT-FILE: listens on a port that the system picks and writes it to PORT-FILE. Loopback only; no input is trusted further than
 * to be found: whatever is not understood closes the connection. `stub -` speaks stdio instead, for gateways that know no other server.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { IN_SIZE = 1 << 16, EVENTS = 256, LARGE = 32 * 1024, MANY = 50 };

struct connection {
    int fd;
    size_t have;         /* bytes in `in` */
    char *out;           /* what the socket did not take yet */
    size_t out_size;
    char in[IN_SIZE + 1];
};

struct slice {
    const char *at;
    size_t size;
};

static char small[400], large[LARGE + 400], one_tool[1024], many_tools[MANY * 300 + 400];

/* ---- just enough JSON: find a key of an object without copying ------------------------------------------------------- */

static const char *skip_space(const char *p, const char *end) {
    while (p < end && (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t')) p++;
    return p;
}

static const char *skip_string(const char *p, const char *end) { /* p at the opening quote; result after the closing one */
    for (p++; p < end; p++) {
        if (*p == '\\') p++;
        else if (*p == '"') return p + 1;
    }
    return end;
}

static const char *skip_value(const char *p, const char *end) {
    int depth = 0;
    while (p < end) {
        if (*p == '"') {
            p = skip_string(p, end);
            if (!depth) return p;
            continue;
        }
        if (*p == '{' || *p == '[') depth++;
        else if (*p == '}' || *p == ']') {
            if (!depth) return p;
            if (!--depth) return p + 1;
        } else if (*p == ',' && !depth) return p;
        p++;
    }
    return end;
}

static struct slice member(struct slice object, const char *key) {
    const char *p = skip_space(object.at, object.at + object.size), *end = object.at + object.size;
    size_t length = strlen(key);
    if (p >= end || *p != '{') return (struct slice){0};
    for (p = skip_space(p + 1, end); p < end && *p == '"';) {
        const char *name = p + 1, *after = skip_string(p, end);
        p = skip_space(after, end);
        if (p >= end || *p != ':') break;
        const char *value = skip_space(p + 1, end);
        p = skip_value(value, end);
        if ((size_t)(after - name - 1) == length && !memcmp(name, key, length)) {
            while (p > value && strchr(" \n\r\t", p[-1])) p--;
            return (struct slice){value, (size_t)(p - value)};
        }
        p = skip_space(p, end);
        if (p < end && *p == ',') p = skip_space(p + 1, end);
    }
    return (struct slice){0};
}

static int is(struct slice value, const char *text) { /* value: a JSON string, quotes included */
    return value.size == strlen(text) + 2 && !memcmp(value.at + 1, text, value.size - 2);
}

/* ---- answers --------------------------------------------------------------------------------------------------------- */

static void prepare(void) {
    const char *call = "{\"content\":[{\"type\":\"text\",\"text\":\"%.*s\"}],\"isError\":false,\"resultType\":\"complete\"}";
    const char *tool = "{\"name\":\"%s\",\"description\":\"What the benchmark calls.\",\"inputSchema\":{\"type\":\"object\",\"properties\":"
                       "{\"query\":{\"type\":\"string\"},\"limit\":{\"type\":\"integer\",\"minimum\":1},\"exact\":{\"type\":\"boolean\"}},"
                       "\"required\":[\"query\"]}}";
    char text[LARGE];
    memset(text, 'x', LARGE);
    snprintf(small, sizeof small, call, 200, text);
    snprintf(large, sizeof large, call, LARGE, text);
    const char *names[] = {"small", "large", "stream"};
    size_t n = (size_t)snprintf(one_tool, sizeof one_tool, "{\"tools\":[");
    for (int i = 0; i < 3; i++) {
        if (i) one_tool[n++] = ',';
        n += (size_t)snprintf(one_tool + n, sizeof one_tool - n, tool, names[i]);
    }
    snprintf(one_tool + n, sizeof one_tool - n, "],\"resultType\":\"complete\",\"ttlMs\":3600000,\"cacheScope\":\"public\"}");
    n = (size_t)snprintf(many_tools, sizeof many_tools, "{\"tools\":[");
    for (int i = 0; i < MANY; i++) {
        char name[16];
        snprintf(name, sizeof name, "tool_%d", i);
        if (i) many_tools[n++] = ',';
        n += (size_t)snprintf(many_tools + n, sizeof many_tools - n, tool, name);
    }
    snprintf(many_tools + n, sizeof many_tools - n, "],\"resultType\":\"complete\",\"ttlMs\":3600000,\"cacheScope\":\"public\"}");
}

static const char *result_of(struct slice method, struct slice params, int many, int *stream) {
    if (is(method, "tools/call")) {
        struct slice name = member(params, "name");
        *stream = is(name, "stream");
        return is(name, "large") ? large : small;
    }
    if (is(method, "tools/list")) return many ? many_tools : one_tool;
    if (is(method, "server/discover"))
        return "{\"supportedVersions\":[\"2026-07-28\"],\"capabilities\":{\"tools\":{}},\"resultType\":\"complete\",\"ttlMs\":3600000,"
               "\"cacheScope\":\"public\",\"_meta\":{\"io.modelcontextprotocol/serverInfo\":{\"name\":\"stub\",\"version\":\"1\"}}}";
    if (is(method, "initialize"))
        return "{\"protocolVersion\":\"2025-11-25\",\"capabilities\":{\"tools\":{}},\"serverInfo\":{\"name\":\"stub\",\"version\":\"1\"}}";
    return is(method, "ping") ? "{}" : NULL;
}

static size_t answer(char *out, size_t size, struct slice body, int many) {
    struct slice id = member(body, "id"), method = member(body, "method");
    int stream = 0;
    if (!id.at) return (size_t)snprintf(out, size, "HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n");
    const char *result = result_of(method, member(body, "params"), many, &stream);
    const char *before = stream ? "event: message\ndata: " : "", *after = stream ? "\n\n" : "";
    const char *error = "\"error\":{\"code\":-32601,\"message\":\"Method not found\"}";
    size_t length = strlen(before) + strlen(after) + strlen("{\"jsonrpc\":\"2.0\",\"id\":,}") + id.size +
                    (result ? strlen("\"result\":") + strlen(result) : strlen(error));
    size_t n;
    if (stream)
        n = (size_t)snprintf(out, size, "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n%zx\r\n", length);
    else
        n = (size_t)snprintf(out, size, "HTTP/1.1 %s\r\ncontent-type: application/json\r\ncontent-length: %zu\r\n\r\n",
                             result ? "200 OK" : "404 Not Found", length);
    n += (size_t)snprintf(out + n, size - n, "%s{\"jsonrpc\":\"2.0\",\"id\":%.*s,%s%s}%s%s", before, (int)id.size, id.at,
                          result ? "\"result\":" : "", result ? result : error, after, stream ? "\r\n0\r\n\r\n" : "");
    return n;
}

/* ---- connections ----------------------------------------------------------------------------------------------------- */

static void drop(struct connection *c) {
    close(c->fd);
    free(c->out);
    free(c);
}

static int put(struct connection *c, const char *bytes, size_t size, int poll) { /* 0 where the connection is lost */
    ssize_t sent = c->out_size ? 0 : send(c->fd, bytes, size, MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN) return 0;
    if (sent < 0) sent = 0;
    if ((size_t)sent == size) return 1;
    c->out = realloc(c->out, c->out_size + size);
    if (!c->out) return 0;
    memcpy(c->out + c->out_size, bytes + sent, size - (size_t)sent);
    c->out_size += size - (size_t)sent;
    struct epoll_event event = {EPOLLIN | EPOLLOUT, {.ptr = c}};
    return !epoll_ctl(poll, EPOLL_CTL_MOD, c->fd, &event);
}

static int flush(struct connection *c, int poll) {
    ssize_t sent = send(c->fd, c->out, c->out_size, MSG_NOSIGNAL);
    if (sent < 0) return errno == EAGAIN;
    memmove(c->out, c->out + sent, c->out_size - (size_t)sent);
    c->out_size -= (size_t)sent;
    if (c->out_size) return 1;
    struct epoll_event event = {EPOLLIN, {.ptr = c}};
    return !epoll_ctl(poll, EPOLL_CTL_MOD, c->fd, &event);
}

static int serve(struct connection *c, int poll) { /* 0 where the connection is to be closed */
    static char out[LARGE + MANY * 300 + 2048];
    ssize_t got = recv(c->fd, c->in + c->have, IN_SIZE - c->have, 0);
    if (got <= 0) return got < 0 && errno == EAGAIN;
    c->have += (size_t)got;
    for (;;) {
        c->in[c->have] = 0;
        char *head_end = strstr(c->in, "\r\n\r\n");
        if (!head_end) return c->have < IN_SIZE;
        *head_end = 0;
        char *length = strcasestr(c->in, "\r\ncontent-length:");
        size_t size = length ? strtoul(length + 17, NULL, 10) : 0, head = (size_t)(head_end - c->in) + 4;
        int post = !strncmp(c->in, "POST ", 5), many = !strncmp(c->in, "POST /many", 10);
        *head_end = '\r';
        if (size > IN_SIZE - head) return 0;
        if (c->have < head + size) return 1;
        size_t n = post ? answer(out, sizeof out, (struct slice){c->in + head, size}, many)
                        : (size_t)snprintf(out, sizeof out, "HTTP/1.1 405 Method Not Allowed\r\ncontent-length: 0\r\n\r\n");
        if (n >= sizeof out || !put(c, out, n, poll)) return 0;
        c->have -= head + size;
        memmove(c->in, c->in + head + size, c->have);
        if (!c->have) return 1;
    }
}

static int over_stdio(void) { /* one message a line; a result in several lines would be none */
    char *line = NULL;
    size_t room = 0;
    for (ssize_t got; (got = getline(&line, &room, stdin)) > 0; fflush(stdout)) {
        struct slice body = {line, (size_t)got}, id = member(body, "id");
        int stream = 0;
        if (!id.at) continue;
        const char *result = result_of(member(body, "method"), member(body, "params"), 0, &stream);
        printf("{\"jsonrpc\":\"2.0\",\"id\":%.*s,%s%s}\n", (int)id.size, id.at, result ? "\"result\":" : "",
               result ? result : "\"error\":{\"code\":-32601,\"message\":\"Method not found\"}");
    }
    free(line);
    return 0;
}

int main(int argc, char **argv) {
    if (argc != 2) return fprintf(stderr, "usage: stub PORT-FILE | -\n"), 2;
    prepare();
    if (!strcmp(argv[1], "-")) return over_stdio();
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), poll = epoll_create1(0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    if (bind(listener, (struct sockaddr *)&address, size) || listen(listener, 1024)) return perror("listen"), 1;
    getsockname(listener, (struct sockaddr *)&address, &size);
    FILE *file = fopen(argv[1], "w");
    if (!file || fprintf(file, "%d\n", ntohs(address.sin_port)) < 0 || fclose(file)) return perror(argv[1]), 1;
    struct epoll_event event = {EPOLLIN, {.ptr = NULL}}, events[EVENTS];
    epoll_ctl(poll, EPOLL_CTL_ADD, listener, &event);
    for (;;) {
        int count = epoll_wait(poll, events, EVENTS, -1);
        for (int i = 0; i < count; i++) {
            struct connection *c = events[i].data.ptr;
            if (c) {
                int alive = events[i].events & EPOLLOUT ? flush(c, poll) : 1;
                if (alive && events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) alive = serve(c, poll);
                if (!alive) drop(c);
                continue;
            }
            int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK), on = 1;
            if (fd < 0) continue;
            setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
            c = calloc(1, sizeof *c);
            if (!c) return 1;
            c->fd = fd;
            event = (struct epoll_event){EPOLLIN, {.ptr = c}};
            epoll_ctl(poll, EPOLL_CTL_ADD, fd, &event);
        }
    }
}
