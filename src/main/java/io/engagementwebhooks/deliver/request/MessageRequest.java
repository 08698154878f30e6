package io.engagementwebhooks.deliver.request;

import io.engagementwebhooks.deliver.Delivery;
import io.engagementwebhooks.deliver.DeliveryContext;
import io.engagementwebhooks.deliver.Timing;
import io.engagementwebhooks.deliver.judge.NothingSentException;
import io.engagementwebhooks.webhook.Target;
import io.engagementwebhooks.webhook.signing.Signing;
import io.engagementwebhooks.webhook.template.BodyFault;
import io.engagementwebhooks.webhook.template.BoundedText;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.camel.Exchange;
import org.apache.camel.Message;

/**
 * Reads and writes the request on a Camel message: {@value #METHOD}, {@value #URL}, {@value #QUERY}, headers and body
 * bytes. Camel's HTTP component ignores these names, and no Camel component sends headers with their prefix. Only
 * headers that our steps set, the webhook's headers, and those that a step declares are sent. Stateless.
 */
public final class MessageRequest {

    static final String METHOD = "CamelReceiverMethod";

    static final String URL = "CamelReceiverUrl";

    /** The query of the URL, a {@link Credential}: it may hold keys. */
    static final String QUERY = "CamelReceiverQuery";

    /**
     * The most bytes of names and values of the webhook's headers, and of declared headers; IIS and Node accept no
     * more.
     */
    static final int LARGEST_HEADERS = 16 << 10;

    /** Headers that our steps set. */
    private static final Set<String> OURS = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);

    private static final List<String> METHODS = List.of("POST", "PUT", "PATCH", "DELETE", "GET");

    /** A faulty route needs an edit. */
    private static final Duration RETRY = Duration.ofMinutes(1);

    static {
        OURS.addAll(RequestBuilding.NAMES);
        OURS.addAll(RequestSigning.NAMES);
    }

    private MessageRequest() {}

    /** Sets the headers for method and URL. */
    static void putTarget(Map<String, Object> headers, String method, URI url) {
        headers.put(METHOD, method);
        String text = url.toString();
        int query = text.indexOf('?');
        headers.put(URL, query < 0 ? text : text.substring(0, query));
        if (query >= 0) {
            headers.put(QUERY, Credential.of(text.substring(query + 1), url));
        }
    }

    /**
     * The URL of a message's request; the webhook's URL if no header sets it.
     *
     * @param known the webhook's URL
     * @param deadline of the attempt
     * @throws NothingSentException if a step set an invalid URL
     */
    static URI url(Map<String, Object> headers, URI known, Instant deadline) {
        String uri = headers.getOrDefault(URL, known).toString();
        Object query = headers.get(QUERY);
        if (query != null) {
            int other = uri.indexOf('?');
            uri = (other < 0 ? uri : uri.substring(0, other)) + "?" + OutgoingRequest.clear(query);
        }
        try {
            return uri.equals(known.toString()) ? known : new URI(uri);
        } catch (URISyntaxException e) {
            throw routeError("the URL that a step set cannot be read: " + e.getReason(), deadline);
        }
    }

    /** The method of a message's request; the webhook's method if no header sets it. */
    static String method(Map<String, Object> headers, Target.Http target) {
        return headers.getOrDefault(METHOD, target.method()).toString();
    }

    /** Replaces bytes, such as headers of Kafka have, by their text as Camel converts it. */
    static void convertBytes(Message message) {
        message.getHeaders()
                .replaceAll((name, value) -> value instanceof byte[] ? message.getHeader(name, String.class) : value);
    }

    /**
     * The request of an exchange's message.
     *
     * @param declared names of further headers to send, case-insensitive
     * @throws NothingSentException if a step changed a signed part, or the URL of a request with a credential; the
     *     route needs a fix
     */
    public static OutgoingRequest of(Exchange exchange, Set<String> declared) {
        DeliveryContext context = DeliveryContext.of(exchange);
        Message message = exchange.getMessage();
        convertBytes(message);
        RequestSigning.difference(context.signed(), RequestSigning.covered(message, signing(context)))
                .ifPresent(what -> {
                    throw routeError(
                            "a step changed " + what
                                    + " after sign-request, so the signature covers something else; put the"
                                    + " step before sign-request",
                            context.deadline());
                });
        return of(
                context.delivery(),
                context.delivery().receiver(),
                message.getHeaders(),
                (byte[]) message.getBody(),
                declared,
                context.deadline(),
                context.timing());
    }

    /** As above, without a check of the signature. */
    static OutgoingRequest of(
            Delivery delivery,
            Target.Http target,
            Map<String, Object> headers,
            byte[] body,
            Set<String> declared,
            Instant deadline,
            Timing timing) {
        String method = method(headers, target);
        URI url = url(headers, target.url(), deadline);
        if (!METHODS.contains(method)) {
            throw routeError("a step set a method other than " + METHODS, deadline);
        }
        checkOrigin(QUERY, headers.get(QUERY), url, deadline);
        OutgoingRequest request = OutgoingRequest.measured(
                delivery.webhook().account(), url, method, body, deadline, target.tls(), timing);
        int size = 0;
        for (Map.Entry<String, Object> header : headers.entrySet()) {
            String name = header.getKey();
            Object value = header.getValue();
            if (value instanceof Credential && !name.equalsIgnoreCase(QUERY)) {
                checkOrigin(name, value, url, deadline);
                request.add(name, value);
            } else if (value != null && (OURS.contains(name) || isWebhookHeader(name, target))) {
                request.add(name, checked(name, value.toString()));
            } else if (value != null && declared.contains(name)) {
                size += name.length() + value.toString().length();
                request.add(name, Credential.ofStep(name, checked(name, value.toString()), url));
            }
        }
        if (size > LARGEST_HEADERS) {
            throw new BodyFault(BoundedText.breach("the size of all headers", LARGEST_HEADERS));
        }
        return request;
    }

    private static boolean isWebhookHeader(String name, Target.Http target) {
        if (target.headers().containsKey(name)
                || target.signing().custom().filter(custom -> custom.sets(name)).isPresent()) {
            return true;
        }
        for (String own : target.headers().keySet()) {
            if (own.equalsIgnoreCase(name)) {
                return true;
            }
        }
        return false;
    }

    /** Prevents header injection by values of an event. */
    private static String checked(String name, String value) {
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c < ' ' && c != '\t' || c > '~') {
                throw new BodyFault("the value of header " + name + " holds a character that is not printable ASCII");
            }
        }
        return value;
    }

    private static void checkOrigin(String name, Object value, URI url, Instant deadline) {
        if (value instanceof Credential credential && !credential.isFor(url)) {
            throw routeError(
                    "a step changed the URL to " + Credential.origin(url) + ", and " + name + " holds a credential for "
                            + credential.origin() + "; remove the header before",
                    deadline);
        }
    }

    private static NothingSentException routeError(String why, Instant deadline) {
        return new NothingSentException("Not sent: " + why, deadline.plus(RETRY), true);
    }

    /** Puts the last request on the message again, to be resent as it was signed. */
    public static void putAgain(Exchange exchange) {
        DeliveryContext context = DeliveryContext.of(exchange);
        OutgoingRequest sent = context.request();
        Message message = exchange.getMessage();
        message.removeHeaders("*");
        putTarget(message.getHeaders(), sent.method(), sent.url());
        sent.forEach(message::setHeader);
        message.setBody(sent.body());
        // a step may have set method, URL and query in a different form
        context.signed(RequestSigning.covered(message, signing(context)));
    }

    private static Signing signing(DeliveryContext context) {
        return context.delivery().receiver().signing();
    }
}
