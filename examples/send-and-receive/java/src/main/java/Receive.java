import com.standardwebhooks.Webhook;
import com.standardwebhooks.exceptions.WebhookVerificationException;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.http.HttpHeaders;
import java.nio.charset.StandardCharsets;

/** Receives requests and verifies their signatures. */
public final class Receive {

    public static void main(String[] args) throws IOException {
        Webhook webhook = new Webhook(System.getenv("ACME_SIGNING_SECRET"));
        HttpServer server = HttpServer.create(new InetSocketAddress(Integer.parseInt(System.getenv("PORT"))), 0);
        server.createContext("/", exchange -> receive(webhook, exchange));
        server.start();
    }

    private static void receive(Webhook webhook, HttpExchange exchange) throws IOException {
        try (exchange) {
            String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            try {
                webhook.verify(body, HttpHeaders.of(exchange.getRequestHeaders(), (name, value) -> true));
            } catch (WebhookVerificationException e) {
                exchange.sendResponseHeaders(401, -1);
                return;
            }
            // store it here by its webhook-id, respond, then process it
            System.out.println(exchange.getRequestHeaders().getFirst("webhook-id") + " " + body);
            exchange.sendResponseHeaders(204, -1);
        }
    }
}
