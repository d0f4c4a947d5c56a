/*
 * What this machine can do at all: one read and one write per wake-up, nothing else.
 * Answers every packet that ends with "\r\n\r\n" with the same fixed response as the
 * other contenders. One thread; listens on 127.0.0.1.
 *
 * Usage: limit PORT
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define EVENTS 512

static const char response[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK";
static const size_t response_length = sizeof response - 1;

static char input[1 << 16];
static char output[1 << 18];

static void serve(int client)
{
    ssize_t received = read(client, input, sizeof input);
    if (received <= 0) {
        close(client);
        return;
    }
    char *next = input, *end = input + received;
    size_t length = 0;
    while ((next = memmem(next, end - next, "\r\n\r\n", 4)) != NULL) {
        if (length + response_length > sizeof output)
            break;
        memcpy(output + length, response, response_length);
        length += response_length;
        next += 4;
    }
    if (length > 0 && write(client, output, length) != (ssize_t) length)
        close(client);
}

static void accept_all(int listener, int poll)
{
    int on = 1, client;
    while ((client = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
        setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        struct epoll_event event = { .events = EPOLLIN, .data.fd = client };
        epoll_ctl(poll, EPOLL_CTL_ADD, client, &event);
    }
}

int main(int count, char **arguments)
{
    if (count != 2) {
        fprintf(stderr, "Usage: limit PORT\n");
        return 2;
    }
    int on = 1;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons(atoi(arguments[1])),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK)
    };
    if (bind(listener, (struct sockaddr *) &address, sizeof address) != 0 || listen(listener, 1024) != 0) {
        perror("limit");
        return 1;
    }
    int poll = epoll_create1(0);
    struct epoll_event event = { .events = EPOLLIN, .data.fd = listener };
    epoll_ctl(poll, EPOLL_CTL_ADD, listener, &event);
    struct epoll_event ready[EVENTS];
    for (;;) {
        int events = epoll_wait(poll, ready, EVENTS, -1);
        for (int i = 0; i < events; i++) {
            if (ready[i].data.fd == listener)
                accept_all(listener, poll);
            else
                serve(ready[i].data.fd);
        }
    }
}
