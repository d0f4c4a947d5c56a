package io.swoole.server;

/**
 * Something the server listens on. Swoole: {@code Swoole\Server\Port}.
 *
 * @param name the name; the first listener is called {@code main}
 * @param type the kind of socket
 * @param host the local address as configured
 * @param port the bound port
 * @param ssl whether connections are encrypted
 */
public record Listener(String name, ListenerType type, String host, int port, boolean ssl) {

}
