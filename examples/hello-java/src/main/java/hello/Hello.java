package hello;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executors;

/** A web app of the JDK alone that greets. */
public final class Hello {
  private static final int DRAIN_SECONDS = 10;

  public static void main(String[] args) throws IOException {
    int port = Integer.parseInt(System.getenv().getOrDefault("PORT", "5000"));
    HttpServer server = HttpServer.create(new InetSocketAddress(port), 0);
    server.createContext("/", Hello::greet);
    server.setExecutor(Executors.newFixedThreadPool(8));
    // The platform stops an instance with SIGTERM: finish what runs, take nothing new.
    Runtime.getRuntime().addShutdownHook(new Thread(() -> server.stop(DRAIN_SECONDS)));
    server.start();
    System.out.println("hello-java listens on port " + port);
  }

  private static void greet(HttpExchange exchange) throws IOException {
    boolean isHome = exchange.getRequestURI().getPath().equals("/");
    String name = System.getenv().getOrDefault("NAME", "dcdget");
    String text = isHome ? "Hello from Java, " + name + "!\n" : "There is nothing here.\n";
    byte[] body = text.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "text/plain; charset=utf-8");
    exchange.sendResponseHeaders(isHome ? 200 : 404, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }
}
